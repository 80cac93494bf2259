// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "report.h"
#include "sample.h"
#include "target.h"
#include "util.h"

static void item_clear(struct sample_item *item)
{
	free(item->rows);
	rule_texts_clear(&item->texts);
	json_decref(item->json);
}

void sample_free(struct sample *sample)
{
	for (size_t i = 0; i < sample->count; i++)
		item_clear(&sample->items[i]);
	free(sample->items);
	*sample = (struct sample){};
}

static double seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

struct taking {
	struct sample *sample;
	bool json;
};

struct reading {
	const struct report *report;
	struct sample_item *item;
	size_t capacity;
};

static int add_row(const struct counter_row *row, void *data)
{
	struct reading *reading = data;
	struct sample_item *item = reading->item;
	struct sample_row *new = &item->rows[item->row_count];

	if (item->row_count == reading->capacity)
		return -ENOSPC;
	*new = (struct sample_row){
		.kind = row->kind,
		.verdict = row->verdict,
		.directions = row->directions,
		.slot = row->slot,
		.id = row->rule ? row->rule->id : 0,
		.text = row->rule ? item->texts.items[row->slot - PCTL_SLOT_RULES] : row->name,
	};
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		if (row->directions & (1u << d))
			new->measures[d].count =
				*counters_slot(&reading->report->counters, row->slot, d);
	item->row_count++;
	return 0;
}

static void add_totals(struct sample_item *item, const struct report *report)
{
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct totals totals = report_totals(report, d);

		item->passed[d].count = totals.passed;
		item->dropped[d].count = totals.dropped;
		for (int i = 0; i < PCTL_UNKNOWN_MAX; i++)
			item->unknown[i][d] = *counters_unknown(&report->counters, i, d);
	}
}

static int read_counters(const struct attachment *attachment, bool json, struct sample_item *item)
{
	_cleanup_(report_close) struct report report = {};
	struct reading reading = { .report = &report, .item = item };
	int error = report_open(attachment, &report);

	error = error ?: policy_rule_texts(report.policy, &item->texts);
	if (error)
		return error;
	/* Each slot at most once, but the default's for both directions. */
	reading.capacity = report.counters.slots + PCTL_DIRECTIONS;
	item->rows = calloc(reading.capacity, sizeof(*item->rows));
	if (!item->rows)
		return -ENOMEM;
	error = counters_rows(report.policy, add_row, &reading);
	add_totals(item, &report);
	if (json && !error)
		item->json = report_json_stats(&report);
	if (json && !error && !item->json)
		error = -ENOMEM;
	return error;
}

static int add_item(const struct attachment *attachment, const struct taking *taking)
{
	struct sample *sample = taking->sample;
	struct sample_item *items =
		realloc(sample->items, (sample->count + 1) * sizeof(*sample->items));
	const struct meta *meta = &attachment->current.meta;
	struct sample_item *item = items + sample->count;
	int error;

	if (!items)
		return command_failed(NULL, -ENOMEM, NULL);
	sample->items = items;
	sample->count++;
	*item = (struct sample_item){
		.ifindex = meta->ifindex,
		.state = report_state(attachment),
		.enforcing = report_enforcing(attachment),
		.rule_count = meta->rule_count,
		.attached_at = meta->attached_at,
		.changed_at = meta->changed_at,
	};
	snprintf(item->name, sizeof(item->name), "%s", attachment->hooks.link.name);
	error = read_counters(attachment, taking->json, item);
	item->readable = !error;
	return error ? command_failed(item->name, error, NULL) : EXIT_DONE;
}

static int add_each(struct session *session, struct attachment *attachment, void *data)
{
	(void)session;
	return add_item(attachment, data);
}

static int take_all(struct taking *taking)
{
	size_t count;

	return target_each(add_each, taking, &count);
}

static int take_one(const struct taking *taking, const char *interface)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int status = target_open(interface, &session, &attachment);

	return status == EXIT_DONE ? add_item(&attachment, taking) : status;
}

int sample_take(const char *interface, bool json, struct sample *sample)
{
	struct taking taking = { .sample = sample, .json = json };
	int status;

	*sample = (struct sample){};
	status = interface ? take_one(&taking, interface) : take_all(&taking);
	sample->time = seconds_of(CLOCK_REALTIME);
	sample->clock = seconds_of(CLOCK_MONOTONIC);
	return status;
}
