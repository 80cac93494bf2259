/* SPDX-License-Identifier: GPL-2.0-only */
/* The other end of a veth, which may be in another network namespace. */
#ifndef PCTL_NETLINK_PEER_H
#define PCTL_NETLINK_PEER_H

#include "netlink.h"
#include "prefixes.h"

/*
 * What the other end of a veth has now: its MAC and its addresses, single ones of both families,
 * tentative ones too. Asked of the kernel by namespace id (Linux 4.20), without entering it.
 * *addresses is normalised; prefixes_clear() it. -ENODEV: the veth has no other end.
 */
int nl_peer_addresses(struct nl *nl, const struct link *link, uint8_t mac[6],
		      struct prefixes *addresses);

#endif
