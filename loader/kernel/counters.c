// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "bpfmap.h"
#include "counters.h"
#include "error.h"
#include "implicit.h"
#include "util.h"

void counters_free(struct counters *counters)
{
	free(counters->items);
	*counters = (struct counters){};
}

const struct pctl_counter *counters_slot(const struct counters *counters, uint32_t slot,
					 enum pctl_direction direction)
{
	return &counters->items[slot * PCTL_DIRECTIONS + direction];
}

const struct pctl_counter *counters_unknown(const struct counters *counters,
					    enum pctl_reason reason, enum pctl_direction direction)
{
	return counters_slot(counters, counters->slots + reason, direction);
}

const struct pctl_counter *counters_answers(const struct counters *counters,
					    enum pctl_answered fate, enum pctl_direction direction)
{
	return counters_slot(counters, counters->slots + PCTL_REASON_MAX + fate, direction);
}

const struct pctl_counter *counters_shared(const struct counters *counters,
					   enum pctl_direction direction)
{
	return counters_slot(counters, counters->slots + PCTL_SHARED_COUNTER, direction);
}

static void add(struct pctl_counter *sum, const struct pctl_counter *counter)
{
	sum->packets += counter->packets;
	sum->bytes += counter->bytes;
}

/* One CPU's element, whose first counter is number @first; the last ones may be unused. */
static void add_element(struct pctl_counter *sums, __u32 count, __u32 first, __u32 each,
			const struct pctl_counter *values)
{
	for (__u32 i = 0; i < each && first + i < count; i++)
		add(&sums[first + i], &values[i]);
}

/* Adds the counters of a per-CPU map, `each` to an element, to sums[], which has room for `count`.
 */
static int add_per_cpu(int fd, struct pctl_counter *sums, __u32 count, __u32 each)
{
	__u32 elements = (count + each - 1) / each, read = elements, position;
	int cpus = libbpf_num_possible_cpus();
	_cleanup_(freep) struct pctl_counter *values = NULL;
	_cleanup_(freep) __u32 *keys = NULL;

	if (cpus <= 0)
		return cpus;
	values = calloc((size_t)elements * each, cpus * sizeof(*values));
	keys = calloc(elements, sizeof(*keys));
	if (!values || !keys)
		return -ENOMEM;
	/* -ENOENT: it came to the end of the map. */
	if (bpf_map_lookup_batch(fd, NULL, &position, keys, values, &read, NULL) && errno != ENOENT)
		return error_set(-errno, "cannot read the counters: %m");
	for (__u32 i = 0; i < read; i++)
		for (int cpu = 0; cpu < cpus; cpu++)
			add_element(sums, count, keys[i] * each, each,
				    &values[((size_t)i * cpus + cpu) * each]);
	return 0;
}

int generation_counters(const struct generation *generation, struct counters *counters)
{
	const int *maps = generation->maps;
	struct counters new = { .slots = generation->meta.slots };
	__u32 rules = new.slots *PCTL_DIRECTIONS, unknown = PCTL_UNKNOWN_COUNTERS;
	int error;

	new.items = calloc(rules + unknown, sizeof(*new.items));
	if (!new.items)
		return -ENOMEM;
	error = map_read(maps[MAP_CARRIED_STATS], "carried_stats", new.items,
			 (rules + unknown) * sizeof(*new.items));
	error = error ?: add_per_cpu(maps[MAP_RULE_STATS], new.items, rules, PCTL_BLOCK_COUNTERS);
	error = error ?: add_per_cpu(maps[MAP_UNKNOWN_STATS], new.items + rules, unknown, 1);
	if (error)
		counters_free(&new);
	else
		*counters = new;
	return error;
}

/* --- rows --- */

/* What exceeds a rate, if there is one. @rule: NULL: of defaults */
static int rate_row(const struct treatment *treatment, const struct rule *rule, bool audit,
		    unsigned int directions, uint32_t slot,
		    int (*each)(const struct counter_row *, void *), void *data)
{
	const struct counter_row row = {
		.kind = COUNTER_RATE,
		.verdict = treatment->over,
		.audit = audit,
		.directions = directions,
		.slot = slot,
		.rule = rule,
		.name = "default",
	};

	return treatment->limiting == LIMITING_RATE ? each(&row, data) : 0;
}

static int rule_rows(const struct policy *policy, int (*each)(const struct counter_row *, void *),
		     void *data)
{
	uint32_t over = policy_over_slot(policy, 0);
	int error = 0;

	for (size_t i = 0; i < policy->count && !error; i++) {
		const struct rule *rule = &policy->rules[i];
		struct counter_row row = {
			.kind = COUNTER_RULE,
			.verdict = rule->verdict,
			.audit = policy_audits_rule(policy, rule),
			.directions = rule->directions,
			.slot = PCTL_SLOT_RULES + i,
			.rule = rule,
		};

		error = each(&row, data);
		error = error
				?: rate_row(&rule->treatment, rule,
					    policy_audits_rate(policy, rule), rule->directions,
					    over, each, data);
		over += rule->treatment.limiting == LIMITING_RATE;
	}
	return error;
}

/* Directions whose default is deny have the implicit rules. */
static int implicit_rows(const struct policy *policy,
			 int (*each)(const struct counter_row *, void *), void *data)
{
	unsigned int denying = 0;
	int error = 0;

	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		denying |= verdict_denies(policy->defaults[d]) ? 1u << d : 0;
	for (size_t i = 0; i < policy_implicit_rule_count && !error; i++) {
		const struct implicit_rule *implicit = &policy_implicit_rules[i];
		struct counter_row row = {
			.kind = COUNTER_IMPLICIT,
			.verdict = VERDICT_ALLOW,
			.directions = implicit->directions & denying,
			.slot = implicit->slot,
			.name = implicit->text,
		};

		error = row.directions ? each(&row, data) : 0;
	}
	return error;
}

static uint32_t retired_slot(enum verdict verdict, bool audit)
{
	static const uint32_t slots[][2] = {
		[VERDICT_ALLOW] = { PCTL_SLOT_RETIRED_PASSED, PCTL_SLOT_RETIRED_PASSED },
		[VERDICT_DENY] = { PCTL_SLOT_RETIRED_DROPPED, PCTL_SLOT_RETIRED_WOULD_DROP },
		[VERDICT_REJECT] = { PCTL_SLOT_RETIRED_REJECTED, PCTL_SLOT_RETIRED_WOULD_REJECT },
	};

	return slots[verdict][audit];
}

static int retired_rows(int (*each)(const struct counter_row *, void *), void *data)
{
	int error = 0;

	for (int i = 0; i < 2 * VERDICT_COUNT && !error; i++) {
		struct counter_row row = {
			.kind = COUNTER_RETIRED,
			.verdict = i / 2,
			.audit = i % 2,
			.directions = POLICY_BOTH,
			.slot = retired_slot(i / 2, i % 2),
			.name = "rules no longer there",
		};

		if (verdict_denies(row.verdict) || !row.audit)
			error = each(&row, data);
	}
	return error;
}

int counters_rows(const struct policy *policy, int (*each)(const struct counter_row *, void *),
		  void *data)
{
	int error = rule_rows(policy, each, data) ?: implicit_rows(policy, each, data);

	for (int d = 0; d < PCTL_DIRECTIONS && !error; d++) {
		struct counter_row row = {
			.kind = COUNTER_DEFAULT,
			.verdict = policy->defaults[d],
			.audit = policy_audits_default(policy, d),
			.directions = 1u << d,
			.slot = PCTL_SLOT_DEFAULT,
			.name = "default",
		};

		error = each(&row, data);
		error = error
				?: rate_row(&policy->default_treatments[d], NULL,
					    policy_audits_default_rate(policy, d), 1u << d,
					    policy_over_slot(policy, policy->count), each, data);
	}
	return error ?: retired_rows(each, data);
}

/* --- carrying over --- */

struct numbered {
	uint32_t id;
	uint32_t slot;
	size_t rule; /* its index */
};

static int by_id(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

struct carry {
	const struct policy *policy; /* the next one */
	struct numbered *rules; /* its rules, sorted by id */
	struct numbered *rates; /* those with a rate, and the slots of their excess, likewise */
	size_t rate_count;
	struct pctl_counter *sums; /* what will be carried */
	const struct counters *old;
};

/* Of what exceeded a rate. */
static uint32_t next_rate_slot(const struct carry *carry, const struct counter_row *row,
			       int direction)
{
	const struct policy *policy = carry->policy;
	const struct treatment *now = &policy->default_treatments[direction];
	struct numbered key = { .id = row->rule ? row->rule->id : 0 };
	const struct numbered *same;
	const struct rule *rule;

	if (!row->rule)
		return now->limiting == LIMITING_RATE && now->over == row->verdict &&
				       row->audit == policy_audits_default_rate(policy, direction)
			       ? policy_over_slot(policy, policy->count)
			       : retired_slot(row->verdict, row->audit);
	same = bsearch(&key, carry->rates, carry->rate_count, sizeof(key), by_id);
	rule = same ? &policy->rules[same->rule] : NULL;
	/* The same id is the same words. */
	if (rule && row->audit == policy_audits_rate(policy, rule))
		return same->slot;
	return retired_slot(row->verdict, row->audit);
}

/* Where the count of an old row goes on in one direction. */
static uint32_t next_slot(const struct carry *carry, const struct counter_row *row, int direction)
{
	const struct policy *policy = carry->policy;
	enum verdict now = policy->defaults[direction];
	struct numbered key = { .id = row->rule ? row->rule->id : 0 };
	const struct numbered *same;

	switch (row->kind) {
	case COUNTER_RULE:
		same = bsearch(&key, carry->rules, policy->count, sizeof(key), by_id);
		if (same &&
		    row->audit == policy_audits_rule(policy,
						     &policy->rules[same->slot - PCTL_SLOT_RULES]))
			return same->slot;
		break;
	case COUNTER_IMPLICIT:
		if (verdict_denies(now))
			return row->slot;
		break;
	case COUNTER_DEFAULT:
		if (now == row->verdict && row->audit == policy_audits_default(policy, direction))
			return row->slot;
		break;
	case COUNTER_RATE:
		return next_rate_slot(carry, row, direction);
	case COUNTER_RETIRED:
		break;
	}
	return retired_slot(row->verdict, row->audit);
}

static int carry_row(const struct counter_row *row, void *data)
{
	struct carry *carry = data;

	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		if (row->directions & (1u << d))
			add(&carry->sums[next_slot(carry, row, d) * PCTL_DIRECTIONS + d],
			    counters_slot(carry->old, row->slot, d));
	return 0;
}

static int carry_counters(const struct generation *next, const struct policy *policy,
			  const struct policy *old_policy, const struct counters *old)
{
	__u32 slots = policy_slots(policy);
	__u32 total = slots * PCTL_DIRECTIONS + PCTL_UNKNOWN_COUNTERS;
	_cleanup_(freep) struct pctl_counter *sums = calloc(total, sizeof(*sums));
	_cleanup_(freep) struct numbered *rules = calloc(policy->count + 1, sizeof(*rules));
	_cleanup_(freep) struct numbered *rates = calloc(policy->count + 1, sizeof(*rates));
	struct carry carry = {
		.policy = policy, .rules = rules, .rates = rates, .sums = sums, .old = old
	};
	uint32_t over = policy_over_slot(policy, 0);

	if (!sums || !rules || !rates)
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++) {
		uint32_t id = policy->rules[i].id;

		rules[i] = (struct numbered){ id, PCTL_SLOT_RULES + i, i };
		if (policy->rules[i].treatment.limiting == LIMITING_RATE)
			rates[carry.rate_count++] = (struct numbered){ id, over++, i };
	}
	qsort(rules, policy->count, sizeof(*rules), by_id);
	qsort(rates, carry.rate_count, sizeof(*rates), by_id);
	counters_rows(old_policy, carry_row, &carry);
	for (__u32 i = 0; i < PCTL_UNKNOWN_COUNTERS; i++)
		sums[slots * PCTL_DIRECTIONS + i] = old->items[old->slots * PCTL_DIRECTIONS + i];
	return map_write(next->maps[MAP_CARRIED_STATS], "carried_stats", sums,
			 total * sizeof(*sums));
}

int generation_carry(const struct generation *next, const struct policy *policy,
		     const struct generation *previous, const struct policy *old_policy)
{
	_cleanup_(counters_free) struct counters old = {};
	int error = generation_counters(previous, &old);

	return error ?: carry_counters(next, policy, old_policy, &old);
}
