/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_NETLINK_ROUTE_H
#define PCTL_NETLINK_ROUTE_H

#include "netlink.h"

/* The interface through which packets to an address leave. @family: enum pctl_family; @address: in
 * network order. 0: there is no route, or it cannot be asked for. */
uint32_t nl_route_interface(struct nl *nl, uint8_t family, const uint8_t *address);

#endif
