// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "cleanup.h"
#include "connection_frame.h"
#include "evaluate.h"
#include "map_reach.h"
#include "protocols.h"

#define CLIENT_PORT 40000
#define BLOCKS_MAX 200 /* more are not drawn one by one: nobody could read it */

static const uint8_t drawn_protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6 };

struct reaching {
	struct map *map;
	struct frame *frame;
	uint32_t *starts; /* of port ranges, sorted */
	size_t start_count, start_capacity;
	struct prefix elsewhere[PCTL_FAMILIES]; /* an address that nobody names */
	bool has_elsewhere[PCTL_FAMILIES];
};

/* --- addresses --- */

static void put_address(const struct prefix *prefix, __u32 to[4])
{
	to[0] = htonl(prefix->high >> 32);
	if (prefix->family == PCTL_IPV4)
		return;
	to[1] = htonl((uint32_t)prefix->high);
	to[2] = htonl(prefix->low >> 32);
	to[3] = htonl((uint32_t)prefix->low);
}

static bool is_named(const struct map *map, const struct prefix *address, uint8_t least)
{
	for (size_t i = 0; i < map->node_count; i++)
		for (size_t j = 0; j < map->nodes[i].addresses.count; j++)
			if (map->nodes[i].addresses.items[j].length > least &&
			    prefix_holds(&map->nodes[i].addresses.items[j], address))
				return true;
	return false;
}

/* An address of a block that no narrower one of another node has, if there is one among some. */
static struct prefix example_of(const struct map *map, const struct prefix *block)
{
	struct prefix address = *block, first;
	unsigned int bits = family_bits(block->family);

	address.length = bits;
	first = address;
	for (unsigned int i = 0; i < 300 && prefix_holds(block, &address); i++) {
		if (!is_named(map, &address, block->length))
			return address;
		if (!prefix_next(&address, &address))
			break;
		address.length = bits;
	}
	return first;
}

static bool address_of(const struct reaching *reaching, const struct map_node *node, uint8_t family,
		       struct prefix *address)
{
	if (node->kind == MAP_ELSEWHERE) {
		*address = reaching->elsewhere[family];
		return reaching->has_elsewhere[family];
	}
	for (size_t i = 0; i < node->addresses.count; i++)
		if (node->addresses.items[i].family == family) {
			*address = example_of(reaching->map, &node->addresses.items[i]);
			return true;
		}
	return false;
}

/* Public addresses, of which policies hardly name all. */
static void find_elsewhere(struct reaching *reaching)
{
	for (unsigned int i = 1; i < 200; i++) {
		struct prefix v4 = { .family = PCTL_IPV4, .length = 32 };
		struct prefix v6 = { .family = PCTL_IPV6, .length = 128 };

		v4.high = (uint64_t)(i << 24 | 0x010101) << 32;
		v6.high = (uint64_t)(0x2001 + i * 7) << 48 | 0x1111;
		v6.low = 1;
		if (!reaching->has_elsewhere[PCTL_IPV4] && i != 10 && i != 127 &&
		    !is_named(reaching->map, &v4, 0)) {
			reaching->elsewhere[PCTL_IPV4] = v4;
			reaching->has_elsewhere[PCTL_IPV4] = true;
		}
		if (!reaching->has_elsewhere[PCTL_IPV6] && !is_named(reaching->map, &v6, 0)) {
			reaching->elsewhere[PCTL_IPV6] = v6;
			reaching->has_elsewhere[PCTL_IPV6] = true;
		}
	}
}

/* --- one packet --- */

/* What decides about the packet that begins a connection. */
struct decision {
	uint32_t rule; /* its id; 0: a default, or there is no policy */
	bool names_peer; /* the rule is about some peers */
	bool decided; /* there is a policy */
};

static bool passes(struct reaching *reaching, const struct map_node *node,
		   enum pctl_direction direction, const struct pctl_connection_key *key,
		   struct decision *decision)
{
	struct connection connection = { .key = *key };
	struct evaluation evaluation;
	struct packet_fields fields;

	*decision = (struct decision){};
	if (!node->policy)
		return true;
	if (direction == PCTL_TO)
		connection.value.flags = PCTL_CONNECTION_BY_REMOTE;
	connection_frame(&connection, node->own.known ? &node->own : NULL, reaching->frame);
	packet_fields_read(reaching->frame->data, reaching->frame->length, &fields);
	decision->decided = true;
	if (policy_evaluate(node->policy, direction, &fields, NULL, NULL, &evaluation))
		return false;
	if (evaluation.rule) {
		decision->rule = evaluation.rule->id;
		decision->names_peer = peers_given(&evaluation.rule->peers);
	}
	return evaluation_passes(&evaluation) || policy_audits_default(node->policy, direction) ||
	       node->policy->audit;
}

static void set_end(struct pctl_connection_key *key, uint8_t protocol, bool local_opens,
		    uint16_t port)
{
	key->protocol = protocol;
	if (protocol_is_icmp(protocol)) {
		pctl_connection_echo(key, htons(1), local_opens);
		return;
	}
	key->local_port = htons(local_opens ? CLIENT_PORT : port);
	key->remote_port = htons(local_opens ? port : CLIENT_PORT);
}

struct pair {
	size_t from, to;
	struct prefix source, destination;
	bool always; /* it is drawn whatever decides */
};

static bool may(struct reaching *reaching, const struct pair *pair, uint8_t protocol, uint16_t port,
		struct map_flow *flow, bool *drawn)
{
	struct map *map = reaching->map;
	struct pctl_connection_key sent = { .family = pair->source.family }, received = sent;
	struct decision sender, receiver;

	put_address(&pair->source, sent.local);
	put_address(&pair->destination, sent.remote);
	put_address(&pair->destination, received.local);
	put_address(&pair->source, received.remote);
	set_end(&sent, protocol, true, port);
	set_end(&received, protocol, false, port);
	if (!passes(reaching, &map->nodes[pair->from], PCTL_FROM, &sent, &sender) ||
	    !passes(reaching, &map->nodes[pair->to], PCTL_TO, &received, &receiver))
		return false;
	flow->rules[PCTL_FROM] = sender.rule;
	flow->rules[PCTL_TO] = receiver.rule;
	*drawn = pair->always || sender.names_peer || receiver.names_peer;
	return true;
}

/* --- one pair --- */

static int add_start(struct reaching *reaching, uint32_t port)
{
	if (reaching->start_count == reaching->start_capacity) {
		size_t capacity = 2 * reaching->start_capacity + 64;
		uint32_t *grown = reallocarray(reaching->starts, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		reaching->starts = grown;
		reaching->start_capacity = capacity;
	}
	reaching->starts[reaching->start_count++] = port;
	return 0;
}

static int add_starts(struct reaching *reaching, const struct policy *policy)
{
	int error = 0;

	for (size_t i = 0; policy && i < policy->count && !error; i++) {
		const struct ranges *ports = &policy->rules[i].dports;

		for (size_t j = 0; j < ports->count && !error; j++) {
			error = add_start(reaching, ports->items[j].low);
			if (!error && ports->items[j].high < UINT16_MAX)
				error = add_start(reaching, ports->items[j].high + 1u);
		}
	}
	return error;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int find_starts(struct reaching *reaching, const struct pair *pair)
{
	size_t kept = 1;
	int error;

	reaching->start_count = 0;
	error = add_start(reaching, 0);
	error = error ?: add_starts(reaching, reaching->map->nodes[pair->from].policy);
	error = error ?: add_starts(reaching, reaching->map->nodes[pair->to].policy);
	if (error)
		return error;
	qsort(reaching->starts, reaching->start_count, sizeof(*reaching->starts), compare);
	for (size_t i = 1; i < reaching->start_count; i++)
		if (reaching->starts[i] != reaching->starts[kept - 1])
			reaching->starts[kept++] = reaching->starts[i];
	reaching->start_count = kept;
	return 0;
}

static int draw_protocol(struct reaching *reaching, const struct pair *pair, uint8_t protocol)
{
	size_t count = protocol_is_icmp(protocol) ? 1 : reaching->start_count;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		struct map_flow flow = { .protocol = protocol };
		struct map_edge *edge;
		bool drawn;

		flow.low = reaching->starts[i];
		flow.high =
			i + 1 < reaching->start_count ? reaching->starts[i + 1] - 1 : UINT16_MAX;
		flow.families = 1u << pair->source.family;
		if (protocol_is_icmp(protocol))
			flow.low = flow.high = MAP_ECHO;
		if (!may(reaching, pair, protocol, flow.low, &flow, &drawn) || !drawn)
			continue;
		edge = map_edge(reaching->map, pair->from, pair->to, false);
		error = edge ? map_add_flow(edge, &flow) : -ENOMEM;
	}
	return error;
}

static bool is_of_family(uint8_t protocol, uint8_t family)
{
	return protocol != (family == PCTL_IPV4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

static bool share_network(const struct map_node *a, const struct map_node *b)
{
	return a->network && b->network && !strcmp(a->network, b->network);
}

static uint8_t families_of(const struct reaching *reaching, const struct map_node *a,
			   const struct map_node *b)
{
	uint8_t families = 0;
	struct prefix address;

	for (uint8_t family = 0; family < PCTL_FAMILIES; family++)
		if (address_of(reaching, a, family, &address) &&
		    address_of(reaching, b, family, &address))
			families |= 1u << family;
	return families;
}

static int draw_pair(struct reaching *reaching, size_t from, size_t to)
{
	const struct map_node *a = &reaching->map->nodes[from], *b = &reaching->map->nodes[to];
	struct pair pair = { .from = from, .to = to };
	size_t edges = reaching->map->edge_count;
	uint8_t families;
	int error;

	if (from == to || (!a->policy && !b->policy) || a->unreadable || b->unreadable)
		return 0;
	pair.always = a->kind == MAP_ELSEWHERE || b->kind == MAP_ELSEWHERE || share_network(a, b);
	error = find_starts(reaching, &pair);
	families = families_of(reaching, a, b);
	for (uint8_t family = 0; family < PCTL_FAMILIES; family++) {
		if (!address_of(reaching, a, family, &pair.source) ||
		    !address_of(reaching, b, family, &pair.destination))
			continue;
		for (size_t i = 0; i < sizeof(drawn_protocols) && !error; i++)
			if (is_of_family(drawn_protocols[i], family))
				error = draw_protocol(reaching, &pair, drawn_protocols[i]);
	}
	if (error || reaching->map->edge_count == edges)
		return error;
	reaching->map->edges[edges].families = families;
	map_edge_tidy(&reaching->map->edges[edges]);
	return 0;
}

/* --- what rules name --- */

static bool is_node(const struct map *map, const char *name, const struct prefixes *prefixes)
{
	for (size_t i = 0; i < map->node_count; i++) {
		const struct map_node *node = &map->nodes[i];

		if (node->kind == MAP_BLOCK && !strcmp(node->name, name) &&
		    prefixes_equal(&node->addresses, prefixes))
			return true;
		/* An address of a container is the container. */
		if (node->kind != MAP_BLOCK && prefixes->count && node->addresses.count &&
		    prefixes_cover(&node->addresses, prefixes))
			return true;
	}
	return false;
}

static int add_block(struct map *map, const char *name, const struct prefixes *prefixes)
{
	struct map_node *node;

	if (!prefixes->count || map->node_count > BLOCKS_MAX || is_node(map, name, prefixes))
		return 0;
	node = map_add_node(map, MAP_BLOCK, name);
	return node ? prefixes_copy(&node->addresses, prefixes) : -ENOMEM;
}

static int add_named(struct map *map, const struct policy *policy)
{
	char text[ADDRESS_TEXT];
	int error = 0;

	for (size_t i = 0; i < policy->set_count && !error; i++) {
		_cleanup_(freep) char *name = NULL;

		if (asprintf(&name, "@%s", policy->sets[i]->name) < 0)
			return -ENOMEM;
		error = add_block(map, name, &policy->sets[i]->prefixes);
	}
	for (size_t i = 0; i < policy->count && !error; i++) {
		const struct prefixes *peers = &policy->rules[i].peers.prefixes;

		for (size_t j = 0; j < peers->count && !error; j++) {
			const struct prefixes one = { &peers->items[j], 1 };

			address_print(&peers->items[j], text);
			error = add_block(map, text, &one);
		}
	}
	return error;
}

int map_reach(struct map *map)
{
	_cleanup_(freep) struct frame *frame = malloc(sizeof(*frame));
	struct reaching reaching = { .map = map, .frame = frame };
	size_t attached = map->node_count;
	int error = 0;

	if (!frame)
		return -ENOMEM;
	for (size_t i = 0; i < attached && !error; i++)
		if (map->nodes[i].policy)
			error = add_named(map, map->nodes[i].policy);
	if (!error && !map_add_node(map, MAP_ELSEWHERE, "elsewhere"))
		error = -ENOMEM;
	find_elsewhere(&reaching);
	for (size_t from = 0; from < map->node_count && !error; from++)
		for (size_t to = 0; to < map->node_count && !error; to++)
			error = draw_pair(&reaching, from, to);
	free(reaching.starts);
	return error;
}
