// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "addresses.h"
#include "attachment_json.h"
#include "attachment_state.h"
#include "json_text.h"
#include "hook_neighbours_text.h"
#include "live_json.h"
#include "own.h"
#include "owner_words.h"
#include "print.h"
#include "reasons.h"
#include "unconfirmed_words.h"
#include "util.h"

static json_t *counter_json(const struct pctl_counter *counter)
{
	return json_pack("{s:I, s:I}", "packets", (json_int_t)counter->packets, "bytes",
			 (json_int_t)counter->bytes);
}

static void add_neighbour(const struct neighbour *neighbour, void *list)
{
	const struct filter *filter = neighbour->filter;
	json_t *item;

	if (!filter) {
		json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "hook",
						      tc_hook_name(neighbour->hook), "kind", "tcx",
						      "program", (json_int_t)neighbour->program));
		return;
	}
	item = json_pack("{s:s, s:s, s:i, s:I}", "hook", tc_hook_name(filter->hook), "kind",
			 filter->kind, "priority", filter->priority, "handle",
			 (json_int_t)filter->handle);
	if (filter->bpf) {
		json_object_set_new(item, "program", json_integer(filter->program_id));
		json_object_set_new(item, "name", json_string(filter->name));
	}
	json_array_append_new(list, item);
}

static json_t *neighbours_json(const struct attachment *attachment)
{
	json_t *list = json_array();

	neighbours_each(attachment, add_neighbour, list);
	return list;
}

static json_t *program_json(const struct attachment *attachment, enum hook hook, const char *name)
{
	return json_pack("{s:I, s:s, s:b}", "program",
			 (json_int_t)attachment->current.programs[hook].id, "name", name, "live",
			 hooks_runs(&attachment->hooks, &attachment->current, hook));
}

static json_t *filter_json(const struct attachment *attachment, enum hook hook, const char *name,
			   const char *hook_name)
{
	json_t *object = program_json(attachment, hook, name);

	json_object_set_new(object, "hook", json_string(hook_name));
	json_object_set_new(object, "priority", json_integer(FILTER_PRIORITY));
	json_object_set_new(object, "handle", json_integer(FILTER_HANDLE));
	return object;
}

static json_t *xdp_json(const struct attachment *attachment)
{
	enum xdp_mode mode = attachment->current.meta.mode;
	json_t *object;

	if (!generation_wants(&attachment->current, HOOK_XDP))
		return json_null();
	object = program_json(attachment, HOOK_XDP, "policyctl_xdp");
	json_object_set_new(object, "mode", json_string(xdp_mode_name(mode)));
	json_object_set_new(object, "mode_reason", json_string(attachment_mode_reason(attachment)));
	return object;
}

json_t *attachment_json(const struct attachment_view *view)
{
	const struct attachment *attachment = view->attachment;
	const struct meta *meta = &attachment->current.meta;
	json_t *object =
		json_pack("{s:o, s:I, s:s, s:b, s:I, s:I, s:s, s:o, s:o, s:I, s:{s:s, s:s}, s:o}",
			  "interface", json_text(attachment->hooks.link.name), "ifindex",
			  (json_int_t)meta->ifindex, "state", attachment_state(attachment),
			  "enforcing", attachment_enforcing(attachment), "attached_at",
			  (json_int_t)meta->attached_at, "changed_at", (json_int_t)meta->changed_at,
			  "hook", attachment_hook(attachment), "xdp", xdp_json(attachment), "tc",
			  filter_json(attachment, HOOK_EGRESS, "policyctl_tc", "egress"), "rules",
			  (json_int_t)view->policy->count, "defaults", "from",
			  policy_default_words(view->policy, PCTL_FROM), "to",
			  policy_default_words(view->policy, PCTL_TO), "neighbours",
			  neighbours_json(attachment));

	if (generation_wants(&attachment->current, HOOK_GUARD))
		json_object_set_new(
			object, "guard",
			filter_json(attachment, HOOK_GUARD, "policyctl_guard", "ingress"));
	json_object_set_new(object, "audit", json_boolean(attachment_audits(attachment)));
	json_object_set_new(object, "quarantine",
			    json_boolean(attachment_in_quarantine(attachment)));
	json_object_set_new(object, "live_sets", live_json(&view->live));
	json_object_set_new(object, "unconfirmed", unconfirmed_json(&attachment->current.pending));
	owner_add_json(object, &attachment->current.owner);
	return object;
}

struct rows {
	const struct attachment_view *view;
	json_t *list;
};

static int row_json(const struct counter_row *row, void *data)
{
	static const char *const kinds[] = {
		[COUNTER_RULE] = "rule",       [COUNTER_IMPLICIT] = "implicit",
		[COUNTER_DEFAULT] = "default", [COUNTER_RATE] = "rate",
		[COUNTER_RETIRED] = "retired",
	};
	_cleanup_(freep) char *text = row->rule ? policy_rule_print(row->rule) : NULL;
	const struct rows *rows = data;
	json_t *item = json_pack("{s:s, s:s, s:b}", "kind", kinds[row->kind], "verdict",
				 policy_verdict_name(row->verdict), "audit", row->audit);

	if (row->rule) {
		json_object_set_new(item, "id", json_integer(row->rule->id));
		json_object_set_new(item, "log", json_boolean(row->rule->log));
		json_object_set_new(item, "baseline", json_boolean(row->rule->baseline));
	}
	json_object_set_new(item, "text", json_string(text ? text : row->name));
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		if (row->directions & (1u << d))
			json_object_set_new(
				item, policy_direction_name(d),
				counter_json(counters_slot(&rows->view->counters, row->slot, d)));
	return json_array_append_new(rows->list, item);
}

static json_t *rows_json(const struct attachment_view *view)
{
	struct rows rows = { .view = view, .list = json_array() };

	counters_rows(view->policy, row_json, &rows);
	return rows.list;
}

/* Of a live set: its kind, and the words in its braces. */
static void add_definition(json_t *item, const struct set *set)
{
	json_t *words = json_array();

	for (size_t i = 0; i < set->word_count; i++)
		json_array_append_new(words, json_text(set->words[i]));
	json_object_set_new(item, "kind", json_string(set_kind_name(set->live)));
	json_object_set_new(item, "words", words);
}

static json_t *set_json(const struct set *set)
{
	char digest[2 * PCTL_SET_DIGEST + 1];
	json_t *item = json_pack("{s:s, s:{s:I, s:I}}", "name", set->name, "prefixes", "ipv4",
				 (json_int_t)set->counts[PCTL_IPV4], "ipv6",
				 (json_int_t)set->counts[PCTL_IPV6]);

	if (set->live)
		add_definition(item, set);
	if (!set->path)
		return item;
	for (size_t i = 0; i < PCTL_SET_DIGEST; i++)
		snprintf(digest + 2 * i, 3, "%02x", set->digest[i]);
	json_object_set_new(item, "path", json_text(set->path));
	json_object_set_new(item, "digest", json_string(digest));
	return item;
}

static json_t *sets_json(const struct policy *policy)
{
	json_t *list = json_array();

	for (size_t i = 0; i < policy->set_count; i++)
		json_array_append_new(list, set_json(policy->sets[i]));
	return list;
}

static json_t *resolvers_json(const struct policy *policy)
{
	json_t *list = json_array();
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < policy->resolvers.count; i++) {
		address_print(&policy->resolvers.items[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

/* The container's own addresses; null where no rule asks for them. */
static json_t *own_json(const struct pctl_own *own)
{
	json_t *addresses = own->known ? json_array() : NULL;
	char text[ADDRESS_TEXT];

	if (!addresses)
		return json_null();
	for (enum pctl_family family = 0; family < PCTL_FAMILIES; family++) {
		for (unsigned int i = 0; i < own->counts[family]; i++) {
			struct prefix block = own_block(own, family, i);

			address_print(&block, text);
			json_array_append_new(addresses, json_string(text));
		}
	}
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", own->mac[0], own->mac[1],
		 own->mac[2], own->mac[3], own->mac[4], own->mac[5]);
	return json_pack("{s:s, s:o}", "mac", text, "addresses", addresses);
}

/* The tables of connections; null where no rule says `established`. */
static json_t *connections_json(const struct connection_summary *connections)
{
	if (!connections->tracked)
		return json_null();
	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "confirmed",
		(json_int_t)connections->entries[CONNECTIONS_CONFIRMED], "confirmed_limit",
		(json_int_t)connections->capacity[CONNECTIONS_CONFIRMED], "half_open",
		(json_int_t)connections->entries[CONNECTIONS_HALF_OPEN], "half_open_limit",
		(json_int_t)connections->capacity[CONNECTIONS_HALF_OPEN], "memory_bytes",
		(json_int_t)connections->memory, "opened_total",
		(json_int_t)connections->counters[PCTL_CONNECTIONS_OPENED], "confirmed_total",
		(json_int_t)connections->counters[PCTL_CONNECTIONS_CONFIRMED], "refused_total",
		(json_int_t)connections->counters[PCTL_CONNECTIONS_REFUSED], "swept_total",
		(json_int_t)connections->counters[PCTL_CONNECTIONS_SWEPT]);
}

static json_t *mirror_json(const struct mirror_view *mirror)
{
	const struct pctl_mirror *at = &mirror->at;
	char mac[MIRROR_MAC_TEXT];
	json_t *object;

	mirror_mac_print(at->mac, mac);
	object = json_pack("{s:o, s:s?, s:s, s:o}", "interface", json_text(at->name), "mac",
			   at->has_mac ? mac : NULL, "state", mirror_state_name(at), "ifindex",
			   at->ifindex ? json_integer(at->ifindex) : json_null());
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		json_object_set_new(object, policy_direction_name(d),
				    json_pack("{s:o, s:o}", "copied",
					      counter_json(&mirror->copies[PCTL_COPY_MADE][d]),
					      "failed",
					      counter_json(&mirror->copies[PCTL_COPY_FAILED][d])));
	return object;
}

/* Where copies go; empty where none are made. */
static json_t *mirrors_json(const struct mirror_views *mirrors)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < mirrors->count; i++)
		json_array_append_new(list, mirror_json(&mirrors->items[i]));
	return list;
}

/* The buckets of rates; null where there is no rate. */
static json_t *rates_json(const struct bucket_summary *buckets)
{
	if (!buckets->limits)
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "peers", (json_int_t)buckets->peers, "peers_limit",
			 (json_int_t)buckets->capacity, "memory_bytes",
			 (json_int_t)buckets->memory);
}

/* What was learnt of DNS, and what was not; null where programs read no names. */
static json_t *dns_json(const struct name_counts *names)
{
	json_t *reasons;

	if (!names->reads)
		return json_null();
	reasons = json_object();
	for (int i = PCTL_NAMES_OTHER; i < PCTL_NAME_COUNTERS; i++)
		json_object_set_new(reasons, name_counter_reason(i),
				    json_integer(names->counts[i]));
	return json_pack("{s:I, s:I, s:I, s:o}", "questions",
			 (json_int_t)names->counts[PCTL_NAMES_QUESTIONS], "answers",
			 (json_int_t)names->counts[PCTL_NAMES_ANSWERS], "addresses",
			 (json_int_t)names->counts[PCTL_NAMES_ADDRESSES], "not_learnt", reasons);
}

/* The queues in which packets wait. */
static json_t *shaping_json(const struct attachment_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->shaped_count; i++) {
		const struct shaped *shaped = &view->shaped[i];
		const struct nl_class_state *state = &shaped->state;
		char name[SHAPED_NAME];

		shaped_name(shaped, name);
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:I, s:I, s:b, s:I, s:I, s:I, s:I}", "name", name,
				  "direction", policy_direction_name(shaped->direction), "classid",
				  (json_int_t)(PCTL_SHAPE_HANDLE | shaped->class.minor),
				  "rate_bits", (json_int_t)shaped->class.rate, "live",
				  shaped->there, "packets", (json_int_t)state->packets, "bytes",
				  (json_int_t)state->bytes, "dropped", (json_int_t)state->dropped,
				  "waiting_bytes", (json_int_t)state->waiting));
	}
	return list;
}

json_t *attachment_json_policy(const struct attachment_view *view)
{
	_cleanup_(freep) char *text = policy_print(view->policy);
	json_t *object = attachment_json(view);

	json_object_set_new(object, "container_may_administer",
			    json_boolean(attachment_view_may_redirect(view)));
	json_object_set_new(object, "container_administers_host",
			    json_boolean(view->admin == NETNS_ADMIN_OF_HOST));
	json_object_set_new(object, "policy", json_text(text));
	json_object_set_new(object, "sets", sets_json(view->policy));
	json_object_set_new(object, "resolvers", resolvers_json(view->policy));
	json_object_set_new(object, "own", own_json(&view->policy->own_found));
	json_object_set_new(object, "connections", connections_json(&view->connections));
	json_object_set_new(object, "mirrors", mirrors_json(&view->mirrors));
	json_object_set_new(object, "rates", rates_json(&view->buckets));
	json_object_set_new(object, "dns", dns_json(&view->names));
	json_object_set_new(object, "shaping", shaping_json(view));
	json_object_set_new(object, "counters", rows_json(view));
	return object;
}

static json_t *unknown_json(const struct attachment_view *view, enum pctl_direction direction)
{
	json_t *reasons = json_object();

	for (int i = 0; i < PCTL_REASON_MAX; i++)
		json_object_set_new(reasons, reason_name(i),
				    counter_json(counters_unknown(&view->counters, i, direction)));
	return reasons;
}

static json_t *answers_json(const struct attachment_view *view, enum pctl_direction direction)
{
	json_t *answers = json_object();

	for (int i = 0; i < PCTL_ANSWER_FATES; i++)
		json_object_set_new(answers, answer_fate_name(i),
				    counter_json(counters_answers(&view->counters, i, direction)));
	return answers;
}

json_t *attachment_json_stats(const struct attachment_view *view)
{
	json_t *object =
		json_pack("{s:o, s:I}", "interface", json_text(view->attachment->hooks.link.name),
			  "ifindex", (json_int_t)view->attachment->current.meta.ifindex);

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct totals totals = attachment_view_totals(view, d);

		json_object_set_new(object, policy_direction_name(d),
				    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "passed",
					      counter_json(&totals.passed), "dropped",
					      counter_json(&totals.dropped), "rejected",
					      counter_json(&totals.rejected), "would_drop",
					      counter_json(&totals.would_drop), "would_reject",
					      counter_json(&totals.would_reject), "unknown",
					      unknown_json(view, d), "answers",
					      answers_json(view, d), "shared_bucket",
					      counter_json(counters_shared(&view->counters, d))));
	}
	json_object_set_new(object, "connections", connections_json(&view->connections));
	json_object_set_new(object, "mirrors", mirrors_json(&view->mirrors));
	json_object_set_new(object, "rates", rates_json(&view->buckets));
	json_object_set_new(object, "dns", dns_json(&view->names));
	json_object_set_new(object, "shaping", shaping_json(view));
	json_object_set_new(object, "counters", rows_json(view));
	return object;
}
