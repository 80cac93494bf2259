// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adoption.h"
#include "capabilities.h"
#include "error.h"
#include "log.h"
#include "lookout.h"
#include "lookout_process.h"
#include "util.h"

/* Longer than an answer may take. */
#define PATIENCE_SECONDS (LOOKOUT_SECONDS + 1)

static struct {
	pid_t pid; /* 0: there is none, */
	char why[256]; /* because of this */
	int socket; /* for questions */
	sd_event_source *end;
} lookout = { .socket = -1 };

/* --- its end --- */

static void forget(void)
{
	sd_event_source_disable_unref(lookout.end);
	lookout.end = NULL;
	closep(&lookout.socket);
	if (lookout.pid) {
		kill(lookout.pid, SIGKILL);
		while (waitpid(lookout.pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	lookout.pid = 0;
}

/* The privileges for another one are gone. */
static void mourn(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", lookout.pid);
	forget();
	snprintf(lookout.why, sizeof(lookout.why),
		 "the process that looks into its network namespace, %s, has ended; a restart of "
		 "policyctl brings another one",
		 pid);
	log_event(LOG_LEVEL_ERROR, "connections of running containers are no longer adopted", "why",
		  "the process that looks into their network namespaces has ended; a restart of "
		  "policyctl brings another one",
		  "pid", pid, NULL);
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *data)
{
	(void)source, (void)fd, (void)events, (void)data;
	mourn();
	return 0;
}

/* --- questions --- */

static int send_question(const struct lookout_question *question, int reply)
{
	struct iovec part = { .iov_base = (void *)question, .iov_len = sizeof(*question) };
	union lookout_control control = {};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &reply, sizeof(reply));
	return sendmsg(lookout.socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int read_all(int socket, void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = recv(socket, (char *)bytes + done, size - done, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno; /* -EAGAIN: it took too long */
		if (!got)
			return -EIO;
		done += got;
	}
	return 0;
}

static int read_items(int socket, void *where, size_t count, size_t size)
{
	void **items = where;

	if (!count)
		return 0;
	*items = calloc(count, size);
	return *items ? read_all(socket, *items, count * size) : -ENOMEM;
}

static int read_answer(int socket, size_t limit, struct sockets_seen *seen)
{
	struct lookout_answer answer;
	int error = read_all(socket, &answer, sizeof(answer));

	if (error)
		return error;
	if (answer.error) {
		answer.why[sizeof(answer.why) - 1] = '\0';
		return error_set(answer.error < 0 ? answer.error : -EIO, "%s", answer.why);
	}
	if (answer.sockets > limit + SOCKETS_LISTENING_MAX || answer.tracked > limit)
		return -EMSGSIZE;
	seen->left_out = answer.left_out;
	seen->listening = answer.listening;
	error = read_items(socket, &seen->sockets, answer.sockets, sizeof(*seen->sockets));
	seen->socket_count = error ? 0 : answer.sockets;
	error = error ?: read_items(socket, &seen->tracked, answer.tracked, sizeof(*seen->tracked));
	seen->tracked_count = error ? 0 : answer.tracked;
	return error;
}

/* The way for an answer goes along with each question, so what comes through it is of no other. */
static int ask(struct nl *nl, uint32_t ifindex, size_t limit, struct sockets_seen *seen)
{
	const struct lookout_question question = { .ifindex = ifindex, .limit = limit };
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int pair[2], error;

	(void)nl;
	if (!lookout.pid)
		return error_set(-EPERM, "%s", lookout.why);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	error = send_question(&question, pair[1]);
	close(pair[1]);
	if (error) {
		mourn();
		error = error_set(error, "%s", lookout.why);
	} else {
		error_clear();
		error = read_answer(pair[0], limit, seen);
	}
	close(pair[0]);
	if (error == -EIO || error == -EAGAIN || error == -ECONNRESET)
		error_set(error, "the process that looks into its network namespace ended "
				 "without a word");
	return error;
}

/* --- its beginning --- */

static void give_no_lookout(const char *why)
{
	snprintf(lookout.why, sizeof(lookout.why), "%s", why);
	log_event(LOG_LEVEL_WARNING, "connections of running containers are not adopted", "why",
		  lookout.why, NULL);
}

static int start(sd_event *loop)
{
	pid_t parent = getpid();
	int pair[2], error = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	lookout.pid = fork();
	if (!lookout.pid)
		lookout_process(pair[1], parent);
	if (lookout.pid < 0) {
		error = -errno;
		lookout.pid = 0;
	}
	close(pair[1]);
	lookout.socket = pair[0];
	if (!error)
		error = sd_event_add_io(loop, &lookout.end, lookout.socket, EPOLLRDHUP, on_end,
					NULL);
	return error < 0 ? error : 0;
}

void lookout_start(sd_event *loop)
{
	int error;

	adoption_look_by(ask);
	if (!capabilities_have(CAP_SYS_ADMIN)) {
		give_no_lookout("to enter their network namespaces takes CAP_SYS_ADMIN, and "
				"CAP_SYS_PTRACE to find them");
		return;
	}
	error = start(loop);
	if (!error)
		return;
	forget();
	give_no_lookout(strerror(-error));
}

void lookout_stop(void)
{
	forget();
}
