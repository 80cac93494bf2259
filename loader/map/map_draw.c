// SPDX-License-Identifier: GPL-2.0-only
/* What all pictures of a map share. */
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "map_write.h"
#include "policy.h"
#include "printable.h"

#define ADDRESSES_DRAWN 2

static size_t add_addresses(const struct map_node *node, char lines[MAP_LINES][MAP_LINE],
			    size_t count, size_t most)
{
	char text[ADDRESS_TEXT];
	size_t told = 0;

	for (size_t i = 0; i < node->addresses.count && told < most; i++) {
		/* link-local addresses tell nobody anything */
		if (node->addresses.items[i].high >> 54 == 0xfe80u >> 6 &&
		    node->addresses.items[i].family == PCTL_IPV6)
			continue;
		address_print(&node->addresses.items[i], text);
		snprintf(lines[count + told++], MAP_LINE, "%s", text);
	}
	if (told == most && node->addresses.count > most + 2)
		snprintf(lines[count + told - 1], MAP_LINE, "and %zu more",
			 node->addresses.count - most + 1);
	return count + told;
}

size_t map_node_lines(const struct map_node *node, char lines[MAP_LINES][MAP_LINE])
{
	size_t count = 1;

	printable_copy(lines[0], MAP_LINE, node->name);
	if (node->kind == MAP_ELSEWHERE) {
		snprintf(lines[count++], MAP_LINE, "all other addresses");
		return count;
	}
	if (node->kind == MAP_BLOCK && *node->name != '@')
		return count;
	if (node->kind == MAP_ATTACHED && strcmp(node->name, node->interface) != 0)
		printable_copy(lines[count++], MAP_LINE, node->interface);
	count = add_addresses(node, lines, count, ADDRESSES_DRAWN);
	if (node->policy)
		snprintf(lines[count++], MAP_LINE, "%s",
			 node->unreadable ? "a set of it cannot be read: no edges"
					  : map_stance_words(node->stance));
	return count;
}

const char *map_node_colour(const struct map_node *node)
{
	static const char *const colours[MAP_STANCES] = {
		[MAP_NO_POLICY] = "#ececec", [MAP_DENIES] = "#cdebc9", [MAP_PARTLY] = "#fff1b8",
		[MAP_OPEN] = "#ffd8a8",	     [MAP_HELD] = "#ffb3b3",   [MAP_AUDITS] = "#cfe3ff",
	};

	return node->kind == MAP_ATTACHED ? colours[node->stance] : "#ececec";
}

void map_edge_lines(const struct map_edge *edge, void (*each)(void *data, const char *line),
		    void *data)
{
	size_t count = map_edge_is_all(edge) ? 1 : edge->count;
	char text[MAP_FLOW_TEXT];

	for (size_t i = 0; i < count; i++) {
		if (i == MAP_FLOWS_DRAWN - 1 && edge->count > MAP_FLOWS_DRAWN) {
			snprintf(text, sizeof(text), "and %zu more", edge->count - i);
			each(data, text);
			return;
		}
		map_flow_text(edge, &edge->flows[i], text);
		each(data, text);
	}
}

bool map_node_is_drawn(const struct map *map, size_t node)
{
	if (map->nodes[node].policy)
		return true;
	for (size_t i = 0; i < map->edge_count; i++)
		if (map->edges[i].from == node || map->edges[i].to == node)
			return true;
	return false;
}

bool map_is_first_of_network(const struct map *map, size_t node)
{
	const char *network = map->nodes[node].network;

	for (size_t i = 0; i < node && network; i++)
		if (map->nodes[i].network && !strcmp(map->nodes[i].network, network))
			return false;
	return network;
}
