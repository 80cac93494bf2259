/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interfaces that get a policy by their name: those of LXC, systemd-nspawn, libvirt and others that
 * no engine tells of. A veth or a tap may be one. Nothing else is ever followed by its name: what
 * leads out of the host, or has others below it.
 */
#ifndef PCTL_NAMED_INTERFACES_H
#define PCTL_NAMED_INTERFACES_H

#include "configuration.h"
#include "netlink.h"
#include "source.h"

/* Reports a pattern that is none, or that fits names which containers never have. 0, -EINVAL:
 * reported; -ENOMEM. */
int named_interfaces_check(struct source *source, const struct word *pattern);

/* The first section whose pattern fits the name; NULL: none does. */
const struct named_interfaces *named_interfaces_find(const struct named_interfaces *items,
						     size_t count, const char *name);

/* Why an interface is never followed, whatever its name: "it is a bridge"; NULL: it may be. */
const char *named_interfaces_why_never(const struct link *link);

/* The same of interfaces that are there: of one that packets leave the host by, too. It reads the
 * routes of this network namespace. */
const char *named_interfaces_why_never_here(const struct link *link);

void named_interfaces_clear(struct named_interfaces *items, size_t count);

#endif
