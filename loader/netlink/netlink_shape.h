/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What makes packets wait: the classful qdisc htb at the root of a device, its classes, and the
 * devices (ifb) and the filter that bring packets before such a qdisc which the device receives.
 * Handles and classids are as tc(8) has them: the major number in the upper 16 bits.
 */
#ifndef PCTL_NETLINK_SHAPE_H
#define PCTL_NETLINK_SHAPE_H

#include "netlink.h"

/*
 * Puts htb at the root of a device, in place of the kernel's default only. Packets whose
 * skb->priority is the classid of a class wait in it, all others do not. -EEXIST: another root
 * qdisc is there; -ENOENT: the kernel has no htb.
 */
int nl_htb_add(struct nl *nl, uint32_t ifindex, uint32_t handle);

/* Removes the root qdisc with this handle, with its classes and what waits in them. -ENOENT or
 * -EINVAL: another one or none is there. */
int nl_root_delete(struct nl *nl, uint32_t ifindex, uint32_t handle);

/* A class and its queue. */
struct nl_class {
	uint32_t classid;
	uint64_t rate; /* bytes a second */
	uint64_t burst_ns; /* how much may go without waiting: what the rate sends in this time */
	uint32_t queue; /* bytes that may wait; more is dropped */
	uint32_t largest; /* a GSO packet of more bytes is cut into its segments, others dropped */
};

/*
 * Adds a class and its queue, or changes both where they are; what waits stays. The queue is tbf,
 * at a rate that nothing reaches: tbf alone cuts GSO packets. -ENOENT: the kernel has no tbf.
 */
int nl_class_put(struct nl *nl, uint32_t ifindex, const struct nl_class *class);

/* Removes a class and what waits in it. -ENOENT: there is none. */
int nl_class_delete(struct nl *nl, uint32_t ifindex, uint32_t classid);

/* What became of the packets of a class. */
struct nl_class_state {
	uint32_t classid;
	bool queued; /* it has its queue: */
	uint64_t packets, bytes; /* that left it */
	uint64_t dropped; /* packets */
	uint32_t waiting; /* bytes */
};

/* All classes of the htb with this handle, none if it is not there; the caller frees *states. */
int nl_classes(struct nl *nl, uint32_t ifindex, uint32_t handle, struct nl_class_state **states,
	       size_t *count);

/* Makes an ifb with this name and MAC. -EEXIST: the name is taken; -EOPNOTSUPP: the kernel has no
 * ifb. */
int nl_ifb_add(struct nl *nl, const char *name, const uint8_t mac[6]);

/* Sets a device up, without IPv6 addresses of its own. */
int nl_link_set_up(struct nl *nl, uint32_t ifindex);

int nl_link_delete(struct nl *nl, uint32_t ifindex);

/* As nl_filter_put(), of a program that only says which packets are sent to another device by
 * mirred: -1 those, 0 the rest. -ENOENT: the kernel has no mirred. */
int nl_filter_put_redirect(struct nl *nl, const struct filter_position *position, int fd,
			   const char *name, uint32_t to, bool replace);

#endif
