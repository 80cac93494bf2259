// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "json_text.h"
#include "netns.h"
#include "owner_words.h"
#include "print.h"
#include "reasons.h"
#include "report.h"
#include "terminal.h"
#include "util.h"

int report_open(const struct attachment *attachment, struct report *report)
{
	struct report new = { .attachment = attachment };
	int error;

	error = generation_policy(&attachment->current, &new.policy);
	error = error ?: generation_counters(&attachment->current, &new.counters);
	if (error)
		policy_free(new.policy);
	else
		*report = new;
	return error;
}

void report_close(struct report *report)
{
	policy_free(report->policy);
	counters_free(&report->counters);
	*report = (struct report){};
}

struct totals_search {
	const struct report *report;
	struct totals totals;
	enum pctl_direction direction;
};

static int add_row(const struct counter_row *row, void *data)
{
	struct totals_search *search = data;
	struct pctl_counter *sum =
		row->verdict == VERDICT_DENY ? &search->totals.dropped : &search->totals.passed;
	const struct pctl_counter *counter;

	if (!(row->directions & (1u << search->direction)))
		return 0;
	counter = counters_slot(&search->report->counters, row->slot, search->direction);
	sum->packets += counter->packets;
	sum->bytes += counter->bytes;
	return 0;
}

struct totals report_totals(const struct report *report, enum pctl_direction direction)
{
	struct totals_search search = { .report = report, .direction = direction };

	counters_rows(report->policy, add_row, &search);
	return search.totals;
}

void report_look_at_container(struct report *report, struct nl *nl)
{
	const struct link *link = &report->attachment->hooks.link;

	if (generation_wants(&report->attachment->current, HOOK_GUARD) &&
	    !strcmp(link->kind, "veth") && link->peer_nsid >= 0)
		report->may_administer = netns_may_administer(nl, link->peer_nsid);
}

/* --- words --- */

const char *report_state(const struct attachment *attachment)
{
	static const char *const missing[1 << HOOK_COUNT] = {
		[0] = "enforcing",
		[1 << HOOK_XDP] = "xdp program missing",
		[1 << HOOK_EGRESS] = "tc filter missing",
		[1 << HOOK_GUARD] = "guard missing",
	};
	unsigned int state = 0;

	for (int i = 0; i < HOOK_COUNT; i++)
		if (generation_wants(&attachment->current, i) &&
		    !hooks_runs(&attachment->hooks, &attachment->current, i))
			state |= 1u << i;
	if (state == 0 && hooks_preceded(&attachment->hooks))
		return "foreign filter in front";
	if (missing[state])
		return missing[state];
	return hooks_runs_any(&attachment->hooks, &attachment->current) ? "programs missing"
									: "all programs missing";
}

const char *report_state_word(const struct attachment *attachment)
{
	const struct owner *owner = &attachment->current.owner;

	return owner_is(owner) && owner->held && report_enforcing(attachment)
		       ? "held"
		       : report_state(attachment);
}

bool report_enforcing(const struct attachment *attachment)
{
	return attachment_live(attachment) && !hooks_preceded(&attachment->hooks);
}

void report_if_not_live(const struct attachment *attachment)
{
	const char *name = attachment->hooks.link.name;

	if (!attachment_live(attachment))
		notice("%s: %sNOT ENFORCED NOW%s: its programs are not all on their hooks; "
		       "policyctl doctor %s tells what to do",
		       name, terminal_start(stderr, COLOUR_RED), terminal_end(stderr), name);
}

const char *report_mode_reason(const struct attachment *attachment)
{
	const struct meta *meta = &attachment->current.meta;
	bool veth = !strcmp(attachment->hooks.link.kind, "veth");

	if (attachment->current.owner.mode_chosen)
		return meta->mode == XDP_MODE_NATIVE
			       ? "the container may have CAP_NET_ADMIN"
			       : "native would switch off TSO in the container, which has no "
				 "CAP_NET_ADMIN";
	if (meta->mode_choice != MODE_AUTO)
		return "asked for";
	if (meta->mode == XDP_MODE_NATIVE)
		return "the driver has it";
	return veth ? "native would switch off TSO in the container"
		    : "the driver has no native mode";
}

static bool is_ours(const struct attachment *attachment, const struct filter *filter)
{
	enum hook hook = filter->hook == TC_HOOK_EGRESS ? HOOK_EGRESS : HOOK_GUARD;

	return filter == hooks_our_place(&attachment->hooks, filter->hook) &&
	       hooks_runs(&attachment->hooks, &attachment->current, hook);
}

/* Is it one more entry of the filter before? A u32 filter has several at one priority, for its hash
 * tables too: one line is enough. */
static bool listed_before(const struct hooks *hooks, size_t index)
{
	const struct filter *filter = &hooks->filters[index], *before = filter - 1;

	return index > 0 && !filter->bpf && before->hook == filter->hook &&
	       before->priority == filter->priority && before->chain == filter->chain &&
	       !strcmp(before->kind, filter->kind);
}

/* What it means that a neighbour runs on this hook, before our program or behind it. */
static const char *neighbour_effect(const struct attachment *attachment, enum tc_hook hook,
				    bool before)
{
	if (hook == TC_HOOK_EGRESS)
		return before ? "decides before policyctl" : "sees what policyctl passed";
	return before && generation_wants(&attachment->current, HOOK_GUARD)
		       ? "sees what the XDP program passed, decides before the guard"
		       : "sees what policyctl passed";
}

static const char *hook_name(enum tc_hook hook)
{
	return hook == TC_HOOK_EGRESS ? "egress" : "ingress";
}

static size_t print_tcx(const struct attachment *attachment, enum tc_hook hook, const char *prefix)
{
	const struct hooks *hooks = &attachment->hooks;
	char name[16 + 1];

	for (size_t i = 0; i < hooks->tcx_count[hook]; i++) {
		program_name(hooks->tcx[hook][i], name);
		printf("%s  neighbour       tcx %s program %u %s: %s\n", prefix, hook_name(hook),
		       hooks->tcx[hook][i], name, neighbour_effect(attachment, hook, true));
	}
	return hooks->tcx_count[hook];
}

static void print_filter(const struct attachment *attachment, const struct filter *filter,
			 bool before, const char *prefix)
{
	printf("%s  neighbour       tc %s filter, priority %u, kind %s", prefix,
	       hook_name(filter->hook), filter->priority, filter->kind);
	if (filter->bpf)
		printf(", program %u %s", filter->program_id, filter->name);
	printf(": %s\n", filter_is_gate(filter)
				 ? "a gate of policyctl, holds it until its policy is known"
				 : neighbour_effect(attachment, filter->hook, before));
}

static void print_neighbours(const struct attachment *attachment, const char *prefix)
{
	const struct hooks *hooks = &attachment->hooks;
	bool before[] = { [TC_HOOK_INGRESS] = true, [TC_HOOK_EGRESS] = true };
	size_t printed = print_tcx(attachment, TC_HOOK_INGRESS, prefix) +
			 print_tcx(attachment, TC_HOOK_EGRESS, prefix);

	for (size_t i = 0; i < hooks->count; i++) {
		const struct filter *filter = &hooks->filters[i];

		if (is_ours(attachment, filter)) {
			before[filter->hook] = false;
			continue;
		}
		if (listed_before(hooks, i))
			continue;
		print_filter(attachment, filter, before[filter->hook], prefix);
		printed++;
	}
	if (!printed)
		printf("%s  neighbours      none on this device\n", prefix);
}

static void print_guard(const struct attachment *attachment, const char *prefix)
{
	const struct generation *current = &attachment->current;

	if (generation_wants(current, HOOK_GUARD))
		printf("%s                  tc program %u policyctl_guard, clsact ingress, for "
		       "what was "
		       "redirected past generic XDP\n",
		       prefix, current->programs[HOOK_GUARD].id);
}

/* What the kernel changes on the device while a program is attached in this mode. */
static const char *offload_effects(const struct attachment *attachment)
{
	bool native = attachment->current.meta.mode == XDP_MODE_NATIVE;

	if (!strcmp(attachment->hooks.link.kind, "veth"))
		return native ? "TSO, UDP and SCTP segmentation of the container's end are off "
				"while "
				"attached: slower bulk TCP out of it"
			      : "unchanged";
	return native ? "the driver may switch some off while attached (ethtool -k tells)"
		      : "LRO and hardware GRO are off while attached, if the device has them";
}

void report_print_hooks(const struct report *report, const char *prefix)
{
	const struct attachment *attachment = report->attachment;
	const struct generation *current = &attachment->current;
	bool veth = !strcmp(attachment->hooks.link.kind, "veth");

	printf("%s  from container  xdp program %u policyctl_xdp, %s mode (%s)\n", prefix,
	       current->programs[HOOK_XDP].id, xdp_mode_name(current->meta.mode),
	       report_mode_reason(attachment));
	print_guard(attachment, prefix);
	printf("%s  to container    tc program %u policyctl_tc, clsact egress, priority %u, handle "
	       "0x%x\n",
	       prefix, current->programs[HOOK_EGRESS].id, FILTER_PRIORITY, FILTER_HANDLE);
	printf("%s  offloads        %s\n", prefix, offload_effects(attachment));
	printf("%s  MTU             %u, unchanged%s\n", prefix, attachment->hooks.link.mtu,
	       veth || current->meta.mode == XDP_MODE_GENERIC ? "; jumbo frames pass" : "");
	print_neighbours(attachment, prefix);
	if (report->may_administer)
		printf("%s  caution         the container may have CAP_NET_ADMIN, and with that "
		       "get around "
		       "generic mode; --mode native holds\n",
		       prefix);
	if (!veth && strcmp(attachment->hooks.link.kind, "tun") != 0)
		printf("%s  note            not the host's end of a veth: `from` is what arrives "
		       "at this "
		       "interface, `to` what it sends\n",
		       prefix);
}

/* --- JSON --- */

static json_t *counter_json(const struct pctl_counter *counter)
{
	return json_pack("{s:I, s:I}", "packets", (json_int_t)counter->packets, "bytes",
			 (json_int_t)counter->bytes);
}

static json_t *neighbours_json(const struct attachment *attachment)
{
	const struct hooks *hooks = &attachment->hooks;
	json_t *list = json_array();

	for (int hook = 0; hook < 2; hook++)
		for (size_t i = 0; i < hooks->tcx_count[hook]; i++)
			json_array_append_new(
				list, json_pack("{s:s, s:s, s:I}", "hook", hook_name(hook), "kind",
						"tcx", "program", (json_int_t)hooks->tcx[hook][i]));
	for (size_t i = 0; i < hooks->count; i++) {
		const struct filter *filter = &hooks->filters[i];
		json_t *item;

		if (is_ours(attachment, filter) || listed_before(hooks, i))
			continue;
		item = json_pack("{s:s, s:s, s:i, s:I}", "hook", hook_name(filter->hook), "kind",
				 filter->kind, "priority", filter->priority, "handle",
				 (json_int_t)filter->handle);
		if (filter->bpf) {
			json_object_set_new(item, "program", json_integer(filter->program_id));
			json_object_set_new(item, "name", json_string(filter->name));
		}
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *program_json(const struct attachment *attachment, enum hook hook, const char *name)
{
	return json_pack("{s:I, s:s, s:b}", "program",
			 (json_int_t)attachment->current.programs[hook].id, "name", name, "live",
			 hooks_runs(&attachment->hooks, &attachment->current, hook));
}

static json_t *filter_json(const struct attachment *attachment, enum hook hook, const char *name,
			   const char *place)
{
	json_t *object = program_json(attachment, hook, name);

	json_object_set_new(object, "hook", json_string(place));
	json_object_set_new(object, "priority", json_integer(FILTER_PRIORITY));
	json_object_set_new(object, "handle", json_integer(FILTER_HANDLE));
	return object;
}

static json_t *xdp_json(const struct attachment *attachment)
{
	json_t *object = program_json(attachment, HOOK_XDP, "policyctl_xdp");
	enum xdp_mode mode = attachment->current.meta.mode;

	json_object_set_new(object, "mode", json_string(xdp_mode_name(mode)));
	json_object_set_new(object, "mode_reason", json_string(report_mode_reason(attachment)));
	return object;
}

json_t *report_json(const struct report *report)
{
	const struct attachment *attachment = report->attachment;
	const struct meta *meta = &attachment->current.meta;
	json_t *object = json_pack(
		"{s:s, s:I, s:s, s:b, s:I, s:I, s:o, s:o, s:I, s:{s:s, s:s}, s:o}", "interface",
		attachment->hooks.link.name, "ifindex", (json_int_t)meta->ifindex, "state",
		report_state(attachment), "enforcing", report_enforcing(attachment), "attached_at",
		(json_int_t)meta->attached_at, "changed_at", (json_int_t)meta->changed_at, "xdp",
		xdp_json(attachment), "tc",
		filter_json(attachment, HOOK_EGRESS, "policyctl_tc", "egress"), "rules",
		(json_int_t)report->policy->count, "defaults", "from",
		policy_verdict_name(report->policy->defaults[PCTL_FROM]), "to",
		policy_verdict_name(report->policy->defaults[PCTL_TO]), "neighbours",
		neighbours_json(attachment));

	if (generation_wants(&attachment->current, HOOK_GUARD))
		json_object_set_new(
			object, "guard",
			filter_json(attachment, HOOK_GUARD, "policyctl_guard", "ingress"));
	owner_add_json(object, &attachment->current.owner);
	return object;
}

struct rows {
	const struct report *report;
	json_t *list;
};

static int row_json(const struct counter_row *row, void *data)
{
	static const char *const kinds[] = {
		[COUNTER_RULE] = "rule",
		[COUNTER_IMPLICIT] = "implicit",
		[COUNTER_DEFAULT] = "default",
		[COUNTER_RETIRED] = "retired",
	};
	_cleanup_(freep) char *text = row->rule ? policy_rule_print(row->rule) : NULL;
	const struct rows *rows = data;
	json_t *item = json_pack("{s:s, s:s}", "kind", kinds[row->kind], "verdict",
				 policy_verdict_name(row->verdict));

	if (row->rule) {
		json_object_set_new(item, "id", json_integer(row->rule->id));
		json_object_set_new(item, "log", json_boolean(row->rule->log));
	}
	json_object_set_new(item, "text", json_string(text ? text : row->name));
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		if (row->directions & (1u << d))
			json_object_set_new(
				item, policy_direction_name(d),
				counter_json(counters_slot(&rows->report->counters, row->slot, d)));
	return json_array_append_new(rows->list, item);
}

static json_t *rows_json(const struct report *report)
{
	struct rows rows = { .report = report, .list = json_array() };

	counters_rows(report->policy, row_json, &rows);
	return rows.list;
}

static json_t *set_json(const struct set *set)
{
	char digest[2 * PCTL_SET_DIGEST + 1];
	json_t *item = json_pack("{s:s, s:{s:I, s:I}}", "name", set->name, "prefixes", "ipv4",
				 (json_int_t)set->counts[PCTL_IPV4], "ipv6",
				 (json_int_t)set->counts[PCTL_IPV6]);

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

json_t *report_json_policy(const struct report *report)
{
	_cleanup_(freep) char *text = policy_print(report->policy);
	json_t *object = report_json(report);

	json_object_set_new(object, "container_may_administer",
			    json_boolean(report->may_administer));
	json_object_set_new(object, "policy", json_text(text));
	json_object_set_new(object, "sets", sets_json(report->policy));
	json_object_set_new(object, "counters", rows_json(report));
	return object;
}

static json_t *unknown_json(const struct report *report, enum pctl_direction direction)
{
	json_t *reasons = json_object();

	for (int i = 0; i < PCTL_REASON_MAX; i++)
		json_object_set_new(
			reasons, reason_name(i),
			counter_json(counters_unknown(&report->counters, i, direction)));
	return reasons;
}

json_t *report_json_stats(const struct report *report)
{
	json_t *object = json_pack("{s:s, s:I}", "interface", report->attachment->hooks.link.name,
				   "ifindex", (json_int_t)report->attachment->current.meta.ifindex);

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct totals totals = report_totals(report, d);

		json_object_set_new(object, policy_direction_name(d),
				    json_pack("{s:o, s:o, s:o}", "passed",
					      counter_json(&totals.passed), "dropped",
					      counter_json(&totals.dropped), "unknown",
					      unknown_json(report, d)));
	}
	json_object_set_new(object, "counters", rows_json(report));
	return object;
}
