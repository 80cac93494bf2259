// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "name_counts.h"
#include "util.h"

static const struct {
	const char *reason, *words;
} not_learnt[PCTL_NAME_COUNTERS] = {
	[PCTL_NAMES_OTHER] = { "other", "answers to another question than was asked" },
	[PCTL_NAMES_ELSEWHERE] = { "elsewhere", "answers from where the resolver is not" },
	[PCTL_NAMES_BROKEN] = { "broken", "answers that contradict themselves" },
	[PCTL_NAMES_CUT] = { "cut", "answers in several packets, or too large" },
	[PCTL_NAMES_FULL] = { "full", "addresses for which there was no room" },
};

int name_counts_read(const struct generation *generation, struct name_counts *counts)
{
	int cpus = libbpf_num_possible_cpus(), map = generation->maps[MAP_NAME_STATS];
	_cleanup_(freep) uint64_t *values = cpus > 0 ? calloc(cpus, sizeof(*values)) : NULL;

	*counts = (struct name_counts){ .reads = map >= 0 };
	if (map < 0)
		return 0;
	if (!values)
		return -ENOMEM;
	for (__u32 i = 0; i < PCTL_NAME_COUNTERS; i++) {
		if (bpf_map_lookup_elem(map, &i, values))
			return error_set(-errno, "cannot read the map name_stats: %m");
		for (int cpu = 0; cpu < cpus; cpu++)
			counts->counts[i] += values[cpu];
	}
	return 0;
}

const char *name_counter_reason(enum pctl_name_counter counter)
{
	return not_learnt[counter].reason;
}

const char *name_counter_words(enum pctl_name_counter counter)
{
	return not_learnt[counter].words;
}
