// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>

#include "attachment_pins.h"
#include "compiled.h"
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
static int reuse_connections(struct policy_bpf *skeleton, const struct generation *previous)
{
	struct generation found = GENERATION_EMPTY;
	bool fit;
	int error;

	snprintf(found.path, sizeof(found.path), "%s", previous->path);
	found.meta.tracks = true;
	error = attachment_maps_open(&found);
	fit = !error && has_size(found.maps[MAP_CONNECTIONS], skeleton->maps.connections);
	if (fit)
		error = bpf_map__reuse_fd(skeleton->maps.connections, found.maps[MAP_CONNECTIONS]);
	if (fit && !error)
		error = bpf_map__reuse_fd(skeleton->maps.half_open, found.maps[MAP_HALF_OPEN]);
	if (!error)
		error = bpf_map__reuse_fd(skeleton->maps.connection_stats,
					  found.maps[MAP_CONNECTION_STATS]);
	generation_close(&found);
	return error;
}

int connections_place(struct policy_bpf *skeleton, const struct generation_input *input,
		      struct generation *generation)
{
	const struct generation *previous = input->previous;
	const bool tracks = compiled_tracks(input->plan->compiled);
	int error = 0;

	generation->meta.tracks = tracks;
	bpf_map__set_autocreate(skeleton->maps.connections, tracks);
	bpf_map__set_autocreate(skeleton->maps.half_open, tracks);
	bpf_map__set_autocreate(skeleton->maps.connection_stats, tracks);
	bpf_map__set_autocreate(skeleton->maps.conversations, tracks);
	size_connections(skeleton, input->plan->policy);
	if (tracks && previous && previous->meta.tracks)
		error = reuse_connections(skeleton, previous);
	set_sweeping(skeleton);
	return error;
}
