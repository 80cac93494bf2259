// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "clock.h"
#include "protocols.h"
#include "seen.h"

#define GONE_READINGS 5 /* so long it may be absent: a reading can miss one that changes tables */
#define STRAY_READINGS 30 /* so long bytes wait for their connection */
#define SEEN_MAX (1u << 18)

void seen_clear(struct seen *seen)
{
	free(seen->items);
	free(seen->slots);
	*seen = (struct seen){};
}

struct prefix seen_peer(const struct pctl_connection_key *key)
{
	return address_from_words(key->family, key->remote);
}

/* --- the hash --- */

static size_t find_slot(const struct seen *seen, const struct pctl_connection_key *key)
{
	size_t slot = flows_hash(seen->seed, key, sizeof(*key)) & (seen->slot_count - 1);

	while (seen->slots[slot] &&
	       memcmp(&seen->items[seen->slots[slot] - 1].key, key, sizeof(*key)) != 0)
		slot = (slot + 1) & (seen->slot_count - 1);
	return slot;
}

static void rehash(struct seen *seen)
{
	memset(seen->slots, 0, seen->slot_count * sizeof(*seen->slots));
	for (size_t i = 0; i < seen->count; i++)
		seen->slots[find_slot(seen, &seen->items[i].key)] = i + 1;
}

static bool grow(struct seen *seen)
{
	size_t capacity = seen->capacity ? 2 * seen->capacity : 256;
	struct seen_connection *items = reallocarray(seen->items, capacity, sizeof(*items));
	uint32_t *slots;

	if (!items)
		return false;
	seen->items = items;
	slots = calloc(2 * capacity, sizeof(*slots));
	if (!slots)
		return false;
	free(seen->slots);
	seen->slots = slots;
	seen->slot_count = 2 * capacity;
	seen->capacity = capacity;
	if (!seen->seed)
		seen->seed = flows_seed();
	rehash(seen);
	return true;
}

static struct seen_connection *find(const struct seen *seen, const struct pctl_connection_key *key)
{
	uint32_t index = seen->slot_count ? seen->slots[find_slot(seen, key)] : 0;

	return index ? &seen->items[index - 1] : NULL;
}

/* NULL: no memory. */
static struct seen_connection *get(struct seen *seen, const struct pctl_connection_key *key)
{
	struct seen_connection *item = find(seen, key);

	if (item)
		return item;
	if (seen->count == seen->capacity && !grow(seen))
		return NULL;
	item = &seen->items[seen->count];
	seen->slots[find_slot(seen, key)] = ++seen->count;
	*item = (struct seen_connection){ .key = *key, .read = seen->readings };
	return item;
}

/* --- from connections to flows --- */

static struct flow_key flow_of(const struct seen_connection *item)
{
	const struct pctl_connection_key *key = &item->key;
	bool to = item->value.flags & PCTL_CONNECTION_BY_REMOTE;
	struct flow_key flow = {
		.peer = seen_peer(key),
		.number = ntohs(to ? key->local_port : key->remote_port),
		.protocol = key->protocol,
		.kind = FLOW_PORTS,
		.direction = to ? PCTL_TO : PCTL_FROM,
	};

	if (protocol_is_icmp(key->protocol)) {
		flow.kind = FLOW_ICMP;
		flow.number = key->protocol == IPPROTO_ICMP ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	}
	return flow;
}

/* Seconds since 1970. */
static uint64_t when(uint32_t tick)
{
	uint32_t ago = connections_now() - tick;
	uint64_t ago_ns = ago >> 31 ? 0 : (uint64_t)ago << PCTL_TICK_SHIFT;

	return (clock_realtime_ns() - ago_ns) / NS_PER_SECOND;
}

static void finish(const struct seen_connection *item, struct flows *flows)
{
	const struct flow_key key = flow_of(item);
	const struct flow_counts counts = {
		.connections = 1,
		.packets = { item->packets[PCTL_FROM], item->packets[PCTL_TO] },
		.bytes = { item->bytes[PCTL_FROM], item->bytes[PCTL_TO] },
	};
	uint16_t opener =
		ntohs(key.direction == PCTL_TO ? item->key.remote_port : item->key.local_port);
	struct flow *flow = item->over ? NULL : flows_get(flows, &key);

	if (!flow)
		return;
	flow_counts_add(&flow->counts, &counts);
	flow->answered += item->value.state >= PCTL_CONNECTION_ANSWERED ||
			  item->value.flags & PCTL_CONNECTION_ADOPTED;
	if (flow->longest < counts.packets[key.direction])
		flow->longest = counts.packets[key.direction];
	if (opener < flow->opener_low)
		flow->opener_low = opener;
	if (opener > flow->opener_high)
		flow->opener_high = opener;
	if (when(item->value.began) < flow->first)
		flow->first = when(item->value.began);
	flow->last = when(item->value.seen);
}

static void sweep(struct seen *seen, struct flows *flows)
{
	size_t kept = 0;

	for (size_t i = 0; i < seen->count; i++) {
		struct seen_connection *item = &seen->items[i];
		uint32_t absent = seen->readings - item->read;

		if (item->known && absent > GONE_READINGS)
			finish(item, flows);
		else if (item->known || absent <= STRAY_READINGS)
			seen->items[kept++] = *item;
	}
	if (kept == seen->count)
		return;
	seen->count = kept;
	rehash(seen);
}

static int take(struct seen *seen, const struct connection *connection, struct flows *flows)
{
	struct seen_connection *item = get(seen, &connection->key);
	const struct pctl_connection *value = &connection->value;

	if (!item)
		return -ENOMEM;
	if (item->known && item->value.began != value->began) {
		finish(item, flows);
		*item = (struct seen_connection){ .key = connection->key };
	}
	if (!item->known) {
		item->over = seen->readings == 1 && pctl_connection_closing(value);
		seen->total += !item->over;
		seen->began += seen->readings > 1 && !(value->flags & PCTL_CONNECTION_ADOPTED);
	}
	item->known = true;
	item->read = seen->readings;
	/* In the order of the tables: the second one knows better. */
	if (item->value.state <= value->state)
		item->value = *value;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		if (item->packets[i] < value->packets[i])
			item->packets[i] = value->packets[i];
	return 0;
}

int seen_take(struct seen *seen, const struct connections *connections, struct flows *flows)
{
	int error = 0;

	seen->readings++;
	for (size_t i = 0; i < connections->count && !error; i++)
		error = take(seen, &connections->items[i], flows);
	if (!error)
		sweep(seen, flows);
	return error;
}

void seen_frame(struct seen *seen, const struct pctl_connection_key *key,
		enum pctl_direction direction, size_t bytes)
{
	struct seen_connection *item = find(seen, key);

	if (!item && seen->count < SEEN_MAX)
		item = get(seen, key);
	if (!item)
		seen->left_out++;
	else
		item->bytes[direction] += bytes;
}

bool seen_has(const struct seen *seen, const struct pctl_connection_key *key)
{
	const struct seen_connection *item = find(seen, key);

	return item && item->known;
}

void seen_finish(struct seen *seen, struct flows *flows)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->items[i].known)
			finish(&seen->items[i], flows);
	seen_clear(seen);
}
