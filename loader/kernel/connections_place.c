// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>

#include "compiled.h"
#include "connection_pins.h"
#include "connections_place.h"
#include "policy.skel.h"

/* One sweep in so many ticks stays below a hundredth of a CPU. */
#define SWEPT_IN_A_TICK 4096

static void set_sweeping(const struct policy_bpf *skeleton)
{
	struct pctl_tracking *tracking = (void *)&skeleton->rodata->tracking;

	tracking->sweep_ticks =
		1 + bpf_map__max_entries(skeleton->maps.connections) / SWEPT_IN_A_TICK;
}

static void size_connections(const struct policy_bpf *skeleton, const struct policy *policy)
{
	uint32_t confirmed = policy->connections ?: PCTL_CONNECTIONS_DEFAULT;
	uint32_t half_open = confirmed / PCTL_HALF_OPEN_PART;

	bpf_map__set_max_entries(skeleton->maps.connections, confirmed);
	bpf_map__set_max_entries(skeleton->maps.half_open,
				 half_open > PCTL_HALF_OPEN_MIN ? half_open : PCTL_HALF_OPEN_MIN);
}

static bool has_size(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &length) &&
	       info.max_entries == bpf_map__max_entries(map);
}

/* By their path, since a process that loads has not the descriptors of others. Tables of another
 * size are made anew; the attachment carries the connections over. The counters stay. */
static int reuse_connections(const struct generation *previous,
			     struct bpf_map *const maps[CONNECTION_MAPS])
{
	struct generation found = GENERATION_EMPTY;
	bool fit;
	int error;

	snprintf(found.path, sizeof(found.path), "%s", previous->path);
	error = connection_pins_open(&found);
	fit = !error && has_size(found.maps[MAP_CONNECTIONS], maps[0]);
	for (int i = 0; i < CONNECTION_MAPS && !error; i++)
		if (fit || connection_maps[i] == MAP_CONNECTION_STATS)
			error = bpf_map__reuse_fd(maps[i], found.maps[connection_maps[i]]);
	generation_close(&found);
	return error;
}

int connections_place(struct policy_bpf *skeleton, const struct generation_input *input,
		      struct generation *generation)
{
	struct bpf_map *const maps[CONNECTION_MAPS] = {
		skeleton->maps.connections,
		skeleton->maps.half_open,
		skeleton->maps.connection_stats,
	};
	const struct generation *previous = input->previous;
	int error = 0;

	generation->meta.tracks = compiled_tracks(input->plan->compiled);
	for (int i = 0; i < CONNECTION_MAPS && !generation->meta.tracks; i++)
		bpf_map__set_autocreate(maps[i], false);
	bpf_map__set_autocreate(skeleton->maps.conversations, generation->meta.tracks);
	size_connections(skeleton, input->plan->policy);
	if (generation->meta.tracks && previous && previous->meta.tracks)
		error = reuse_connections(previous, maps);
	set_sweeping(skeleton);
	return error;
}
