/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which interfaces get a policy by their name. The gate's thread asks, the follower's thread
 * updates: there is a lock.
 */
#ifndef PCTL_WATCHED_NAMES_H
#define PCTL_WATCHED_NAMES_H

#include "configuration.h"
#include "netlink.h"

struct watched_names;

int watched_names_new(struct watched_names **names);
void watched_names_free(struct watched_names *names);

/* Takes in the patterns of a configuration. 0 or -ENOMEM, and all stays as it was. */
int watched_names_configure(struct watched_names *names, const struct configuration *configuration);

/* Does a pattern fit this interface, and is it of a kind that is followed by its name? */
bool watched_names_have(struct watched_names *names, const struct link *link);

#endif
