// SPDX-License-Identifier: GPL-2.0-only
#include "addresses.h"
#include "cleanup.h"
#include "json_text.h"
#include "learnt_json.h"
#include "protocols.h"

static json_t *both_json(const uint64_t counts[PCTL_DIRECTIONS])
{
	return json_pack("{s:I, s:I}", "from", (json_int_t)counts[PCTL_FROM], "to",
			 (json_int_t)counts[PCTL_TO]);
}

static void set_counts(json_t *object, const struct flow_counts *counts, uint64_t first,
		       uint64_t last)
{
	json_object_set_new(object, "connections", json_integer(counts->connections));
	json_object_set_new(object, "packets", both_json(counts->packets));
	json_object_set_new(object, "bytes", both_json(counts->bytes));
	json_object_set_new(object, "first", json_integer(first));
	json_object_set_new(object, "last", json_integer(last));
}

static const char *number_key(uint8_t kind)
{
	static const char *const keys[] = {
		[FLOW_PORTS] = "port",
		[FLOW_ICMP] = "type",
		[FLOW_ETHERTYPE] = "ethertype",
	};

	return kind == FLOW_PROTOCOL ? NULL : keys[kind];
}

static json_t *flow_json(const struct flow *flow, const struct learnt_about *about)
{
	const struct flow_key *key = &flow->key;
	char text[ADDRESS_TEXT], name[LEARNT_NAME];
	json_t *object = json_object();

	json_object_set_new(object, "direction",
			    json_string(key->direction == PCTL_FROM ? "from" : "to"));
	if (key->kind != FLOW_ETHERTYPE) {
		address_print(&key->peer, text);
		json_object_set_new(object, "protocol", json_integer(key->protocol));
		json_object_set_new(object, "protocol_name",
				    json_text_or_null(protocol_name(key->protocol) ?: ""));
		json_object_set_new(object, "peer", json_string(text));
	}
	if (number_key(key->kind))
		json_object_set_new(object, number_key(key->kind), json_integer(key->number));
	if (about->namer && about->namer(about->namer_data, &key->peer, name))
		json_object_set_new(object, "name", json_text(name));
	if (flow->counts.connections)
		json_object_set_new(object, "answered", json_integer(flow->answered));
	set_counts(object, &flow->counts, flow->first, flow->last);
	return object;
}

static json_t *names_json(const struct learnt_rule *rule)
{
	json_t *names = json_array();

	for (size_t i = 0; i < rule->name_count; i++)
		json_array_append_new(names, json_text(rule->names[i]));
	return names;
}

static json_t *rule_json(const struct learnt_rule *rule)
{
	_cleanup_(freep) char *text = learnt_rule_text(rule);
	json_t *object =
		json_pack("{s:o, s:b, s:b, s:b}", "rule", json_text(text ?: ""), "allowed",
			  !rule->unanswered, "once", learnt_once(rule), "widened", rule->widened);

	json_object_set_new(object, "addresses", json_integer(rule->addresses));
	json_object_set_new(object, "names", names_json(rule));
	set_counts(object, &rule->counts, rule->first, rule->last);
	return object;
}

json_t *learnt_json(const struct learnt *learnt, const struct flows *flows,
		    const struct learnt_about *about, const char *policy)
{
	const struct learning_gaps *gaps = &about->gaps;
	json_t *rules = json_array(), *items = json_array();
	json_t *object = json_pack(
		"{s:o, s:I, s:I, s:I, s:b, s:{s:I, s:I, s:I, s:I}, s:o, s:o, s:o}", "target",
		json_text(about->target), "began", (json_int_t)about->began, "seconds",
		(json_int_t)about->seconds, "connections", (json_int_t)about->connections, "whole",
		learnt_is_whole(gaps), "missing", "connections", (json_int_t)gaps->unseen,
		"refused", (json_int_t)gaps->refused, "flows", (json_int_t)gaps->flows, "frames",
		(json_int_t)gaps->frames, "rules", rules, "flows", items, "policy",
		json_text(policy));

	for (size_t i = 0; i < learnt->count; i++)
		json_array_append_new(rules, rule_json(&learnt->rules[i]));
	for (size_t i = 0; i < flows->count; i++)
		json_array_append_new(items, flow_json(&flows->items[i], about));
	return object;
}
