// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "netlink_talk.h"
#include "util.h"

/* A dump answers in messages of up to 32 kB (NLMSG_GOODSIZE of the kernel's netlink_dump()). */
#define BUFFER_SIZE 32768

struct nl {
	struct mnl_socket *socket;
	uint32_t sequence;
	char send[1024];
	char receive[BUFFER_SIZE];
};

int nl_open(struct nl **nl)
{
	return nl_open_protocol(nl, NETLINK_ROUTE);
}

int nl_open_protocol(struct nl **nl, int protocol)
{
	struct nl *new = calloc(1, sizeof(*new));
	int on = 1, error;

	if (!new)
		return -ENOMEM;
	new->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!new->socket || mnl_socket_bind(new->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		error = error_set(-errno, "cannot open a netlink socket: %m");
		nl_close(new);
		return error;
	}
	/* Comfort, each of them: an old kernel without it still answers. */
	mnl_socket_setsockopt(new->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(new->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(new->socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*nl = new;
	return 0;
}

void nl_close(struct nl *nl)
{
	if (!nl)
		return;
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl);
}

void nl_closep(struct nl **nl)
{
	nl_close(*nl);
	*nl = NULL;
}

struct nlmsghdr *nl_request(struct nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(nl->send, 0, sizeof(nl->send));
	message = mnl_nlmsg_put_header(nl->send);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++nl->sequence;
	return message;
}

/* The kernel's words for a refusal, if it had any. */
static int refusal(const struct nlmsghdr *message)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
	size_t skip = sizeof(*answer);
	const struct nlattr *attribute;

	if (!answer->error)
		return 0;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&answer->msg);
	if (message->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(
			attribute, message,
			skip) if (mnl_attr_get_type(attribute) ==
				  NLMSGERR_ATTR_MSG) return error_set(answer->error,
								      "%s (the kernel says: %s)",
								      strerror(-answer->error),
								      mnl_attr_get_str(attribute));
	return error_set(answer->error, "%s", strerror(-answer->error));
}

int nl_talk(struct nl *nl, const struct nlmsghdr *message,
	    int (*each)(const struct nlmsghdr *, void *), void *data)
{
	const struct nlmsghdr *answer;
	bool interrupted = false;
	int length, error = 0;

	if (mnl_socket_sendto(nl->socket, message, message->nlmsg_len) < 0)
		return error_set(-errno, "cannot send a netlink message: %m");
	for (;;) {
		length = mnl_socket_recvfrom(nl->socket, nl->receive, sizeof(nl->receive));
		if (length < 0)
			return error_set(-errno, "cannot read a netlink answer: %m");
		for (answer = (void *)nl->receive; mnl_nlmsg_ok(answer, length);
		     answer = mnl_nlmsg_next(answer, &length)) {
			if (answer->nlmsg_seq != message->nlmsg_seq)
				continue;
			if (answer->nlmsg_flags & NLM_F_DUMP_INTR)
				interrupted = true;
			if (answer->nlmsg_type == NLMSG_ERROR)
				return error ? error : refusal(answer);
			if (answer->nlmsg_type == NLMSG_DONE)
				return error ? error : interrupted ? -EINTR : 0;
			if (each && !error)
				error = each(answer, data);
		}
	}
}

int nl_talk_ack(struct nl *nl, struct nlmsghdr *message)
{
	message->nlmsg_flags |= NLM_F_ACK;
	return nl_talk(nl, message, NULL, NULL);
}

void nl_copy_name(char *name, size_t size, const struct nlattr *attribute)
{
	snprintf(name, size, "%s", mnl_attr_get_str(attribute));
	for (; *name; name++)
		if (!isprint((unsigned char)*name))
			*name = '?';
}
