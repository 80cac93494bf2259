/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds struct trie: level-compressed and path-compressed, as kern/abi.h describes it. A wider
 * node makes lookups shorter; a node is as wide as the prefixes below it can fill.
 */
#ifndef PCTL_TRIE_H
#define PCTL_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "prefix.h"

/* A trie over addresses, as struct pctl_jump in abi.h and its neighbours describe it. */
struct trie {
	union pctl_cell *cells;
	size_t count;
};

struct trie_builder {
	struct trie trie;
	size_t capacity; /* cells */
};

/*
 * Adds a trie that maps addresses of one family to the value of the longest prefix that contains
 * them.
 * @prefixes: of one family, sorted by address and length, none twice
 * @values: results, one for each prefix; NULL: PCTL_INSIDE for all of them
 * @outside: the result for addresses in none of them
 * Returns 0 and the first reference; -E2BIG when there are more cells than a reference can name; or
 * -ENOMEM. Tries added before stay valid.
 */
int trie_add(struct trie_builder *builder, const struct prefix *prefixes, const uint32_t *values,
	     size_t count, uint32_t outside, uint32_t *root);

/* Makes room for some cells, which are zero; *cell is the first of them. 0, -E2BIG or -ENOMEM. */
int trie_reserve(struct trie_builder *builder, size_t cells, uint32_t *cell);

/* Returns the trie, without spare memory. */
struct trie trie_take(struct trie_builder *builder);

void trie_builder_clear(struct trie_builder *builder);

#endif
