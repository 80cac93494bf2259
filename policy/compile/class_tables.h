/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns classes into the content of the maps: services, peer_rules, pair_rules, list_rules,
 * peer_lists, source ports, and the trie from addresses to classes. */
#ifndef PCTL_CLASS_TABLES_H
#define PCTL_CLASS_TABLES_H

#include "classify.h"
#include "compiled.h"

/* Both directions fill the same tables, one after the other. */
struct class_tables {
	struct compiled *out;
	struct trie_builder trie;
	struct words peer_rules, peer_lists, pair_outcomes, source_services;
	size_t pair_capacity, service_capacity, list_capacity, source_capacity;
	struct words paired; /* scratch: rules */
	/* The prefixes of the first direction's trie: those of the second are often the same. */
	struct prefixes prefixes;
	uint32_t *results;
	uint32_t *pending; /* of the direction that is being added: the result of each class */
};

/* Fills in what both directions share. *tables is zero-initialised, apart from `out`. */
void class_tables_begin(struct class_tables *tables, const struct traits *traits);

/*
 * Adds one plane of a direction; all planes of a direction have the same classes of peers and
 * source ports. 0, -ENOMEM, or -E2BIG: *budget says why.
 * @last: it is the last plane of its direction; its prefixes are taken over
 */
int class_tables_add(struct class_tables *tables, struct classification *classification, bool last,
		     struct budget *budget);

/* Hands the tables to the compiled policy, complete or not; frees the rest. */
void class_tables_end(struct class_tables *tables);

#endif
