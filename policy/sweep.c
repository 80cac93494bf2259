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

/* Takes a thing out of the active ones if it is there, else puts it there. */
static int toggle(struct words *active, uint32_t thing)
{
	size_t low = 0, high = active->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (active->items[middle] < thing)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < active->count && active->items[low] == thing) {
		memmove(&active->items[low], &active->items[low + 1],
			(--active->count - low) * sizeof(*active->items));
		return 0;
	}
	if (words_reserve(active, 1))
		return -ENOMEM;
	memmove(&active->items[low + 1], &active->items[low],
		(active->count++ - low) * sizeof(*active->items));
	active->items[low] = thing;
	return 0;
}

int sweep_change(struct sweep *sweep, uint32_t number)
{
	for (uint32_t i = sweep->at[number]; i; i = sweep->nexts.items[i - 1])
		if (toggle(&sweep->active, sweep->things.items[i - 1]))
			return -ENOMEM;
	return 1;
}
