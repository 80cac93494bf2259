// SPDX-License-Identifier: GPL-2.0-only
#include "addresses.h"
#include "json_text.h"
#include "map_write.h"
#include "protocols.h"

static const char *kind_name(enum map_kind kind)
{
	static const char *const names[] = {
		[MAP_ATTACHED] = "attachment",
		[MAP_HOST] = "host",
		[MAP_BLOCK] = "addresses",
		[MAP_ELSEWHERE] = "elsewhere",
	};

	return names[kind];
}

static json_t *node_json(const struct map_node *node)
{
	json_t *object = json_object(), *addresses = json_array();
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < node->addresses.count; i++) {
		address_print(&node->addresses.items[i], text);
		json_array_append_new(addresses, json_string(text));
	}
	json_object_set_new(object, "kind", json_string(kind_name(node->kind)));
	json_object_set_new(object, "name", json_text(node->name));
	json_object_set_new(object, "network", json_text_or_null(node->network ?: ""));
	json_object_set_new(object, "addresses", addresses);
	if (node->kind != MAP_ATTACHED)
		return object;
	json_object_set_new(object, "interface", json_text(node->interface));
	json_object_set_new(object, "stance", json_string(map_stance_words(node->stance)));
	json_object_set_new(object, "readable", json_boolean(!node->unreadable));
	return object;
}

static json_t *flow_json(const struct map_edge *edge, const struct map_flow *flow)
{
	json_t *object = json_object();

	json_object_set_new(object, "protocol", json_string(protocol_name(flow->protocol) ?: ""));
	json_object_set_new(object, "ipv4", json_boolean(flow->families & 1 << PCTL_IPV4));
	json_object_set_new(object, "ipv6", json_boolean(flow->families & 1 << PCTL_IPV6));
	if (!protocol_is_icmp(flow->protocol))
		json_object_set_new(object, "ports", json_pack("[i, i]", flow->low, flow->high));
	if (edge->seen) {
		json_object_set_new(object, "connections", json_integer(flow->connections));
		json_object_set_new(object, "packets", json_integer(flow->packets));
		return object;
	}
	json_object_set_new(object, "sender_rule",
			    flow->rules[PCTL_FROM] ? json_integer(flow->rules[PCTL_FROM])
						   : json_null());
	json_object_set_new(object, "receiver_rule",
			    flow->rules[PCTL_TO] ? json_integer(flow->rules[PCTL_TO])
						 : json_null());
	return object;
}

static json_t *edge_json(const struct map_edge *edge)
{
	json_t *flows = json_array();

	for (size_t i = 0; i < edge->count; i++)
		json_array_append_new(flows, flow_json(edge, &edge->flows[i]));
	return json_pack("{s:I, s:I, s:s, s:o}", "from", (json_int_t)edge->from, "to",
			 (json_int_t)edge->to, "kind", edge->seen ? "did" : "may", "flows", flows);
}

json_t *map_json(const struct map *map)
{
	json_t *nodes = json_array(), *edges = json_array(), *limits = json_array();

	for (size_t i = 0; i < map->node_count; i++)
		json_array_append_new(nodes, node_json(&map->nodes[i]));
	for (size_t i = 0; i < map->edge_count; i++)
		json_array_append_new(edges, edge_json(&map->edges[i]));
	for (size_t i = 0; map_limits[i]; i++)
		json_array_append_new(limits, json_string(map_limits[i]));
	return json_pack("{s:o, s:o, s:I, s:o}", "nodes", nodes, "edges", edges, "untracked",
			 (json_int_t)map->untracked, "limits", limits);
}
