// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "mirror_map.h"
#include "util.h"

static const struct {
	const char *name, *words;
} states[PCTL_MIRROR_STATES] = {
	[PCTL_MIRROR_NEW] = { "new", "it was not looked for yet" },
	[PCTL_MIRROR_GONE] = { "gone", "there is no such interface" },
	[PCTL_MIRROR_LIVE] = { "live", "" },
	[PCTL_MIRROR_JUDGED] = { "judged",
				 "it or its other end has a policy, which would judge copies" },
	[PCTL_MIRROR_LOOP] = { "loop", "copies would come back to where they are from" },
};

const char *mirror_state_name(const struct pctl_mirror *target)
{
	return target->state < PCTL_MIRROR_STATES ? states[target->state].name : "unknown";
}

const char *mirror_state_words(const struct pctl_mirror *target)
{
	return target->state < PCTL_MIRROR_STATES ? states[target->state].words : "";
}

int mirrors_open(const char *path, int *fd)
{
	return map_open_pin(path, MIRRORS_PIN, fd);
}

int mirrors_write(int fd, uint32_t number, const struct pctl_mirror *target)
{
	if (bpf_map_update_elem(fd, &number, target, BPF_ANY))
		return error_set(-errno, "cannot write the map mirrors: %m");
	return 0;
}

int mirrors_fill(int fd, const struct policy *policy)
{
	struct mirror_list list;
	int error = 0;

	policy_mirrors(policy, &list);
	for (uint32_t i = 0; i < list.count && !error; i++) {
		struct pctl_mirror target = { .has_mac = list.items[i].has_mac };

		memcpy(target.name, list.items[i].name, sizeof(target.name));
		memcpy(target.mac, list.items[i].mac, sizeof(target.mac));
		error = mirrors_write(fd, i, &target);
	}
	return error;
}

int mirrors_read(int fd, struct pctl_mirror targets[], uint32_t *count)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about a map: %m");
	if (info.value_size != sizeof(*targets) || info.max_entries > PCTL_MIRRORS_MAX)
		return error_set(-EPROTO, "the map mirrors is of another version of policyctl");
	for (uint32_t i = 0; i < info.max_entries; i++) {
		if (bpf_map_lookup_elem(fd, &i, &targets[i]))
			return error_set(-errno, "cannot read the map mirrors: %m");
		targets[i].name[PCTL_MIRROR_NAME - 1] = '\0';
	}
	*count = info.max_entries;
	return 0;
}

/* --- what became of copies --- */

/* Adds one counter of all CPUs; values[] has room for these. */
static int add_copies(int fd, uint32_t index, struct pctl_counter values[], int cpus,
		      struct pctl_counter *sum)
{
	if (bpf_map_lookup_elem(fd, &index, values))
		return error_set(-errno, "cannot read the counters of copies: %m");
	for (int i = 0; i < cpus; i++) {
		sum->packets += values[i].packets;
		sum->bytes += values[i].bytes;
	}
	return 0;
}

static size_t carried_size(uint32_t count)
{
	return count * PCTL_COPY_COUNTERS * sizeof(struct pctl_counter);
}

/* @counters: of all mirrors, in the order of `mirror_stats` */
static int read_copies(const struct generation *generation, struct pctl_counter counters[],
		       uint32_t count)
{
	int cpus = libbpf_num_possible_cpus(), error;
	_cleanup_(freep) struct pctl_counter *values = NULL;

	if (cpus <= 0)
		return cpus;
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	error = map_read(generation->maps[MAP_CARRIED_COPIES], "carried_copies", counters,
			 carried_size(count));
	for (uint32_t i = 0; i < count * PCTL_COPY_COUNTERS && !error; i++)
		error = add_copies(generation->maps[MAP_MIRROR_STATS], i, values, cpus,
				   &counters[i]);
	return error;
}

int mirrors_view(const struct generation *generation, struct mirror_views *views)
{
	struct pctl_counter counters[PCTL_MIRRORS_MAX][PCTL_COPY_FATES][PCTL_DIRECTIONS];
	struct pctl_mirror targets[PCTL_MIRRORS_MAX];
	struct mirror_views new = { .count = 0 };
	int error = 0;

	if (generation->maps[MAP_MIRRORS] >= 0)
		error = mirrors_read(generation->maps[MAP_MIRRORS], targets, &new.count)
				?: read_copies(generation, counters[0][0], new.count);
	for (uint32_t i = 0; i < new.count && !error; i++) {
		new.items[i].at = targets[i];
		memcpy(new.items[i].copies, counters[i], sizeof(counters[i]));
	}
	if (!error)
		*views = new;
	return error;
}

struct pctl_counter mirror_copies(const struct mirror_view *mirror, enum pctl_copy_fate fate)
{
	const struct pctl_counter *of = mirror->copies[fate];

	return (struct pctl_counter){ of[PCTL_FROM].packets + of[PCTL_TO].packets,
				      of[PCTL_FROM].bytes + of[PCTL_TO].bytes };
}

static bool is_same_target(const struct pctl_mirror *a, const struct pctl_mirror *b)
{
	return !strcmp(a->name, b->name) && a->has_mac == b->has_mac &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac));
}

int mirrors_carry(const struct generation *next, const struct generation *previous)
{
	struct pctl_counter carried[PCTL_MIRRORS_MAX][PCTL_COPY_FATES][PCTL_DIRECTIONS] = {};
	struct mirror_views old = {}, new = {};
	int error = mirrors_view(previous, &old) ?: mirrors_view(next, &new);

	if (error || !new.count || !old.count)
		return error;
	for (uint32_t i = 0; i < new.count; i++)
		for (uint32_t j = 0; j < old.count; j++)
			if (is_same_target(&new.items[i].at, &old.items[j].at))
				memcpy(carried[i], old.items[j].copies, sizeof(carried[i]));
	return map_write(next->maps[MAP_CARRIED_COPIES], "carried_copies", carried,
			 carried_size(new.count));
}
