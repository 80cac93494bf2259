// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment_json.h"
#include "attachment_state.h"
#include "attachment_view.h"
#include "clock.h"
#include "container_lookup.h"
#include "print.h"
#include "sample.h"
#include "target.h"
#include "unconfirmed.h"
#include "util.h"

static void item_clear(struct sample_item *item)
{
	free(item->rows);
	free(item->queues);
	rule_texts_clear(&item->texts);
	for (uint32_t i = 0; i < item->live_count; i++)
		free(item->live[i].name);
	json_decref(item->json);
}

void sample_free(struct sample *sample)
{
	for (size_t i = 0; i < sample->count; i++)
		item_clear(&sample->items[i]);
	free(sample->items);
	free(sample->owners);
	failures_clear(&sample->failures);
	*sample = (struct sample){};
}

struct taking {
	struct sample *sample;
	struct nl *nl;
	struct link *links; /* of the items */
	bool json;
};

struct reading {
	const struct attachment_view *view;
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
		.audit = row->audit,
		.directions = row->directions,
		.slot = row->slot,
		.id = row->rule ? row->rule->id : 0,
		.text = row->rule ? item->texts.items[row->rule - reading->view->policy->rules]
				  : row->name,
	};
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		if (row->directions & (1u << d))
			new->measures[d].count =
				*counters_slot(&reading->view->counters, row->slot, d);
	item->row_count++;
	return 0;
}

static void add_totals(struct sample_item *item, const struct attachment_view *view)
{
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct totals totals = attachment_view_totals(view, d);

		item->passed[d].count = totals.passed;
		item->dropped[d].count = totals.dropped;
		item->rejected[d].count = totals.rejected;
		item->would_drop[d].count = totals.would_drop;
		item->would_reject[d].count = totals.would_reject;
		for (int i = 0; i < PCTL_REASON_MAX; i++)
			item->unknown[i][d] = *counters_unknown(&view->counters, i, d);
		item->shared[d] = *counters_shared(&view->counters, d);
		for (int i = 0; i < PCTL_ANSWER_FATES; i++)
			item->answers[i][d] = *counters_answers(&view->counters, i, d);
	}
}

static int add_live(struct sample_item *item, const struct live_views *views)
{
	for (uint32_t i = 0; i < views->count; i++) {
		const struct live_view *view = &views->items[i];
		struct sample_live *live = &item->live[item->live_count];

		if (!view->asked)
			continue;
		*live = (struct sample_live){
			.name = strdup(view->set->name),
			.members = view->count,
			.left_out = view->left_out,
			.incomplete = view->flags & PCTL_LIVE_INCOMPLETE,
			.complete = live_view_is_complete(view),
		};
		if (!live->name)
			return -ENOMEM;
		item->live_count++;
	}
	return 0;
}

static int read_counters(const struct taking *taking, const struct attachment *attachment,
			 struct sample_item *item)
{
	_cleanup_(attachment_view_close) struct attachment_view view = {};
	struct reading reading = { .view = &view, .item = item };
	int error = attachment_view_open(attachment, &view);

	error = error ?: policy_rule_texts(view.policy, &item->texts);
	if (error)
		return error;
	/* Each slot has at most one row; those of the default have one for each direction. */
	reading.capacity = view.counters.slots + 2 * PCTL_DIRECTIONS;
	item->rows = calloc(reading.capacity, sizeof(*item->rows));
	if (!item->rows)
		return -ENOMEM;
	error = counters_rows(view.policy, add_row, &reading);
	add_totals(item, &view);
	item->connections = view.connections;
	item->mirrors = view.mirrors;
	item->buckets = view.buckets;
	item->names = view.names;
	item->readable = !error;
	error = error ?: add_live(item, &view.live);
	error = error ?: attachment_view_look_at_queues(&view, taking->nl);
	if (taking->json && item->readable)
		item->json = attachment_json_stats(&view);
	if (taking->json && item->readable && !item->json)
		error = -ENOMEM;
	item->queue_count = view.shaped_count;
	item->queues = TAKE_PTR(view.shaped);
	return error;
}

/* Makes room for one more attachment. */
static bool grow(struct taking *taking)
{
	struct sample *sample = taking->sample;
	size_t count = sample->count + 1;
	struct sample_item *items = reallocarray(sample->items, count, sizeof(*items));
	struct owner *owners = reallocarray(sample->owners, count, sizeof(*owners));
	struct link *links = reallocarray(taking->links, count, sizeof(*links));

	sample->items = items ?: sample->items;
	sample->owners = owners ?: sample->owners;
	taking->links = links ?: taking->links;
	return items && owners && links;
}

static int add_item(struct taking *taking, const struct attachment *attachment)
{
	const struct meta *meta = &attachment->current.meta;
	struct sample *sample = taking->sample;
	struct sample_item *item;
	int error;

	if (!grow(taking))
		return -ENOMEM;
	sample->owners[sample->count] = attachment->current.owner;
	taking->links[sample->count] = attachment->hooks.link;
	item = &sample->items[sample->count++];
	*item = (struct sample_item){
		.ifindex = meta->ifindex,
		.state = attachment_state(attachment),
		.enforcing = attachment_enforcing(attachment),
		.audit = attachment_audits(attachment),
		.quarantine = attachment_in_quarantine(attachment),
		.unconfirmed = attachment_unconfirmed(attachment),
		.rule_count = meta->rule_count,
		.attached_at = meta->attached_at,
		.changed_at = meta->changed_at,
	};
	snprintf(item->name, sizeof(item->name), "%s", attachment->hooks.link.name);
	error = read_counters(taking, attachment, item);
	if (error)
		failures_add(&sample->failures, item->name, error);
	return 0;
}

static int add_items(struct taking *taking, const struct target *target)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(target_walk_end) struct target_walk walk = TARGET_WALK_EMPTY;
	struct failures *failures = &taking->sample->failures;
	int result = session_open(&session, PINS_READ), next, error;
	struct attachment *attachment;

	taking->nl = session.nl;
	result = result ?: target_walk_begin(&session, target, &walk);
	if (result)
		return result;
	while ((next = target_walk_next(&session, &walk, &attachment))) {
		error = next < 0 ? next : add_item(taking, attachment);
		if (error)
			failures_add(failures, NULL, error);
	}
	return 0;
}

/* Asks the engine, so that no session may be open. */
static void name_containers(const struct taking *taking, struct container_lookup *lookup)
{
	struct sample *sample = taking->sample;

	for (size_t i = 0; i < sample->count; i++) {
		struct sample_item *item = &sample->items[i];

		if (lookup)
			container_lookup_complete(lookup, &taking->links[i], &sample->owners[i]);
		item->container = owner_name(&sample->owners[i]);
		if (item->json)
			json_object_set_new(item->json, "container",
					    owner_container_json(&sample->owners[i]));
	}
}

int sample_take(struct target *target, struct container_lookup *lookup, bool json,
		struct sample *sample)
{
	struct taking taking = { .sample = sample, .json = json };
	int result;

	*sample = (struct sample){};
	result = target_refresh(target) ?: add_items(&taking, target);
	sample->time = ns_to_seconds(clock_realtime_ns());
	sample->clock = ns_to_seconds(clock_monotonic_ns());
	name_containers(&taking, lookup);
	free(taking.links);
	return result;
}
