/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_MAP_REACH_H
#define PCTL_MAP_REACH_H

#include "map.h"

/*
 * Adds a node for each set and block that rules name and that is no node yet, one for everywhere
 * else, and the edges of what may pass: each pair is decided by evaluating both policies on the
 * packet that would begin it, for every port at which a rule begins or ends. Edges to and from
 * addresses that no rule singles out are drawn to "elsewhere" alone, and between attachments where
 * they share a network or a rule names the other. 0 or -ENOMEM.
 */
int map_reach(struct map *map);

#endif
