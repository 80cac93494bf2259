// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "rates.h"
#include "util.h"

/* Orders rows by what identifies them across samples. */
static int compare_rows(const struct sample_row *x, const struct sample_row *y)
{
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id || x->kind == COUNTER_RULE)
		return x->id < y->id ? -1 : x->id > y->id;
	if (x->id) /* what exceeds its rate: the slot may be another one by now */
		return 0;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (x->audit != y->audit)
		return x->audit ? 1 : -1;
	/* Each direction has its own default. An implicit rule may count in one more direction
	 * than before. */
	if (x->kind != COUNTER_IMPLICIT && x->directions != y->directions)
		return x->directions < y->directions ? -1 : 1;
	return 0;
}

static int by_identity(const void *a, const void *b)
{
	const struct sample_row *const *x = a, *const *y = b;

	return compare_rows(*x, *y);
}

static double growth(uint64_t before, uint64_t now, double seconds)
{
	return now > before ? (double)(now - before) / seconds : 0;
}

static void rate(const struct measure *before, struct measure *now, double seconds)
{
	const struct measure zero = {};

	before = before ?: &zero;
	now->rate.packets = growth(before->count.packets, now->count.packets, seconds);
	now->rate.bytes = growth(before->count.bytes, now->count.bytes, seconds);
}

static void rate_rows(const struct sample_row *const *sorted, size_t count,
		      struct sample_item *item, double seconds)
{
	for (size_t i = 0; i < item->row_count; i++) {
		struct sample_row *row = &item->rows[i];
		const struct sample_row *key = row;
		const struct sample_row *const *found =
			bsearch(&key, sorted, count, sizeof(*sorted), by_identity);

		if (row->kind == COUNTER_RETIRED)
			continue;
		for (int d = 0; d < PCTL_DIRECTIONS; d++)
			rate(found ? &(*found)->measures[d] : NULL, &row->measures[d], seconds);
	}
}

static int rate_item(const struct sample_item *before, struct sample_item *now, double seconds)
{
	_cleanup_(freep) const struct sample_row **sorted =
		calloc(before->row_count + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < before->row_count; i++)
		sorted[i] = &before->rows[i];
	qsort(sorted, before->row_count, sizeof(*sorted), by_identity);
	rate_rows(sorted, before->row_count, now, seconds);
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		rate(&before->passed[d], &now->passed[d], seconds);
		rate(&before->dropped[d], &now->dropped[d], seconds);
		rate(&before->rejected[d], &now->rejected[d], seconds);
		rate(&before->would_drop[d], &now->would_drop[d], seconds);
		rate(&before->would_reject[d], &now->would_reject[d], seconds);
	}
	now->rated = true;
	return 0;
}

int rates_between(const struct sample *before, struct sample *now)
{
	double seconds = now->clock - before->clock;
	size_t i = 0;
	int error = 0;

	if (seconds <= 0)
		return 0;
	now->seconds = seconds;
	for (size_t j = 0; j < now->count && !error; j++) {
		struct sample_item *item = &now->items[j];

		while (i < before->count && before->items[i].ifindex < item->ifindex)
			i++;
		if (i == before->count)
			break;
		if (before->items[i].ifindex == item->ifindex && before->items[i].readable &&
		    item->readable && before->items[i].attached_at == item->attached_at)
			error = rate_item(&before->items[i], item, seconds);
	}
	return error;
}
