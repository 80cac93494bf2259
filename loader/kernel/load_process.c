// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "load_process.h"
#include "util.h"

#define LAZY 19 /* the nice value */
#define FIRST_OTHER 3 /* descriptor behind those of the standard streams */

/* Where a generation has descriptors. */
#define DESCRIPTORS (HOOK_COUNT + MAP_COUNT + EVENT_MAPS + 2 * PCTL_SETS_MAX)

/* What the child says. The descriptors come along, in the order of list_descriptors(), but those
 * that are -1. */
struct answer {
	int error;
	char message[1024];
	struct generation generation;
};

static void list_descriptors(struct generation *generation, int *list[DESCRIPTORS])
{
	size_t count = 0;

	for (int i = 0; i < HOOK_COUNT; i++)
		list[count++] = &generation->programs[i].fd;
	for (int i = 0; i < MAP_COUNT; i++)
		list[count++] = &generation->maps[i];
	for (int i = 0; i < EVENT_MAPS; i++)
		list[count++] = &generation->events.fds[i];
	for (int i = 0; i < PCTL_SETS_MAX; i++) {
		list[count++] = &generation->sets[i];
		list[count++] = &generation->live_holds[i];
	}
}

/* Room for the descriptors in a message. */
union control {
	char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
	struct cmsghdr header;
};

/* --- the child --- */

static int send_answer(int socket, struct answer *answer)
{
	struct iovec part = { .iov_base = answer, .iov_len = sizeof(*answer) };
	union control control = {};
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int *list[DESCRIPTORS], *fds = (int *)CMSG_DATA(&control.header);
	size_t count = 0;

	list_descriptors(&answer->generation, list);
	for (size_t i = 0; i < DESCRIPTORS; i++)
		if (*list[i] >= 0)
			fds[count++] = *list[i];
	if (count) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * Its copies of descriptors would keep what their owner closes: locks (flock), connections. Only
 * the way to the BPF file system is needed, and the standard streams, which libbpf may write to.
 */
static void close_others(int socket, int bpffs)
{
	int low = socket < bpffs ? socket : bpffs, high = socket < bpffs ? bpffs : socket;

	if (bpffs < 0)
		low = high = socket;
	if (low > FIRST_OTHER)
		close_range(FIRST_OTHER, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

/* The descriptor that a path leads through (struct bpffs); -1: none. */
static int descriptor_of(const char *path)
{
	int fd;

	return path && sscanf(path, "/proc/self/fd/%d", &fd) == 1 ? fd : -1;
}

static void run_child(const struct generation_input *input, int socket, bool lazy, pid_t parent)
{
	static struct answer answer = { .generation = GENERATION_EMPTY };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* it died before the line above */
	notice_to(NULL);
	close_others(socket, descriptor_of(input->shared));
	prctl(PR_SET_NAME, "policyctl-load"); /* from here on it may be stopped without harm */
	if (lazy)
		setpriority(PRIO_PROCESS, 0, LAZY);
	answer.error = generation_make(input, "", 1, &answer.generation);
	if (answer.error)
		snprintf(answer.message, sizeof(answer.message), "%s", error_message(answer.error));
	_exit(send_answer(socket, &answer) ? 1 : 0);
}

/* --- the parent --- */

int load_process_start(const struct generation_input *input, bool lazy,
		       struct load_process *process)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_set(-errno, "cannot start a process that loads: %m");
	process->pid = fork();
	if (!process->pid)
		run_child(input, pair[1], lazy, parent);
	close(pair[1]);
	if (process->pid < 0) {
		int error = -errno;

		close(pair[0]);
		process->pid = 0;
		return error_set(error, "cannot start a process that loads: %s", strerror(-error));
	}
	process->socket = pair[0];
	return 0;
}

/* The numbers in the answer are the child's. */
static int adopt_descriptors(struct generation *generation, struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t got = header ? (header->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0, used = 0;
	const int *fds = header ? (const int *)CMSG_DATA(header) : NULL;
	int *list[DESCRIPTORS];

	list_descriptors(generation, list);
	for (size_t i = 0; i < DESCRIPTORS; i++)
		if (*list[i] >= 0)
			*list[i] = used < got ? fds[used] : -1, used++;
	return used == got && !(message->msg_flags & MSG_CTRUNC) ? 0 : -EIO;
}

static int receive(int socket, struct answer *answer)
{
	struct iovec part = { .iov_base = answer, .iov_len = sizeof(*answer) };
	union control control = {};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (length != sizeof(*answer))
		return -EIO;
	return adopt_descriptors(&answer->generation, &message);
}

int load_process_take(struct load_process *process, struct generation *generation)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	int error = answer ? 0 : -ENOMEM;

	if (!error && receive(process->socket, answer))
		error = error_set(-EIO, "the process that loaded it ended without a word");
	load_process_kill(process);
	if (!error && answer->error)
		error = error_set(answer->error, "%s", answer->message);
	if (!error)
		*generation = answer->generation;
	free(answer);
	return error;
}

void load_process_kill(struct load_process *process)
{
	if (process->pid) {
		kill(process->pid, SIGKILL);
		while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	closep(&process->socket);
	process->pid = 0;
}
