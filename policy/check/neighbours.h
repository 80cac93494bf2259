/* SPDX-License-Identifier: GPL-2.0-only */
/* Warns of rules on peers that stop IPv6 neighbour discovery (RFC 4861). */
#ifndef PCTL_NEIGHBOURS_H
#define PCTL_NEIGHBOURS_H

#include "policy.h"

struct diagnostics;

/*
 * A rule that denies link-local or multicast peers drops the neighbour solicitations and
 * advertisements too that every IPv6 packet depends on. The warning names the rule that lets them
 * pass. A rule that names ICMPv6 types, or no peer, is taken as meant.
 * @name: of the policy, for messages
 * 0 or -ENOMEM.
 */
int neighbours_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

#endif
