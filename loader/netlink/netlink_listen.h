/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel tells of by itself: links, addresses, qdiscs and filters of this network
 * namespace. */
#ifndef PCTL_NETLINK_LISTEN_H
#define PCTL_NETLINK_LISTEN_H

#include "netlink.h"

struct nl_listener;

struct nl_news {
	/* A link came, changed or (`gone`) went. */
	int (*link)(void *data, const struct link *link, bool gone);
	/* A qdisc or filter of an interface came, changed or went; may be NULL. */
	int (*tc)(void *data, uint32_t ifindex);
	/* An address of an interface came, changed or went; may be NULL. */
	int (*address)(void *data, uint32_t ifindex);
	void *data;
};

/* Hears what happens from when it returns on. @all: of addresses, qdiscs and filters too */
int nl_listener_open(bool all, struct nl_listener **listener);
void nl_listener_close(struct nl_listener *listener); /* may be NULL */

/* To wait for: readable when there is news. */
int nl_listener_fd(const struct nl_listener *listener);

/*
 * Hands over the news that are there, without waiting. Returns 0, what a function of `news`
 * returned, or -ENOBUFS: some were lost, everything must be looked at anew.
 */
int nl_listen(struct nl_listener *listener, const struct nl_news *news);

#endif
