/* SPDX-License-Identifier: GPL-2.0-only */
/* Members of @host and @gateway: the addresses of this network namespace's interfaces. */
#ifndef PCTL_LIVE_ADDRESSES_H
#define PCTL_LIVE_ADDRESSES_H

#include "live_sets.h"
#include "netlink.h"

/* Those of an interface, or of all (ifindex 0): for live_set_fill(). An address that several
 * interfaces have comes several times. The caller frees *members. */
int live_addresses(struct nl *nl, uint32_t ifindex, struct live_member **members, size_t *count);

/* The same of another network namespace, by the id that it has here. */
int live_addresses_of(struct nl *nl, int32_t nsid, uint32_t ifindex, struct live_member **members,
		      size_t *count);

#endif
