// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "error.h"
#include "netlink_listen.h"
#include "netlink_talk.h"

/* What may wait while we do something else: a few thousand messages. */
#define WAITING_BYTES (8 << 20)

struct nl_listener {
	struct mnl_socket *socket;
	char buffer[32768]; /* NLMSG_GOODSIZE at most */
};

static int join(struct nl_listener *listener, int group)
{
	return mnl_socket_setsockopt(listener->socket, NETLINK_ADD_MEMBERSHIP, &group,
				     sizeof(group));
}

static int join_all(struct nl_listener *listener)
{
	return join(listener, RTNLGRP_TC) || join(listener, RTNLGRP_IPV4_IFADDR) ||
	       join(listener, RTNLGRP_IPV6_IFADDR);
}

int nl_listener_open(bool all, struct nl_listener **listener)
{
	struct nl_listener *new = calloc(1, sizeof(*new));
	int waiting = WAITING_BYTES, error;

	if (!new)
		return -ENOMEM;
	new->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!new->socket || mnl_socket_bind(new->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    join(new, RTNLGRP_LINK) || (all && join_all(new))) {
		error = error_set(-errno, "cannot listen to the kernel's news of links: %m");
		nl_listener_close(new);
		return error;
	}
	/* Without CAP_NET_ADMIN it stays smaller, and more is looked at anew. */
	setsockopt(mnl_socket_get_fd(new->socket), SOL_SOCKET, SO_RCVBUFFORCE, &waiting,
		   sizeof(waiting));
	*listener = new;
	return 0;
}

void nl_listener_close(struct nl_listener *listener)
{
	if (listener && listener->socket)
		mnl_socket_close(listener->socket);
	free(listener);
}

int nl_listener_fd(const struct nl_listener *listener)
{
	return mnl_socket_get_fd(listener->socket);
}

static int tell_link(const struct nlmsghdr *message, const struct nl_news *news)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct link link;

	if (info->ifi_family != AF_UNSPEC) /* AF_BRIDGE: of a port, and says less */
		return 0;
	nl_read_link(message, &link);
	return news->link(news->data, &link, message->nlmsg_type == RTM_DELLINK);
}

static int tell(const struct nlmsghdr *message, const struct nl_news *news)
{
	const struct ifaddrmsg *address;
	const struct tcmsg *tc;

	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return tell_link(message, news);
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		tc = mnl_nlmsg_get_payload(message);
		return news->tc ? news->tc(news->data, tc->tcm_ifindex) : 0;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address = mnl_nlmsg_get_payload(message);
		return news->address ? news->address(news->data, address->ifa_index) : 0;
	}
	return 0;
}

int nl_listen(struct nl_listener *listener, const struct nl_news *news)
{
	const struct nlmsghdr *message;
	int length, error = 0;

	for (;;) {
		length = mnl_socket_recvfrom(listener->socket, listener->buffer,
					     sizeof(listener->buffer));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return errno == EAGAIN ? 0 : -errno;
		for (message = (void *)listener->buffer; mnl_nlmsg_ok(message, length) && !error;
		     message = mnl_nlmsg_next(message, &length))
			error = tell(message, news);
		if (error)
			return error;
	}
}
