// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "name_counts.h"
#include "util.h"

int name_counts(const struct generation *generation, uint64_t counts[PCTL_NAME_COUNTERS])
{
	int cpus = libbpf_num_possible_cpus(), map = generation->maps[MAP_NAME_STATS];
	_cleanup_(freep) uint64_t *values = cpus > 0 ? calloc(cpus, sizeof(*values)) : NULL;

	memset(counts, 0, PCTL_NAME_COUNTERS * sizeof(*counts));
	if (map < 0)
		return 0;
	if (!values)
		return -ENOMEM;
	for (__u32 i = 0; i < PCTL_NAME_COUNTERS; i++) {
		if (bpf_map_lookup_elem(map, &i, values))
			return error_set(-errno, "cannot read the map name_stats: %m");
		for (int cpu = 0; cpu < cpus; cpu++)
			counts[i] += values[cpu];
	}
	return 0;
}
