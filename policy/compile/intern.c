/* SPDX-License-Identifier: GPL-2.0-only */
#include "intern.h"

#include <string.h>

#define FIRST_TABLE 64

/* Multiply and fold; the odd constants are digits of pi. */
static uint32_t hash_words(const uint32_t *words, size_t count)
{
	uint64_t hash = 0x243f6a8885a308d3ull ^ count;

	for (size_t i = 0; i < count; i++) {
		hash = (hash ^ words[i]) * 0x13198a2e03707345ull;
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash ^ hash >> 32);
}

static void put(struct intern *intern, uint32_t hash, uint32_t id)
{
	size_t mask = intern->table_size - 1, at = hash & mask;

	while (intern->table[at])
		at = (at + 1) & mask;
	intern->table[at] = id + 1;
}

/* Room for one more sequence in the table. */
static int grow_table(struct intern *intern)
{
	size_t wanted = intern->table_size ? intern->table_size * 2 : FIRST_TABLE;
	uint32_t *table;

	if ((intern_count(intern) + 1) * 2 <= intern->table_size)
		return 0;
	table = calloc(wanted, sizeof(*table));
	if (!table)
		return -ENOMEM;
	free(intern->table);
	intern->table = table;
	intern->table_size = wanted;
	for (uint32_t i = 0; i < intern_count(intern); i++)
		put(intern, intern->hashes.items[i], i);
	return 0;
}

const uint32_t *intern_get(const struct intern *intern, uint32_t id, size_t *count)
{
	size_t start = id ? intern->ends.items[id - 1] : 0;

	*count = intern->ends.items[id] - start;
	return intern->words.items + start;
}

static int find(const struct intern *intern, uint32_t hash, const uint32_t *words, size_t count,
		uint32_t *id)
{
	size_t mask = intern->table_size - 1, length;
	const uint32_t *known;

	for (size_t at = hash & mask; intern->table[at]; at = (at + 1) & mask) {
		*id = intern->table[at] - 1;
		if (intern->hashes.items[*id] != hash)
			continue;
		known = intern_get(intern, *id, &length);
		if (length == count && (!count || !memcmp(known, words, count * sizeof(*words))))
			return 0;
	}
	return -ENOENT;
}

int intern_add(struct intern *intern, const uint32_t *words, size_t count, uint32_t *id)
{
	uint32_t hash = hash_words(words, count);

	if (intern->table && !find(intern, hash, words, count, id))
		return 0;
	if (grow_table(intern) || words_reserve(&intern->words, count) ||
	    words_reserve(&intern->ends, 1) || words_reserve(&intern->hashes, 1))
		return -ENOMEM;
	if (count)
		memcpy(intern->words.items + intern->words.count, words, count * sizeof(*words));
	*id = (uint32_t)intern_count(intern);
	intern->words.count += count;
	intern->hashes.items[intern->hashes.count++] = hash;
	intern->ends.items[intern->ends.count++] = (uint32_t)intern->words.count;
	put(intern, hash, *id);
	return 0;
}

void intern_clear(struct intern *intern)
{
	words_clear(&intern->words);
	words_clear(&intern->ends);
	words_clear(&intern->hashes);
	free(intern->table);
	*intern = (struct intern){ 0 };
}
