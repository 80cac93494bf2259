/* SPDX-License-Identifier: GPL-2.0-only */
#include "set_compile.h"

#include <string.h>

/* How many prefixes have this family; prefixes are sorted by family. */
static size_t count_family(const struct prefixes *prefixes, unsigned int family)
{
	size_t count = 0;

	for (size_t i = 0; i < prefixes->count; i++)
		count += prefixes->items[i].family == family;
	return count;
}

static int compile_set(struct trie_builder *builder, const struct set *set)
{
	struct pctl_set_header header = { 0 };
	const struct prefix *prefixes = set->prefixes.items;
	uint32_t cell;
	size_t count;
	int error;

	error = trie_reserve(builder, PCTL_SET_HEADER_CELLS, &cell);
	for (unsigned int family = 0; !error && family < PCTL_FAMILIES; family++) {
		count = count_family(&set->prefixes, family);
		error = trie_add(builder, prefixes, NULL, count, PCTL_OUTSIDE,
				 &header.roots[family]);
		header.prefixes[family] = (uint32_t)count;
		prefixes = count ? prefixes + count : prefixes;
	}
	if (error)
		return error;
	memcpy(header.digest, set->digest, sizeof(header.digest));
	memcpy(builder->trie.cells, &header, sizeof(header));
	return 0;
}

int set_compile(const struct set *set, struct trie *trie)
{
	struct trie_builder builder = { 0 };
	int error = compile_set(&builder, set);

	if (error) {
		trie_builder_clear(&builder);
		return error;
	}
	*trie = trie_take(&builder);
	return 0;
}
