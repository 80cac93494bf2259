// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "flows.h"

uint64_t flows_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = clock_monotonic_ns();
	return seed | 1;
}

/* Multiply and fold (as wyhash does), with the seed in each round. */
uint64_t flows_hash(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t hash = seed ^ length;

	while (length) {
		size_t part = length < 8 ? length : 8;
		uint64_t word = 0;
		__uint128_t product;

		memcpy(&word, at, part);
		product = (__uint128_t)(word ^ seed ^ 0x9e3779b97f4a7c15ull) *
			  (hash ^ 0xd1b54a32d192ed03ull);
		hash = (uint64_t)product ^ (uint64_t)(product >> 64);
		at += part;
		length -= part;
	}
	return hash ^ hash >> 32;
}

void flows_clear(struct flows *flows)
{
	free(flows->items);
	free(flows->slots);
	*flows = (struct flows){};
}

static bool same(const struct flow_key *a, const struct flow_key *b)
{
	return !prefix_compare(&a->peer, &b->peer) && a->number == b->number &&
	       a->protocol == b->protocol && a->kind == b->kind && a->direction == b->direction;
}

static size_t place(const struct flows *flows, const struct flow_key *key)
{
	const uint64_t words[] = {
		key->peer.high,
		key->peer.low,
		(uint64_t)key->number << 32 | (uint64_t)key->protocol << 24 |
			(uint64_t)key->kind << 16 | (uint64_t)key->direction << 8 |
			key->peer.family,
	};

	return flows_hash(flows->seed, words, sizeof(words)) & (flows->slot_count - 1);
}

static size_t find_slot(const struct flows *flows, const struct flow_key *key)
{
	size_t slot = place(flows, key);

	while (flows->slots[slot] && !same(&flows->items[flows->slots[slot] - 1].key, key))
		slot = (slot + 1) & (flows->slot_count - 1);
	return slot;
}

static bool grow(struct flows *flows)
{
	size_t capacity = flows->capacity ? 2 * flows->capacity : 64;
	struct flow *items = reallocarray(flows->items, capacity, sizeof(*items));
	uint32_t *slots;

	if (!items)
		return false;
	flows->items = items;
	slots = calloc(2 * capacity, sizeof(*slots));
	if (!slots)
		return false;
	free(flows->slots);
	flows->slots = slots;
	flows->slot_count = 2 * capacity;
	flows->capacity = capacity;
	if (!flows->seed)
		flows->seed = flows_seed();
	for (size_t i = 0; i < flows->count; i++)
		flows->slots[find_slot(flows, &flows->items[i].key)] = i + 1;
	return true;
}

struct flow *flows_find(const struct flows *flows, const struct flow_key *key)
{
	uint32_t index = flows->slot_count ? flows->slots[find_slot(flows, key)] : 0;

	return index ? &flows->items[index - 1] : NULL;
}

struct flow *flows_get(struct flows *flows, const struct flow_key *key)
{
	struct flow *flow = flows_find(flows, key);

	if (flow)
		return flow;
	if (flows->count == FLOWS_MAX || (flows->count == flows->capacity && !grow(flows))) {
		flows->left_out++;
		return NULL;
	}
	flow = &flows->items[flows->count];
	flows->slots[find_slot(flows, key)] = ++flows->count;
	*flow = (struct flow){
		.key = *key,
		.first = clock_realtime_ns() / NS_PER_SECOND,
		.opener_low = UINT16_MAX,
	};
	flow->last = flow->first;
	return flow;
}

void flow_counts_add(struct flow_counts *to, const struct flow_counts *counts)
{
	to->connections += counts->connections;
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		to->packets[i] += counts->packets[i];
		to->bytes[i] += counts->bytes[i];
	}
}
