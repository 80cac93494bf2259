/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_MAP_GATHER_H
#define PCTL_MAP_GATHER_H

#include "attachment.h"
#include "map.h"

struct owner;

/*
 * Adds a node for an attachment. @owner: its container, as far as known; version 0: none
 * 0 or a negative errno, with words.
 */
int map_gather(struct map *map, struct session *session, const struct attachment *attachment,
	       const struct owner *owner);

/* Adds this network namespace, with its addresses. */
int map_gather_host(struct map *map);

/* Adds what the connections of an attachment did: an edge for each pair, ports as they were opened.
 * To be called when all nodes are there. @node: of the attachment */
int map_gather_connections(struct map *map, size_t node, const struct attachment *attachment);

#endif
