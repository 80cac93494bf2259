// SPDX-License-Identifier: GPL-2.0-only
#include "memory.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include "bpfmap.h"
#include "generation.h"
#include "util.h"

#define MAPS_MAX 128

struct seen {
	uint32_t ids[MAPS_MAX];
	size_t count;
	uint64_t bytes;
};

static void add_map(struct seen *seen, int fd)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length))
		return;
	for (size_t i = 0; i < seen->count; i++)
		if (seen->ids[i] == info.id)
			return;
	if (seen->count < MAPS_MAX)
		seen->ids[seen->count++] = info.id;
	seen->bytes += map_memory(fd);
}

static void add_program(struct seen *seen, int fd)
{
	__u32 ids[MAPS_MAX], length = sizeof(struct bpf_prog_info);
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids };

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length))
		return;
	seen->bytes += map_memory(fd);
	for (uint32_t i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++) {
		_cleanup_(closep) int map = bpf_map_get_fd_by_id(ids[i]);

		add_map(seen, map);
	}
}

uint64_t memory_of_generation(const struct generation *generation)
{
	struct seen seen = {};

	for (int i = 0; i < HOOK_COUNT; i++)
		if (generation_wants(generation, i))
			add_program(&seen, generation->programs[i].fd);
	for (int i = 0; i < MAP_COUNT; i++)
		add_map(&seen, generation->maps[i]);
	return seen.bytes;
}

uint64_t memory_of_program(int fd)
{
	struct seen seen = {};

	add_program(&seen, fd);
	return seen.bytes;
}
