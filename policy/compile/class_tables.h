/* SPDX-License-Identifier: GPL-2.0-only */
/* Classes become what the maps hold: services, peer_rules, pair_rules, list_rules, peer_lists,
 * source ports, and the trie that takes addresses to their classes. */
#ifndef PCTL_CLASS_TABLES_H
#define PCTL_CLASS_TABLES_H

#include "classify.h"
#include "compiled.h"

/* Both directions fill the same tables, one behind the other. */
struct class_tables {
	struct compiled *out;
	struct trie_builder trie;
	struct words peer_rules, peer_lists, pair_outcomes, source_services;
	size_t pair_capacity, service_capacity, list_capacity, source_capacity;
	struct words paired; /* scratch: rules */
	/* What the first direction's trie was made of: often the second one's is the same. */
	struct prefixes prefixes;
	uint32_t *results;
};

/* Zero-initialised but for `out`, tables begin with what both directions share. */
void class_tables_begin(struct class_tables *tables, const struct traits *traits);

/* Adds one direction, whose prefixes it takes over. 0, -ENOMEM, or -E2BIG: *budget says why. */
int class_tables_add(struct class_tables *tables, struct classification *classification,
		     struct budget *budget);

/* Hands the tables to the compiled policy, finished or not; frees the rest. */
void class_tables_end(struct class_tables *tables);

#endif
