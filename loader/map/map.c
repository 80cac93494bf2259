// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "protocols.h"

const char *const map_limits[] = {
	"What policies of policyctl let begin: TCP, UDP and ping. Answers are not drawn.",
	"Not known: other firewalls, NAT and routes; who has which address tomorrow.",
	NULL,
};

static void node_clear(struct map_node *node)
{
	free(node->name);
	free(node->network);
	prefixes_clear(&node->addresses);
	policy_free(node->policy);
}

void map_clear(struct map *map)
{
	for (size_t i = 0; i < map->node_count; i++)
		node_clear(&map->nodes[i]);
	for (size_t i = 0; i < map->edge_count; i++)
		free(map->edges[i].flows);
	free(map->nodes);
	free(map->edges);
	*map = (struct map){};
}

static bool grow(void **items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? 2 * *capacity : 16;
	void *grown;

	if (count < *capacity)
		return true;
	grown = reallocarray(*items, wanted, size);
	if (!grown)
		return false;
	*items = grown;
	*capacity = wanted;
	return true;
}

struct map_node *map_add_node(struct map *map, enum map_kind kind, const char *name)
{
	struct map_node *node;

	if (!grow((void **)&map->nodes, map->node_count, &map->node_capacity, sizeof(*node)))
		return NULL;
	node = &map->nodes[map->node_count];
	*node = (struct map_node){ .kind = kind, .name = strdup(name) };
	if (!node->name)
		return NULL;
	map->node_count++;
	return node;
}

struct map_edge *map_edge(struct map *map, size_t from, size_t to, bool seen)
{
	struct map_edge *edge;

	for (size_t i = 0; i < map->edge_count; i++) {
		edge = &map->edges[i];
		if (edge->from == from && edge->to == to && edge->seen == seen)
			return edge;
	}
	if (!grow((void **)&map->edges, map->edge_count, &map->edge_capacity, sizeof(*edge)))
		return NULL;
	edge = &map->edges[map->edge_count++];
	*edge = (struct map_edge){ .from = from, .to = to, .seen = seen };
	return edge;
}

static bool same_rules(const struct map_flow *a, const struct map_flow *b)
{
	return a->protocol == b->protocol && !memcmp(a->rules, b->rules, sizeof(a->rules));
}

int map_add_flow(struct map_edge *edge, const struct map_flow *flow)
{
	for (size_t i = 0; i < edge->count; i++) {
		struct map_flow *old = &edge->flows[i];

		if (!same_rules(old, flow))
			continue;
		if (old->low == flow->low && old->high == flow->high) {
			old->families |= flow->families;
			old->connections += flow->connections;
			old->packets += flow->packets;
			return 0;
		}
		if (!edge->seen && old->families == flow->families && old->high + 1 == flow->low) {
			old->high = flow->high;
			return 0;
		}
	}
	if (!grow((void **)&edge->flows, edge->count, &edge->capacity, sizeof(*flow)))
		return -ENOMEM;
	edge->flows[edge->count++] = *flow;
	return 0;
}

static bool is_ping(const struct map_flow *flow)
{
	return protocol_is_icmp(flow->protocol);
}

static bool joins(const struct map_flow *a, const struct map_flow *b)
{
	return (a->protocol == b->protocol || (is_ping(a) && is_ping(b))) && a->low == b->low &&
	       a->high == b->high && !memcmp(a->rules, b->rules, sizeof(a->rules));
}

void map_edge_tidy(struct map_edge *edge)
{
	size_t kept = 0;

	for (size_t i = 0; i < edge->count; i++) {
		size_t j = 0;

		while (j < kept && !joins(&edge->flows[j], &edge->flows[i]))
			j++;
		if (j == kept) {
			edge->flows[kept++] = edge->flows[i];
			continue;
		}
		edge->flows[j].families |= edge->flows[i].families;
		edge->flows[j].connections += edge->flows[i].connections;
		edge->flows[j].packets += edge->flows[i].packets;
	}
	edge->count = kept;
}

bool map_edge_is_all(const struct map_edge *edge)
{
	const struct map_flow *flows = edge->flows;

	if (edge->seen || edge->count != 3)
		return false;
	for (size_t i = 0; i < edge->count; i++)
		if (memcmp(flows[i].rules, flows[0].rules, sizeof(flows[0].rules)) ||
		    flows[i].families != edge->families ||
		    (!is_ping(&flows[i]) && (flows[i].low || flows[i].high != UINT16_MAX)))
			return false;
	return true;
}

const char *map_stance_words(enum map_stance stance)
{
	static const char *const words[MAP_STANCES] = {
		[MAP_NO_POLICY] = "no policy",
		[MAP_DENIES] = "deny by default",
		[MAP_PARTLY] = "one way denies by default",
		[MAP_OPEN] = "open by default",
		[MAP_HELD] = "held: all is dropped",
		[MAP_AUDITS] = "audit: nothing is enforced",
	};

	return words[stance];
}

/* @families: of both ends; where they have one in common it goes without saying */
static int print_what(const struct map_flow *flow, uint8_t families, char text[MAP_FLOW_TEXT])
{
	const char *family = !families || flow->families == families ? ""
			     : flow->families == 1 << PCTL_IPV4	     ? " (IPv4)"
								     : " (IPv6)";
	const char *name = protocol_name(flow->protocol) ?: "?";

	if (protocol_is_icmp(flow->protocol))
		return snprintf(text, MAP_FLOW_TEXT, "ping%s", family);
	if (!flow->low && flow->high == UINT16_MAX)
		return snprintf(text, MAP_FLOW_TEXT, "%s, all ports%s", name, family);
	if (flow->low == flow->high)
		return snprintf(text, MAP_FLOW_TEXT, "%s %u%s", name, flow->low, family);
	return snprintf(text, MAP_FLOW_TEXT, "%s %u-%u%s", name, flow->low, flow->high, family);
}

void map_flow_text(const struct map_edge *edge, const struct map_flow *flow,
		   char text[MAP_FLOW_TEXT])
{
	int used = map_edge_is_all(edge) ? snprintf(text, MAP_FLOW_TEXT, "tcp, udp and ping")
					 : print_what(flow, edge->families, text);
	uint32_t sender = flow->rules[PCTL_FROM], receiver = flow->rules[PCTL_TO];

	if (edge->seen)
		snprintf(text + used, MAP_FLOW_TEXT - used, ": %llu connection%s",
			 (unsigned long long)flow->connections, flow->connections == 1 ? "" : "s");
	else if (sender && receiver)
		snprintf(text + used, MAP_FLOW_TEXT - used, " [%u, %u]", sender, receiver);
	else if (sender || receiver)
		snprintf(text + used, MAP_FLOW_TEXT - used, " [%u]", sender ?: receiver);
}
