/* SPDX-License-Identifier: GPL-2.0-only */
#include "ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

int ranges_add(struct ranges *ranges, size_t *capacity, struct range range)
{
	struct range *items;
	size_t wanted;

	if (ranges->count >= *capacity) {
		wanted = *capacity ? *capacity * 2 : 4;
		items = realloc(ranges->items, wanted * sizeof(*items));
		if (!items)
			return -ENOMEM;
		ranges->items = items;
		*capacity = wanted;
	}
	ranges->items[ranges->count++] = range;
	return 0;
}

static int by_low(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (int)left->low - (int)right->low;
}

void ranges_normalise(struct ranges *ranges)
{
	struct range *last;
	size_t kept = 1;

	if (ranges->count < 2)
		return;
	qsort(ranges->items, ranges->count, sizeof(*ranges->items), by_low);
	for (size_t i = 1; i < ranges->count; i++) {
		last = &ranges->items[kept - 1];
		if (ranges->items[i].low > last->high + 1)
			ranges->items[kept++] = ranges->items[i];
		else if (ranges->items[i].high > last->high)
			last->high = ranges->items[i].high;
	}
	ranges->count = kept;
}

int ranges_complement(const struct ranges *ranges, unsigned int max, struct ranges *result)
{
	_cleanup_(ranges_clear) struct ranges new = { 0 };
	unsigned int next = 0; /* the first number that is not handled yet */
	size_t capacity = 0;

	for (size_t i = 0; i <= ranges->count; i++) {
		unsigned int end = i < ranges->count ? ranges->items[i].low : max + 1;
		struct range gap = { (uint16_t)next, (uint16_t)(end - 1) };

		if (next < end && ranges_add(&new, &capacity, gap))
			return -ENOMEM;
		if (i < ranges->count)
			next = ranges->items[i].high + 1u;
	}
	*result = new;
	new = (struct ranges){ 0 };
	return 0;
}

int ranges_copy(struct ranges *to, const struct ranges *from)
{
	struct range *items;

	if (!from->count) {
		*to = (struct ranges){ 0 };
		return 0;
	}
	items = malloc(from->count * sizeof(*items));
	if (!items)
		return -ENOMEM;
	memcpy(items, from->items, from->count * sizeof(*items));
	*to = (struct ranges){ .items = items, .count = from->count };
	return 0;
}

void ranges_clear(struct ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct ranges){ 0 };
}

bool ranges_match(const struct ranges *ranges, unsigned int value)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (value >= ranges->items[i].low && value <= ranges->items[i].high)
			return true;
	return !ranges->count;
}

bool ranges_overlap(const struct ranges *a, const struct ranges *b)
{
	if (!a->count || !b->count)
		return true;
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (a->items[i].low <= b->items[j].high &&
			    b->items[j].low <= a->items[i].high)
				return true;
	return false;
}

static bool holds(const struct ranges *outer, const struct range *inner)
{
	for (size_t i = 0; i < outer->count; i++)
		if (outer->items[i].low <= inner->low && outer->items[i].high >= inner->high)
			return true;
	return false;
}

bool ranges_cover(const struct ranges *outer, const struct ranges *inner)
{
	if (!outer->count)
		return true;
	for (size_t i = 0; i < inner->count; i++)
		if (!holds(outer, &inner->items[i]))
			return false;
	return inner->count > 0;
}
