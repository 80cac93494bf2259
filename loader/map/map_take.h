/* SPDX-License-Identifier: GPL-2.0-only */
/* The map of this network namespace, as it is now. */
#ifndef PCTL_MAP_TAKE_H
#define PCTL_MAP_TAKE_H

#include "container_lookup.h"
#include "map.h"

/*
 * Opens a session, reads all attachments, asks @lookup for their containers, and closes it. An
 * attachment that cannot be read is told of and left out.
 * @with_connections: also who did
 * 0 or a negative errno, with words. The map is to be cleared in any case.
 */
int map_take(struct map *map, struct container_lookup *lookup, bool with_connections);

#endif
