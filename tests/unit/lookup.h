/* SPDX-License-Identifier: GPL-2.0-only */
/* The lookups of the kernel programs in compiled tables (kern/match.h, abi.h), done in memory. */
#ifndef TEST_LOOKUP_H
#define TEST_LOOKUP_H

#include "compiled.h"
#include "policy.h"

/* An address in host order, aligned to the left as in struct prefix. */
struct address {
	uint64_t high, low;
	uint8_t family; /* enum pctl_family */
};

/* The result for an address, and how many references were followed. */
uint32_t trie_lookup(const struct trie *trie, uint32_t root, const struct address *address,
		     unsigned int *steps);

/* How much of a packet is known; each level includes those before it, except ARP and an ethertype.
 */
enum known {
	KNOWN_NOTHING,
	KNOWN_ETHERTYPE,
	KNOWN_ARP,
	KNOWN_IP,
	KNOWN_PROTOCOL,
	KNOWN_SELECTOR,
	KNOWN_LEVELS
};

struct packet {
	enum known known;
	enum pctl_direction direction;
	unsigned int protocol;
	unsigned int selector; /* or the ethertype */
	unsigned int source; /* port; known if the selector is */
	bool peer_known; /* from KNOWN_IP on */
	struct address peer;
};

/* The maps of a compiled policy, with those of its sets from files, which must be loaded. NULL
 * without memory. */
struct lookup *lookup_new(const struct compiled *compiled);
void lookup_free(struct lookup *lookup);

/* The outcome for a packet. */
uint32_t lookup_packet(const struct lookup *lookup, const struct packet *packet);

#endif
