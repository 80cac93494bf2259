// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "attachment_state.h"
#include "connection_table.h"
#include "diagnostics.h"
#include "error.h"
#include "live_view.h"
#include "map_gather.h"
#include "netlink_peer.h"
#include "owner_words.h"
#include "policy_parse.h"
#include "print.h"
#include "protocols.h"
#include "set_files.h"
#include "util.h"

/* --- attachments --- */

static enum map_stance stance_of(const struct attachment *attachment, const struct policy *policy)
{
	int denying = 0;

	if (attachment->current.meta.quarantine || attachment->current.owner.held)
		return MAP_HELD;
	if (attachment_audits(attachment))
		return MAP_AUDITS;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		denying += verdict_denies(policy->defaults[i]) && !policy->default_audits[i];
	return denying == 2 ? MAP_DENIES : denying ? MAP_PARTLY : MAP_OPEN;
}

static bool needs_files(const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++)
		if (policy->sets[i]->path && !policy->sets[i]->loaded)
			return true;
	return false;
}

/* The kernel has the members of sets from files, the policy has their number. They are read again,
 * as the files are now. */
static int load_files(struct map_node *node)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = {};
	_cleanup_(policy_freep) struct policy *loaded = NULL;
	_cleanup_(freep) char *text = policy_print(node->policy);

	if (!text)
		return -ENOMEM;
	if (policy_parse("map", text, strlen(text), &files_loader, &loaded, &diagnostics) ||
	    loaded->count != node->policy->count) {
		node->unreadable = true;
		error_clear();
		return 0;
	}
	for (size_t i = 0; i < loaded->count; i++)
		loaded->rules[i].id = node->policy->rules[i].id;
	loaded->audit = node->policy->audit;
	policy_free(node->policy);
	node->policy = TAKE_PTR(loaded);
	return 0;
}

static int take_members(const struct live_view *view, uint32_t now, struct set *set)
{
	size_t capacity = 0;
	int error = 0;

	prefixes_clear(&set->prefixes);
	set->loaded = view->asked && live_view_is_complete(view);
	for (size_t i = 0; i < view->member_count && !error; i++) {
		const struct live_member *member = &view->members[i];

		if (pctl_member_expired(&member->value, now))
			continue;
		error = prefixes_add(&set->prefixes, &capacity,
				     address_from_words(member->family, member->address));
	}
	prefixes_normalise(&set->prefixes);
	return error;
}

/* Live sets have the members of this moment. */
static int load_live(const struct generation *generation, struct policy *policy)
{
	_cleanup_(live_views_close) struct live_views views = {};
	int error = live_views_open(generation, policy, &views);
	uint32_t index = 0;

	error = error ?: live_views_read_members(generation, &views);
	for (size_t i = 0; i < policy->set_count && !error; i++)
		if (policy->sets[i]->live && index < views.count) {
			error = take_members(&views.items[index], views.now, policy->sets[i]);
			index++;
		}
	return error;
}

static int set_network(struct map_node *node, struct session *session, const struct link *link,
		       const struct owner *owner)
{
	struct link master;

	if (owner_is(owner) && *owner->network) {
		node->network = strdup(owner->network);
		return node->network ? 0 : -ENOMEM;
	}
	if (!link->master || nl_link_get(session->nl, NULL, link->master, &master)) {
		error_clear();
		return 0;
	}
	node->network = strdup(master.name);
	return node->network ? 0 : -ENOMEM;
}

int map_gather(struct map *map, struct session *session, const struct attachment *attachment,
	       const struct owner *owner)
{
	const struct link *link = &attachment->hooks.link;
	const char *name = owner_is_container(owner) ? owner_name(owner) : link->name;
	struct map_node *node = map_add_node(map, MAP_ATTACHED, name);
	uint8_t mac[6];
	int error;

	if (!node)
		return -ENOMEM;
	snprintf(node->interface, sizeof(node->interface), "%s", link->name);
	error = generation_policy(&attachment->current, &node->policy);
	if (error)
		return error;
	node->own = attachment->current.own;
	node->stance = stance_of(attachment, node->policy);
	error = needs_files(node->policy) ? load_files(node) : 0;
	error = error ?: load_live(&attachment->current, node->policy);
	error = error ?: set_network(node, session, link, owner);
	if (!error && nl_peer_addresses(session->nl, link, mac, &node->addresses))
		error_clear(); /* no veth, or its other end is gone: it has no edges */
	return error;
}

/* --- the host --- */

static int add_address(struct prefixes *addresses, size_t *capacity, const struct sockaddr *address)
{
	struct prefix prefix = {};
	const uint8_t *bytes;
	size_t size = 4;

	if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return 0;
	bytes = (const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr;
	if (address->sa_family == AF_INET6) {
		bytes = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
		prefix.family = PCTL_IPV6;
		size = 16;
	}
	for (size_t i = 0; i < size; i++)
		*(i < 8 ? &prefix.high : &prefix.low) |= (uint64_t)bytes[i] << (56 - i % 8 * 8);
	prefix.length = family_bits(prefix.family);
	if (bytes[0] == 127 && size == 4)
		return 0;
	return prefixes_add(addresses, capacity, prefix);
}

int map_gather_host(struct map *map)
{
	struct map_node *node = map_add_node(map, MAP_HOST, "this host");
	struct ifaddrs *addresses;
	size_t capacity = 0;
	int error = 0;

	if (!node)
		return -ENOMEM;
	if (getifaddrs(&addresses))
		return error_set(-errno, "cannot read the addresses of this host: %m");
	for (struct ifaddrs *item = addresses; item && !error; item = item->ifa_next)
		error = add_address(&node->addresses, &capacity, item->ifa_addr);
	freeifaddrs(addresses);
	prefixes_normalise(&node->addresses);
	return error;
}

/* --- connections --- */

/* The node with the narrowest block that has this address. */
static size_t node_of(const struct map *map, const struct prefix *address)
{
	size_t found = map->node_count, elsewhere = map->node_count;
	unsigned int length = 0;

	for (size_t i = 0; i < map->node_count; i++) {
		const struct map_node *node = &map->nodes[i];
		const struct prefix *block = prefixes_find(&node->addresses, address);

		if (node->kind == MAP_ELSEWHERE)
			elsewhere = i;
		if (block && (found == map->node_count || block->length > length)) {
			found = i;
			length = block->length;
		}
	}
	return found < map->node_count ? found : elsewhere;
}

static int add_connection(struct map *map, size_t node, const struct connection *connection)
{
	const struct pctl_connection_key *key = &connection->key;
	bool from = connection_direction(connection) == PCTL_FROM;
	struct prefix remote = address_from_words(key->family, key->remote);
	size_t other = node_of(map, &remote);
	uint16_t port = ntohs(from ? key->remote_port : key->local_port);
	struct map_flow flow = {
		.protocol = key->protocol,
		.families = 1u << key->family,
		.connections = 1,
		.packets = (uint64_t)connection->value.packets[PCTL_FROM] +
			   connection->value.packets[PCTL_TO],
	};
	struct map_edge *edge;

	/* A SYN that nobody answered reached nobody, as far as is known. */
	if (key->protocol == IPPROTO_TCP && connection->value.state == PCTL_CONNECTION_OPENED)
		return 0;
	/* Between two that both know it, the one that opened it tells it. */
	if (other == map->node_count ||
	    (!from && map->nodes[other].kind == MAP_ATTACHED && map->nodes[other].policy))
		return 0;
	flow.low = flow.high = protocol_is_icmp(key->protocol) ? MAP_ECHO : port;
	edge = map_edge(map, from ? node : other, from ? other : node, true);
	return edge ? map_add_flow(edge, &flow) : -ENOMEM;
}

int map_gather_connections(struct map *map, size_t node, const struct attachment *attachment)
{
	_cleanup_(connections_clear) struct connections connections = {};
	struct connection_maps maps = connection_maps_of(&attachment->current);
	int error;

	if (!connections_tracked(&maps)) {
		map->untracked++;
		return 0;
	}
	error = connections_read(&maps, &connections);
	for (size_t i = 0; i < connections.count && !error; i++)
		error = add_connection(map, node, &connections.items[i]);
	return error;
}
