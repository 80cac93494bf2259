/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices above other devices: a bridge or a bond above its ports, a macvlan or a VLAN above its
 * lower device. While a device has an XDP program, the kernel refuses to attach, change or detach
 * one on every device directly below it (net/core/dev.c, dev_xdp_attach()).
 */
#ifndef PCTL_STACKED_H
#define PCTL_STACKED_H

#include "netlink.h"

/*
 * May an XDP program be attached to this link without blocking a device below it? -EBUSY, with a
 * message that names them: it is a bridge, a bond or the like, whose ports have or may get one, or
 * the device below it has one.
 */
int stacked_check_lower(struct nl *nl, const struct link *link);

/* Can the XDP program of this link be changed? -EBUSY, with a message: a device above it has one.
 * Looks at all links. */
int stacked_check_upper(struct nl *nl, const struct link *link);

/* The same of its bridge or bond alone, which is a single question to the kernel. */
int stacked_check_master(struct nl *nl, const struct link *link);

/*
 * The devices in the network namespace with this id, as nl sees it, that are above a device of ours
 * or use our network as a tunnel does: a macvlan, an ipvlan, a VXLAN. What passes them does not
 * pass a veth into that namespace. Ends of pairs (veth) are none.
 * @uppers: for the caller to free; `peer` is the ifindex of our device, 0: none in particular
 * Errors of nl_links_of().
 */
int stacked_from(struct nl *nl, int32_t nsid, struct link **uppers, size_t *count);

/* Sorts ifindexes so that each device comes before those below it, and else ascending. */
int stacked_sort(struct nl *nl, uint32_t *ifindexes, size_t count);

#endif
