/* SPDX-License-Identifier: GPL-2.0-only */
/* The addresses of interfaces. */
#ifndef PCTL_NETLINK_ADDRESS_H
#define PCTL_NETLINK_ADDRESS_H

#include "netlink.h"
#include "prefixes.h"

/*
 * The addresses of an interface, or of all (ifindex 0), in the network namespace that has this id
 * here (nsid -1: in this one), which is not entered. Single addresses of both families, tentative
 * and link-local ones too. The caller clears *addresses, which has one block for each, in the
 * kernel's order: an address that two interfaces have comes twice.
 */
int nl_addresses(struct nl *nl, int32_t nsid, uint32_t ifindex, struct prefixes *addresses);

#endif
