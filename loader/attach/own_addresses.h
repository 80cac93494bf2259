/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding the container's own addresses, for policies with `spoofed`. */
#ifndef PCTL_OWN_ADDRESSES_H
#define PCTL_OWN_ADDRESSES_H

#include "netlink.h"
#include "own.h"

/*
 * What the container behind an interface may use as its own: what the other end of the veth has
 * now, or what the policy says. Empty where no rule asks. -ENODATA: nothing is known about it, the
 * message says what to do.
 */
int own_addresses_find(struct nl *nl, const struct link *link, const struct policy *policy,
		       struct pctl_own *own);

#endif
