/* SPDX-License-Identifier: GPL-2.0-only */
/* What is open at the other end of a veth: the sockets and the tracked connections of the network
 * namespace that it is in. */
#ifndef PCTL_OPEN_SOCKETS_H
#define PCTL_OPEN_SOCKETS_H

#include "netlink.h"
#include "sockets.h"

/*
 * Enters that namespace for it, and comes back. What is forwarded without NAT comes with its routes
 * (struct tracked_seen).
 * @ifindex: of this end, in the namespace of this process
 * @limit: how many connected sockets at most, and how many tracked connections
 * -EINVAL: no veth; -ENOENT, -EPERM, -EACCES: the namespace was not found, or may not be entered.
 */
int open_sockets_read(struct nl *nl, uint32_t ifindex, size_t limit, struct sockets_seen *seen);

#endif
