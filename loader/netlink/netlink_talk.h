/* SPDX-License-Identifier: GPL-2.0-only */
/* How the files of this room talk to the kernel. */
#ifndef PCTL_NETLINK_TALK_H
#define PCTL_NETLINK_TALK_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "netlink.h"

/* How often a dump is asked for again that changed while it was read. */
#define DUMP_TRIES 16

/* As nl_open(), for another netlink protocol than NETLINK_ROUTE. */
int nl_open_protocol(struct nl **nl, int protocol);

/* A new request of this type, to be filled; one at a time. The caller adds the family's header. */
struct nlmsghdr *nl_request(struct nl *nl, uint16_t type, uint16_t flags);

/*
 * Sends a request and hands every answer to `each` (may be NULL) until the kernel's acknowledgement
 * or the end of the dump. -EINTR: the dump is not one consistent picture, it must be asked again.
 */
int nl_talk(struct nl *nl, const struct nlmsghdr *message,
	    int (*each)(const struct nlmsghdr *, void *), void *data);

/* Copies a name that is only shown, or is one of ours: what is not printable ASCII becomes '?'. Not
 * for names of interfaces: what the engine, the user and the kernel call one must be the same. */
void nl_copy_name(char *name, size_t size, const struct nlattr *attribute);

/* What an RTM_NEWLINK or RTM_DELLINK says. */
void nl_read_link(const struct nlmsghdr *message, struct link *link);

/* A request about the bpf filter at a position. */
struct nlmsghdr *nl_filter_request(struct nl *nl, uint16_t type, uint16_t flags,
				   const struct filter_position *position);

/* For requests that are only acknowledged. */
int nl_talk_ack(struct nl *nl, struct nlmsghdr *message);

#endif
