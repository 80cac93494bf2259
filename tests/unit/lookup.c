/* SPDX-License-Identifier: GPL-2.0-only */
#include "compiled.h"
#include "lookup.h"
#include "set_compile.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* All hash maps in one: the map is part of the key. */
enum map { PORT_RULES = 1, PAIR_RULES, SERVICE_BY_SOURCE };

struct entry {
	uint64_t key; /* map << 58 | …; 0: free */
	uint32_t value;
};

struct lookup {
	const struct compiled *compiled;
	struct trie sets[PCTL_SETS_MAX];
	struct entry *entries;
	size_t size; /* a power of two */
};

static uint64_t shift_out(struct address *address, unsigned int count)
{
	uint64_t top = address->high >> (64 - count);

	if (count == 64) {
		address->high = address->low;
		address->low = 0;
		return top;
	}
	address->high = address->high << count | address->low >> (64 - count);
	address->low <<= count;
	return top;
}

static uint32_t reference_number(const struct trie *trie, uint64_t number)
{
	return trie->cells[number / 4].references[number % 4];
}

static uint32_t leaf(uint32_t result)
{
	return PCTL_REFERENCE(PCTL_LEAF, PCTL_REFERENCE_RESULT(result));
}

static uint32_t follow_sparse(const struct trie *trie, uint32_t cell, uint64_t slot)
{
	const struct pctl_word *word = &trie->cells[cell + slot / 64].word;
	unsigned int bit = slot % 64, rank = 0;

	if (!(word->slots >> bit & 1))
		return leaf(word->outside);
	for (unsigned int i = 0; i < bit; i++)
		rank += word->slots >> i & 1;
	return reference_number(trie, (uint64_t)word->first + rank);
}

static uint32_t follow_jump(const struct trie *trie, uint32_t reference, struct address *rest)
{
	uint32_t bits = PCTL_REFERENCE_STRIDE(reference), cell = PCTL_REFERENCE_CELL(reference);
	const struct pctl_jump *jump;
	uint32_t skip;

	if (bits) /* of a set, without a cell */
		return leaf(shift_out(rest, bits) == cell ? PCTL_INSIDE : PCTL_OUTSIDE);
	jump = &trie->cells[cell].jump;
	skip = PCTL_JUMP_SKIP(jump->outside);
	if ((rest->high & UINT64_MAX << (64 - skip)) != jump->bits)
		return leaf(jump->outside);
	shift_out(rest, skip);
	return jump->inside;
}

uint32_t trie_lookup(const struct trie *trie, uint32_t root, const struct address *address,
		     unsigned int *steps)
{
	struct address rest = *address;
	uint32_t reference = root, cell, bits;

	for (*steps = 1; PCTL_REFERENCE_KIND(reference) != PCTL_LEAF; (*steps)++) {
		cell = PCTL_REFERENCE_CELL(reference);
		bits = PCTL_REFERENCE_STRIDE(reference);
		switch (PCTL_REFERENCE_KIND(reference)) {
		case PCTL_NODE:
			reference = reference_number(trie, cell * 4ull + shift_out(&rest, bits));
			break;
		case PCTL_SPARSE:
			reference = follow_sparse(trie, cell, shift_out(&rest, bits));
			break;
		case PCTL_JUMP:
			reference = follow_jump(trie, reference, &rest);
			break;
		}
	}
	return PCTL_REFERENCE_RESULT(reference);
}

/* --- hash maps --- */

static uint64_t key_of(enum map map, uint32_t high, uint32_t low)
{
	return (uint64_t)map << 58 | (uint64_t)high << 32 | low;
}

static struct entry *find(const struct lookup *lookup, uint64_t key)
{
	size_t at = (key * 0x9e3779b97f4a7c15) >> 20 & (lookup->size - 1);

	while (lookup->entries[at].key && lookup->entries[at].key != key)
		at = (at + 1) & (lookup->size - 1);
	return &lookup->entries[at];
}

static void put(struct lookup *lookup, uint64_t key, uint32_t value)
{
	*find(lookup, key) = (struct entry){ key, value };
}

/* The value, or @otherwise. */
static uint32_t get(const struct lookup *lookup, uint64_t key, uint32_t otherwise)
{
	const struct entry *entry = find(lookup, key);

	return entry->key ? entry->value : otherwise;
}

static uint64_t port_key(unsigned int direction, unsigned int protocol, unsigned int selector)
{
	return key_of(PORT_RULES, direction, protocol << 16 | selector);
}

static void fill_maps(struct lookup *lookup)
{
	const struct compiled *from = lookup->compiled;

	for (size_t i = 0; i < from->port_count; i++)
		put(lookup,
		    port_key(from->port_keys[i].plane, from->port_keys[i].protocol,
			     ntohs(from->port_keys[i].selector)),
		    from->port_outcomes[i]);
	for (size_t i = 0; i < from->pair_count; i++)
		put(lookup, key_of(PAIR_RULES, from->pair_keys[i].service, from->pair_keys[i].peer),
		    from->pair_outcomes[i]);
	for (size_t i = 0; i < from->source_count; i++)
		put(lookup,
		    key_of(SERVICE_BY_SOURCE, from->source_keys[i].service,
			   from->source_keys[i].source),
		    from->source_services[i]);
}

struct lookup *lookup_new(const struct compiled *compiled)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	size_t entries = compiled->port_count + compiled->pair_count + compiled->source_count;

	if (!lookup)
		return NULL;
	lookup->compiled = compiled;
	for (lookup->size = 16; lookup->size < entries * 2;)
		lookup->size *= 2;
	lookup->entries = calloc(lookup->size, sizeof(*lookup->entries));
	for (unsigned int i = 0; lookup->entries && i < compiled->classes.set_count; i++) {
		if (set_compile(compiled->sets[i], &lookup->sets[i])) {
			lookup_free(lookup);
			return NULL;
		}
	}
	if (!lookup->entries) {
		lookup_free(lookup);
		return NULL;
	}
	fill_maps(lookup);
	return lookup;
}

void lookup_free(struct lookup *lookup)
{
	if (!lookup)
		return;
	for (unsigned int i = 0; i < PCTL_SETS_MAX; i++)
		free(lookup->sets[i].cells);
	free(lookup->entries);
	free(lookup);
}

/* --- the way of a packet --- */

static uint32_t match_protocol(const struct lookup *lookup, const struct packet *packet)
{
	const struct pctl_tables *tables = &lookup->compiled->tables[packet->direction];
	uint32_t outcome = tables->by_protocol[packet->protocol], which;
	unsigned int selector = packet->selector;

	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_SELECT)
		return outcome;
	which = PCTL_OUTCOME_ARG(outcome) & (PCTL_SELECTED_MAX - 1);
	if (packet->known != KNOWN_SELECTOR)
		return tables->selector_unknown[which];
	outcome = tables->by_page[which][selector / PCTL_PAGES];
	if (!(tables->listed[selector / 64] & 1ull << (selector % 64)))
		return outcome;
	return get(lookup, port_key(packet->direction, packet->protocol, selector), outcome);
}

static uint32_t refine(const struct lookup *lookup, const struct packet *packet, uint32_t service)
{
	const struct compiled *from = lookup->compiled;
	const struct pctl_source_page *page;

	if (!(from->services[service].flags & PCTL_SERVICE_SOURCE) ||
	    packet->known != KNOWN_SELECTOR)
		return service;
	page = &from->source_pages[packet->direction * PCTL_PAGES + (packet->source >> 8)];
	return get(lookup, key_of(SERVICE_BY_SOURCE, service, page->classes[packet->source & 255]),
		   service);
}

static uint32_t peer_result(const struct lookup *lookup, const struct packet *packet)
{
	const struct pctl_classes *classes = &lookup->compiled->classes;
	unsigned int steps;

	if (!packet->peer_known || !classes->uses_peers[packet->direction])
		return PCTL_PEER_UNKNOWN;
	return trie_lookup(&lookup->compiled->prefixes,
			   classes->roots[packet->direction][packet->peer.family], &packet->peer,
			   &steps);
}

static enum pctl_membership membership(const struct lookup *lookup, const struct packet *packet,
				       unsigned int list, uint32_t class)
{
	const struct compiled *from = lookup->compiled;
	uint32_t base = from->classes.peer_lists_base[packet->direction];
	struct pctl_set_header header;
	unsigned int steps;

	if (!packet->peer_known)
		return PCTL_MEMBERSHIP_UNKNOWN;
	if (base != UINT32_MAX && from->peer_lists[base + class] & 1u << list)
		return PCTL_INSIDE;
	for (unsigned int i = 0; i < from->classes.set_count; i++) {
		if (!(from->classes.list_sets[list] & 1u << i))
			continue;
		memcpy(&header, lookup->sets[i].cells, sizeof(header));
		if (trie_lookup(&lookup->sets[i], header.roots[packet->peer.family], &packet->peer,
				&steps) == PCTL_INSIDE)
			return PCTL_INSIDE;
	}
	return PCTL_OUTSIDE;
}

static uint32_t first_of(uint32_t outcome, uint32_t other)
{
	return other && PCTL_OUTCOME_RANK(other) < PCTL_OUTCOME_RANK(outcome) ? other : outcome;
}

static uint32_t match_service(const struct lookup *lookup, const struct packet *packet,
			      uint32_t index)
{
	const struct compiled *from = lookup->compiled;
	uint32_t result, class, outcome, count = from->classes.list_count;
	const struct pctl_service *service;

	index = refine(lookup, packet, index);
	service = &from->services[index];
	outcome = service->otherwise;
	if (!(service->flags & (PCTL_SERVICE_PAIRS | PCTL_SERVICE_ROW)) && !service->lists)
		return outcome;
	result = peer_result(lookup, packet);
	class = PCTL_RESULT_CLASS(result);
	if (service->flags & PCTL_SERVICE_PAIRS && result & PCTL_RESULT_PAIRS)
		outcome = get(lookup, key_of(PAIR_RULES, index, class), outcome);
	if (service->flags & PCTL_SERVICE_ROW)
		outcome = first_of(outcome, from->peer_rules[service->row + class]);
	for (unsigned int i = 0; i < count; i++)
		if (service->lists & 1u << i)
			outcome = first_of(outcome,
					   from->list_rules[index * count + i]
						   .outcomes[membership(lookup, packet, i, class)]);
	return outcome;
}

static uint32_t match_ethertype(const struct lookup *lookup, const struct packet *packet)
{
	const struct pctl_tables *tables = &lookup->compiled->tables[packet->direction];

	if (!tables->ethertype)
		return tables->frame;
	return get(lookup, port_key(packet->direction, PCTL_ETHERTYPE, packet->selector),
		   tables->ethertype);
}

uint32_t lookup_packet(const struct lookup *lookup, const struct packet *packet)
{
	const struct pctl_tables *tables = &lookup->compiled->tables[packet->direction];
	uint32_t outcome;

	if (packet->known == KNOWN_NOTHING)
		return tables->frame;
	if (packet->known == KNOWN_ETHERTYPE)
		return match_ethertype(lookup, packet);
	if (packet->known == KNOWN_ARP)
		return tables->arp;
	outcome = packet->known == KNOWN_IP ? tables->protocol : match_protocol(lookup, packet);
	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_CLASS)
		return outcome;
	return match_service(lookup, packet, PCTL_OUTCOME_ARG(outcome));
}
