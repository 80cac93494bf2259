// SPDX-License-Identifier: GPL-2.0-only
/* Reading the counters of a generation, and carrying them over to the next one. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "error.h"
#include "generation.h"
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

const struct pctl_counter *counters_unknown(const struct counters *counters, enum pctl_unknown reason,
					    enum pctl_direction direction)
{
	return counters_slot(counters, counters->slots + reason, direction);
}

static void add(struct pctl_counter *sum, const struct pctl_counter *counter)
{
	sum->packets += counter->packets;
	sum->bytes += counter->bytes;
}

/* Adds the first `count` elements of a per-CPU map to sums[]. */
static int add_per_cpu(int fd, struct pctl_counter *sums, __u32 count)
{
	int cpus = libbpf_num_possible_cpus();
	struct pctl_counter *values _cleanup_(freep) = cpus > 0 ? calloc(cpus, sizeof(*values)) : NULL;

	if (!values)
		return cpus > 0 ? -ENOMEM : cpus;
	for (__u32 i = 0; i < count; i++) {
		if (bpf_map_lookup_elem(fd, &i, values))
			return error_set(-errno, "cannot read the counters: %m");
		for (int cpu = 0; cpu < cpus; cpu++)
			add(&sums[i], &values[cpu]);
	}
	return 0;
}

int generation_counters(const struct generation *generation, struct counters *counters)
{
	const int *maps = generation->maps;
	struct counters new = { .slots = PCTL_SLOT_RULES + generation->meta.rule_count };
	__u32 total = (new.slots + PCTL_UNKNOWN_MAX) * PCTL_DIRECTIONS;
	int error;

	new.items = calloc(total, sizeof(*new.items));
	if (!new.items)
		return -ENOMEM;
	for (__u32 i = 0; i < total; i++)
		if (bpf_map_lookup_elem(maps[MAP_CARRIED_STATS], &i, &new.items[i])) {
			error = error_set(-errno, "cannot read the counters: %m");
			counters_free(&new);
			return error;
		}
	error = add_per_cpu(maps[MAP_RULE_STATS], new.items, new.slots * PCTL_DIRECTIONS);
	error = error ?: add_per_cpu(maps[MAP_UNKNOWN_STATS], &new.items[new.slots * PCTL_DIRECTIONS],
				     PCTL_UNKNOWN_MAX * PCTL_DIRECTIONS);
	if (error)
		counters_free(&new);
	else
		*counters = new;
	return error;
}

static int carry_slot(const struct generation *next, __u32 slot, const struct counters *old,
		      __u32 old_slot)
{
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		__u32 index = slot * PCTL_DIRECTIONS + d;

		if (bpf_map_update_elem(next->maps[MAP_CARRIED_STATS], &index,
					counters_slot(old, old_slot, d), BPF_ANY))
			return error_set(-errno, "cannot write the counters: %m");
	}
	return 0;
}

/* The slots that are not rules: those in front of them and the unknown_stats behind them. */
static int carry_fixed(const struct generation *next, const struct counters *old)
{
	__u32 next_unknown = PCTL_SLOT_RULES + next->meta.rule_count;
	int error = 0;

	for (__u32 slot = 0; slot < PCTL_SLOT_RULES && !error; slot++)
		error = carry_slot(next, slot, old, slot);
	for (__u32 reason = 0; reason < PCTL_UNKNOWN_MAX && !error; reason++)
		error = carry_slot(next, next_unknown + reason, old, old->slots + reason);
	return error;
}

struct numbered {
	uint32_t id;
	uint32_t slot;
};

static int by_id(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* The ids of a generation's rules with their slots, sorted by id; NULL without memory. */
static struct numbered *numbered_rules(const struct generation *generation)
{
	__u32 count = generation->meta.rule_count;
	struct numbered *rules = calloc(count + 1, sizeof(*rules));

	for (__u32 i = 0; rules && i < count; i++) {
		rules[i].slot = PCTL_SLOT_RULES + i;
		bpf_map_lookup_elem(generation->maps[MAP_RULE_IDS], &i, &rules[i].id);
	}
	if (rules)
		qsort(rules, count, sizeof(*rules), by_id);
	return rules;
}

int generation_carry(struct generation *next, const struct generation *previous)
{
	struct numbered *old_rules _cleanup_(freep) = numbered_rules(previous);
	struct numbered *rules _cleanup_(freep) = numbered_rules(next);
	struct counters old;
	int error;

	if (!old_rules || !rules)
		return -ENOMEM;
	error = generation_counters(previous, &old);
	if (error)
		return error;
	error = carry_fixed(next, &old);
	for (__u32 i = 0; i < next->meta.rule_count && !error; i++) {
		const struct numbered *same = bsearch(&rules[i], old_rules, previous->meta.rule_count,
						      sizeof(*rules), by_id);

		if (same)
			error = carry_slot(next, rules[i].slot, &old, same->slot);
	}
	counters_free(&old);
	return error;
}
