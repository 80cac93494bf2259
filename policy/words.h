/* SPDX-License-Identifier: GPL-2.0-only */
/* Growing arrays. */
#ifndef PCTL_WORDS_H
#define PCTL_WORDS_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Makes room for one more item of @size bytes. Returns where the items are now, or NULL without
 * memory; @items is still valid then.
 */
static inline void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 64;

	if (count < *capacity)
		return items;
	items = reallocarray(items, wanted, size);
	if (items)
		*capacity = wanted;
	return items;
}

/* Of numbers; zero-initialised is empty. */
struct words {
	uint32_t *items;
	size_t count, capacity;
};

/* Makes room for some more. 0 or -ENOMEM. */
static inline int words_reserve(struct words *words, size_t more)
{
	size_t wanted = words->capacity ? words->capacity : 16;
	uint32_t *items;

	while (wanted < words->count + more)
		wanted *= 2;
	if (wanted == words->capacity)
		return 0;
	items = reallocarray(words->items, wanted, sizeof(*items));
	if (!items)
		return -ENOMEM;
	words->items = items;
	words->capacity = wanted;
	return 0;
}

static inline int words_add(struct words *words, uint32_t word)
{
	if (words->count == words->capacity && words_reserve(words, 1))
		return -ENOMEM;
	words->items[words->count++] = word;
	return 0;
}

static inline void words_clear(struct words *words)
{
	free(words->items);
	*words = (struct words){ 0 };
}

#endif
