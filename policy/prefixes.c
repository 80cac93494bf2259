/* SPDX-License-Identifier: GPL-2.0-only */
#include "prefixes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

int prefixes_add(struct prefixes *prefixes, size_t *capacity, struct prefix prefix)
{
	struct prefix *items;
	size_t wanted;

	if (prefixes->count >= *capacity) {
		wanted = *capacity ? *capacity * 2 : 4;
		items = reallocarray(prefixes->items, wanted, sizeof(*items));
		if (!items)
			return -ENOMEM;
		prefixes->items = items;
		*capacity = wanted;
	}
	prefixes->items[prefixes->count++] = prefix;
	return 0;
}

/* An address as a number; of an IPv4 address the lower 32 bits. */
__extension__ typedef unsigned __int128 number;

static number number_of(const struct prefix *address)
{
	return ((number)address->high << 64 | address->low) >> (128 - family_bits(address->family));
}

static struct prefix block_at(number address, unsigned int free_bits, uint8_t family)
{
	unsigned int bits = family_bits(family);
	number aligned = address << (128 - bits);

	return (struct prefix){ (uint64_t)(aligned >> 64), (uint64_t)aligned, family,
				(uint8_t)(bits - free_bits) };
}

int prefixes_add_range(struct prefixes *prefixes, size_t *capacity, struct prefix first,
		       struct prefix last)
{
	number at = number_of(&first), end = number_of(&last), size;
	unsigned int bits = family_bits(first.family), free_bits;
	int error = 0;

	while (!error && at <= end) {
		/* The largest block that begins here and does not go beyond the end. */
		for (free_bits = 0; free_bits < bits; free_bits++) {
			size = (number)1 << free_bits;
			if (at & size || end - at < 2 * size - 1)
				break;
		}
		error = prefixes_add(prefixes, capacity, block_at(at, free_bits, first.family));
		if (free_bits == bits)
			break;
		size = (number)1 << free_bits;
		if (end - at < size)
			break;
		at += size;
	}
	return error;
}

static int by_address(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

static void insertion_sort(struct prefix *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct prefix item = items[i];
		size_t at = i;

		for (; at && prefix_compare(&items[at - 1], &item) > 0; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* Merge sort; @scratch has room for half of the items. */
static void merge_sort(struct prefix *items, size_t count, struct prefix *scratch)
{
	size_t half = count / 2, left = 0, right = half, at = 0;

	if (count <= 16) {
		insertion_sort(items, count);
		return;
	}
	merge_sort(items, half, scratch);
	merge_sort(items + half, count - half, scratch);
	memcpy(scratch, items, half * sizeof(*items));
	while (left < half && right < count)
		items[at++] = prefix_compare(&scratch[left], &items[right]) <= 0 ? scratch[left++]
										 : items[right++];
	memcpy(items + at, scratch + left, (half - left) * sizeof(*items));
}

/* Faster than qsort(), which calls a function for each comparison: that shows with a million
 * blocks. */
static void sort(struct prefixes *prefixes)
{
	_cleanup_(freep) struct prefix *scratch =
		reallocarray(NULL, prefixes->count / 2 + 1, sizeof(*scratch));

	if (scratch)
		merge_sort(prefixes->items, prefixes->count, scratch);
	else
		qsort(prefixes->items, prefixes->count, sizeof(*prefixes->items), by_address);
}

static bool is_sorted(const struct prefixes *prefixes)
{
	for (size_t i = 1; i < prefixes->count; i++)
		if (prefix_compare(&prefixes->items[i - 1], &prefixes->items[i]) > 0)
			return false;
	return true;
}

/* Joins two halves of a block into *a, which is the lower one. False: they are none. */
static bool join(struct prefix *a, const struct prefix *b)
{
	struct prefix parent = *a;

	if (!a->length || a->length != b->length || a->family != b->family)
		return false;
	parent.length--;
	prefix_align(&parent);
	if (parent.high != a->high || parent.low != a->low || !prefix_holds(&parent, b))
		return false;
	*a = parent;
	return true;
}

void prefixes_normalise(struct prefixes *prefixes)
{
	struct prefix *items = prefixes->items;
	size_t kept = 0;

	if (!is_sorted(prefixes))
		sort(prefixes);
	for (size_t i = 0; i < prefixes->count; i++) {
		if (kept && prefix_holds(&items[kept - 1], &items[i]))
			continue;
		items[kept++] = items[i];
		while (kept > 1 && join(&items[kept - 2], &items[kept - 1]))
			kept--;
	}
	prefixes->count = kept;
}

int prefixes_copy(struct prefixes *to, const struct prefixes *from)
{
	struct prefix *items;

	if (!from->count) {
		*to = (struct prefixes){ 0 };
		return 0;
	}
	items = malloc(from->count * sizeof(*items));
	if (!items)
		return -ENOMEM;
	memcpy(items, from->items, from->count * sizeof(*items));
	*to = (struct prefixes){ .items = items, .count = from->count };
	return 0;
}

void prefixes_clear(struct prefixes *prefixes)
{
	if (!prefixes)
		return;
	free(prefixes->items);
	*prefixes = (struct prefixes){ 0 };
}

void prefixes_count(const struct prefixes *prefixes, uint64_t counts[PCTL_FAMILIES])
{
	memset(counts, 0, PCTL_FAMILIES * sizeof(*counts));
	for (size_t i = 0; i < prefixes->count; i++)
		counts[prefixes->items[i].family]++;
}

bool prefixes_equal(const struct prefixes *a, const struct prefixes *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (prefix_compare(&a->items[i], &b->items[i]))
			return false;
	return a->count == b->count;
}

/* How many prefixes are at or before this one. */
static size_t rank(const struct prefixes *prefixes, const struct prefix *prefix)
{
	size_t low = 0, high = prefixes->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (prefix_compare(&prefixes->items[middle], prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct prefix *prefixes_find(const struct prefixes *prefixes, const struct prefix *prefix)
{
	size_t before = rank(prefixes, prefix);

	return before && prefix_holds(&prefixes->items[before - 1], prefix)
		       ? &prefixes->items[before - 1]
		       : NULL;
}

bool prefixes_hold(const struct prefixes *prefixes, const struct prefix *prefix)
{
	return prefixes_find(prefixes, prefix);
}

bool prefixes_cover(const struct prefixes *outer, const struct prefixes *inner)
{
	for (size_t i = 0; i < inner->count; i++)
		if (!prefixes_hold(outer, &inner->items[i]))
			return false;
	return true;
}

const struct prefix *prefixes_find_overlap(const struct prefixes *prefixes,
					   const struct prefix *prefix)
{
	size_t before = rank(prefixes, prefix);

	/* Blocks overlap only where one holds the other. */
	if (before && prefix_holds(&prefixes->items[before - 1], prefix))
		return &prefixes->items[before - 1];
	if (before < prefixes->count && prefix_holds(prefix, &prefixes->items[before]))
		return &prefixes->items[before];
	return NULL;
}

bool prefixes_overlap(const struct prefixes *a, const struct prefixes *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (prefixes_find_overlap(b, &a->items[i]))
			return true;
	return false;
}
