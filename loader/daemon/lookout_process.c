// SPDX-License-Identifier: GPL-2.0-only
/*
 * This process reads what its parent asks, and in its children what the kernel says of a container.
 * It has CAP_SYS_ADMIN, so it does little else: privileges_drop_to_look() says what it may.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "lookout_process.h"
#include "netlink.h"
#include "open_sockets.h"
#include "privileges.h"

#define FIRST_OTHER 3 /* descriptor behind those of the standard streams */
#define LIMIT_MAX (1u << 24) /* more connections than a table has room for */

/* --- one answer --- */

static int send_all(int reply, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t sent = send(reply, at, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -errno;
		at += sent;
		size -= sent;
	}
	return 0;
}

static int look(const struct lookout_question *question, struct sockets_seen *seen)
{
	struct nl *nl;
	int error;

	if (!question->ifindex || !question->limit || question->limit > LIMIT_MAX)
		return error_set(-EINVAL, "that is no question");
	error = nl_open(&nl);
	return error ?: open_sockets_read(nl, question->ifindex, question->limit, seen);
}

/* The process ends with it, and all that it had. */
static void answer(const struct lookout_question *question, int reply, pid_t parent)
{
	static struct lookout_answer answer;
	struct sockets_seen seen = {};
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	alarm(LOOKOUT_SECONDS);
	answer.error = look(question, &seen);
	if (answer.error) {
		snprintf(answer.why, sizeof(answer.why), "%s", error_message(answer.error));
	} else {
		answer.left_out = seen.left_out;
		answer.listening = seen.listening;
		answer.sockets = seen.socket_count;
		answer.tracked = seen.tracked_count;
	}
	error = send_all(reply, &answer, sizeof(answer));
	error = error ?: send_all(reply, seen.sockets, answer.sockets * sizeof(*seen.sockets));
	error = error ?: send_all(reply, seen.tracked, answer.tracked * sizeof(*seen.tracked));
	_exit(error ? 1 : 0);
}

/* --- questions --- */

/* Returns the socket for the answer, -1: it was no question, or -ENOTCONN: there are no more. */
static int receive(int socket, struct lookout_question *question)
{
	struct iovec part = { .iov_base = question, .iov_len = sizeof(*question) };
	union lookout_control control = {};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header;
	int reply;

	if (length < 0 && errno == EINTR)
		return -1;
	if (length <= 0)
		return -ENOTCONN;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&reply, CMSG_DATA(header), sizeof(reply));
	if (length == sizeof(*question) && !(message.msg_flags & MSG_TRUNC))
		return reply;
	close(reply);
	return -1;
}

/* One after another: whoever asks without end gets no more than one process for it. */
static void serve(int socket)
{
	struct lookout_question question;
	pid_t self = getpid(), child;
	int reply;

	while ((reply = receive(socket, &question)) != -ENOTCONN) {
		if (reply < 0)
			continue;
		child = fork();
		if (!child) {
			close(socket);
			answer(&question, reply, self);
		}
		close(reply);
		while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

/* Copies of its parent's descriptors would keep what that closes. */
static void close_others(int socket)
{
	if (socket > FIRST_OTHER)
		close_range(FIRST_OTHER, socket - 1, 0);
	close_range(socket + 1, ~0U, 0);
}

/* Signals that end the parent are blocked: it ends with the parent, not before. */
void lookout_process(int socket, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* it died before the line above */
	notice_to(NULL);
	close_others(socket);
	prctl(PR_SET_NAME, "policyctl-look");
	signal(SIGCHLD, SIG_DFL);
	if (privileges_drop_to_look())
		_exit(1);
	serve(socket);
	_exit(0);
}
