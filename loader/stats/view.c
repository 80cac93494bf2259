// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "stats_output.h"
#include "terminal.h"
#include "util.h"
#include "view.h"

/* --- order --- */

static int descending(double x, double y)
{
	return x > y ? -1 : x < y;
}

static int ascending(uint64_t x, uint64_t y)
{
	return x < y ? -1 : x > y;
}

static const struct measure *measure_of(const struct view_line *line)
{
	return &line->row->measures[line->direction];
}

static int by_packets(const struct view_line *x, const struct view_line *y)
{
	return -ascending(measure_of(x)->count.packets, measure_of(y)->count.packets);
}

static int by_rate(const struct view_line *x, const struct view_line *y)
{
	return descending(measure_of(x)->rate.packets, measure_of(y)->rate.packets)
		       ?: by_packets(x, y);
}

/* Rows that have denied packets come before all others. */
static int by_drops(const struct view_line *x, const struct view_line *y)
{
	bool x_drops = verdict_denies(x->row->verdict) && measure_of(x)->count.packets;
	bool y_drops = verdict_denies(y->row->verdict) && measure_of(y)->count.packets;

	return y_drops - x_drops ?: by_rate(x, y);
}

static int by_order(const struct view_line *x, const struct view_line *y)
{
	return ascending(x->item->ifindex, y->item->ifindex)
		       ?: x->row < y->row ? -1
		  : x->row > y->row	  ? 1
					  : (int)x->direction - (int)y->direction;
}

static int by_key(enum view_sort sort, const struct view_line *x, const struct view_line *y)
{
	switch (sort) {
	case VIEW_BY_DROPS:
		return by_drops(x, y);
	case VIEW_BY_PACKETS:
		return by_packets(x, y);
	case VIEW_BY_BYTES:
		return -ascending(measure_of(x)->count.bytes, measure_of(y)->count.bytes);
	case VIEW_BY_RATE:
		return by_rate(x, y);
	case VIEW_BY_INTERFACE:
		return strcmp(x->item->name, y->item->name) ?: by_drops(x, y);
	default:
		return 0;
	}
}

static int compare_lines(const void *a, const void *b, void *data)
{
	const struct view *view = data;
	const struct view_line *x = a, *y = b;
	int order = by_key(view->sort, x, y) ?: by_order(x, y);

	return view->reversed ? -order : order;
}

/* Attachments are sorted like rows. */
static int compare_items(const void *a, const void *b, void *data)
{
	const struct sample_item *x = *(const struct sample_item *const *)a;
	const struct sample_item *y = *(const struct sample_item *const *)b;
	struct measure dropped[] = { view_both(x->dropped), view_both(y->dropped) };
	struct measure passed[] = { view_both(x->passed), view_both(y->passed) };
	const struct view *view = data;
	int order = 0;

	if (view->sort == VIEW_BY_INTERFACE)
		order = strcmp(x->name, y->name);
	else if (view->sort != VIEW_BY_ORDER)
		order = (int)x->enforcing - (int)y->enforcing
				?: descending(dropped[0].rate.packets, dropped[1].rate.packets)
				?: -ascending(dropped[0].count.packets, dropped[1].count.packets)
				?: descending(passed[0].rate.packets, passed[1].rate.packets);
	order = order ?: ascending(x->ifindex, y->ifindex);
	return view->reversed ? -order : order;
}

struct measure view_both(const struct measure measures[PCTL_DIRECTIONS])
{
	struct measure sum = {};

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		sum.count.packets += measures[d].count.packets;
		sum.count.bytes += measures[d].count.bytes;
		sum.rate.packets += measures[d].rate.packets;
		sum.rate.bytes += measures[d].rate.bytes;
	}
	return sum;
}

/* --- choice --- */

static bool is_called(const struct sample_item *item, const char *filter)
{
	return strstr(item->name, filter) || (item->container && strstr(item->container, filter));
}

static bool wanted(const struct view *view, const struct view_line *line)
{
	if (!stats_shows(line->row, line->direction))
		return false;
	if (view->without_zeros && !measure_of(line)->count.packets)
		return false;
	return !view->filter[0] || is_called(line->item, view->filter) ||
	       strstr(line->row->text, view->filter);
}

static size_t choose(const struct view *view, const struct sample *sample, struct view_line *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < sample->count; i++)
		for (size_t j = 0; j < sample->items[i].row_count; j++)
			for (int d = 0; d < PCTL_DIRECTIONS; d++) {
				const struct sample_item *item = &sample->items[i];
				struct view_line line = { item, &item->rows[j], d };

				if (wanted(view, &line))
					lines[count++] = line;
			}
	return count;
}

int view_lines(const struct view *view, const struct sample *sample, struct view_line **lines,
	       size_t *count)
{
	struct view_line *new;
	size_t rows = 0;

	for (size_t i = 0; i < sample->count; i++)
		rows += sample->items[i].row_count;
	new = calloc(rows * PCTL_DIRECTIONS + 1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	*count = choose(view, sample, new);
	qsort_r(new, *count, sizeof(*new), compare_lines, (void *)view);
	*lines = new;
	return 0;
}

/* Does the filter match the attachment, its container or one of its rules? */
static bool has_match(const struct view *view, const struct sample_item *item)
{
	bool found = is_called(item, view->filter);

	for (size_t i = 0; i < item->row_count && !found; i++)
		found = strstr(item->rows[i].text, view->filter);
	return found;
}

int view_items(const struct view *view, const struct sample *sample,
	       const struct sample_item ***items, size_t *count)
{
	const struct sample_item **new = calloc(sample->count + 1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*count = 0;
	for (size_t i = 0; i < sample->count; i++)
		if (has_match(view, &sample->items[i]))
			new[(*count)++] = &sample->items[i];
	qsort_r(new, *count, sizeof(*new), compare_items, (void *)view);
	*items = new;
	return 0;
}

/* --- numbers --- */

void view_number(char text[VIEW_NUMBER_SIZE], uint64_t number, int width)
{
	static const char suffixes[] = " kMGTPE";
	double scaled = number;
	int suffix = 0;

	if ((int)strlen(readable_number(number, text)) <= width)
		return;
	for (; scaled >= 999.5; suffix++)
		scaled /= 1000;
	snprintf(text, VIEW_NUMBER_SIZE, "%.*f%c",
		 scaled < 9.995	  ? 2
		 : scaled < 99.95 ? 1
				  : 0,
		 scaled, suffixes[suffix]);
}

void view_rate(char text[VIEW_NUMBER_SIZE], bool known, double rate, int width)
{
	long tenths = rate * 10 + 0.5;

	if (!known)
		strcpy(text, "-");
	else if (rate > 0 && tenths < 1)
		strcpy(text, "<0.1");
	else if (tenths < 100 && tenths % 10)
		snprintf(text, VIEW_NUMBER_SIZE, "%ld.%ld", tenths / 10, tenths % 10);
	else
		view_number(text, rate + 0.5, width);
}
