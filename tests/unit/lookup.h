/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel side does with compiled tables (kern/match.h, abi.h), done in memory. */
#ifndef TEST_LOOKUP_H
#define TEST_LOOKUP_H

#include "policy.h"

/* An address in host order, aligned to the left as in struct prefix. */
struct address {
	uint64_t high, low;
	uint8_t family; /* enum pctl_family */
};

/* The result for an address, and how many references were followed. */
uint32_t trie_lookup(const struct trie *trie, uint32_t root, const struct address *address,
		     unsigned int *steps);

#endif
