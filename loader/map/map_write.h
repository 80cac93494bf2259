/* SPDX-License-Identifier: GPL-2.0-only */
/* A map as text. Names are of others' making: each format escapes them, so that they stay text. */
#ifndef PCTL_MAP_WRITE_H
#define PCTL_MAP_WRITE_H

#include <jansson.h>
#include <stdio.h>

#include "map.h"

void map_write_dot(FILE *out, const struct map *map); /* Graphviz */
void map_write_mermaid(FILE *out, const struct map *map);

/* docs/json.md. NULL: out of memory. */
json_t *map_json(const struct map *map);

/* SVG, by Graphviz's `dot`: malloc'd. -ENOENT: it is not installed; others in words. */
int map_svg(const struct map *map, char **svg, size_t *length);

/* What is drawn for a node, a line each: its name, where it is, what its policy does. */
#define MAP_LINES 5
#define MAP_LINE 80
size_t map_node_lines(const struct map_node *node, char lines[MAP_LINES][MAP_LINE]);

/* "#rrggbb" of a node. */
const char *map_node_colour(const struct map_node *node);

/* Calls `each` for the text of each flow of an edge, at most so many; the last one then says how
 * many more there are. */
#define MAP_FLOWS_DRAWN 8
void map_edge_lines(const struct map_edge *edge, void (*each)(void *data, const char *line),
		    void *data);

/* Is an edge drawn to this node, or has it a policy? */
bool map_node_is_drawn(const struct map *map, size_t node);

/* Has it a network, and has no node before it the same? */
bool map_is_first_of_network(const struct map *map, size_t node);

#endif
