/* SPDX-License-Identifier: GPL-2.0-only */
#include "sweep.h"

#include <string.h>

struct sweep *sweep_new(void)
{
	return calloc(1, sizeof(struct sweep));
}

void sweep_free(struct sweep *sweep)
{
	if (!sweep)
		return;
	words_clear(&sweep->active);
	words_clear(&sweep->things);
	words_clear(&sweep->nexts);
	words_clear(&sweep->changing);
	words_clear(&sweep->merged);
	free(sweep);
}

void sweep_clear(struct sweep *sweep)
{
	sweep->active.count = sweep->things.count = sweep->nexts.count = 0;
	memset(sweep->at, 0, sizeof(sweep->at));
}

static int note_change(struct sweep *sweep, uint32_t at, uint32_t thing)
{
	if (words_add(&sweep->things, thing) || words_add(&sweep->nexts, sweep->at[at]))
		return -ENOMEM;
	sweep->at[at] = (uint32_t)sweep->things.count;
	return 0;
}

int sweep_note(struct sweep *sweep, uint32_t low, uint32_t high, uint32_t thing)
{
	return note_change(sweep, low, thing) || note_change(sweep, high + 1, thing) ? -ENOMEM : 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Collects the things that begin or end at a number, sorted. */
static int collect_changing(struct sweep *sweep, uint32_t number)
{
	struct words *changing = &sweep->changing;

	changing->count = 0;
	for (uint32_t i = sweep->at[number]; i; i = sweep->nexts.items[i - 1])
		if (words_add(changing, sweep->things.items[i - 1]))
			return -ENOMEM;
	if (changing->count > 1)
		qsort(changing->items, changing->count, sizeof(*changing->items), by_number);
	return 0;
}

/* The symmetric difference of two sorted lists. A thing that is there twice is left out: it ends
 * and begins again at the same number. */
static void merge(const struct words *a, const struct words *b, struct words *to)
{
	size_t i = 0, j = 0;
	uint32_t thing;

	to->count = 0;
	while (i < a->count || j < b->count) {
		thing = j == b->count || (i < a->count && a->items[i] <= b->items[j])
				? a->items[i++]
				: b->items[j++];
		if (to->count && to->items[to->count - 1] == thing)
			to->count--;
		else
			to->items[to->count++] = thing;
	}
}

/* One pass over the active things, however many begin or end here. */
int sweep_change(struct sweep *sweep, uint32_t number)
{
	struct words swap = sweep->active;

	if (collect_changing(sweep, number))
		return -ENOMEM;
	sweep->merged.count = 0;
	if (words_reserve(&sweep->merged, sweep->active.count + sweep->changing.count))
		return -ENOMEM;
	merge(&sweep->active, &sweep->changing, &sweep->merged);
	sweep->active = sweep->merged;
	sweep->merged = swap;
	return 1;
}
