// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attachment_pins.h"
#include "bpfmap.h"
#include "error.h"
#include "util.h"

static const struct {
	enum generation_map map;
	const char *name;
} pins[] = {
	{ MAP_CONNECTIONS, "connections" },
	{ MAP_HALF_OPEN, "half_open" },
	{ MAP_CONNECTION_STATS, "connection_stats" },
	{ MAP_BUCKETS, "buckets" },
	{ MAP_PEER_BUCKETS, "peer_buckets" },
	{ MAP_QUESTIONS, "questions" },
	{ MAP_NAME_STATS, "name_stats" },
};

bool attachment_map_wanted(const struct generation *generation, enum generation_map which)
{
	const struct meta *meta = &generation->meta;

	switch (which) {
	case MAP_CONNECTIONS:
	case MAP_HALF_OPEN:
	case MAP_CONNECTION_STATS:
		return meta->tracks;
	case MAP_BUCKETS:
		return meta->treats & PCTL_TREATS_RATE;
	case MAP_PEER_BUCKETS:
		return meta->treats & PCTL_TREATS_EACH;
	case MAP_QUESTIONS:
	case MAP_NAME_STATS:
		return meta->names;
	default:
		return false;
	}
}

/* The directory around that of a generation. */
static void directory_of(const char *path, char directory[PATH_MAX])
{
	char *slash;

	snprintf(directory, PATH_MAX, "%s", path);
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
}

static int open_pin(const char *directory, const char *name, int *fd)
{
	int error = map_open_pin(directory, name, fd);
	if (error || map_is_named(*fd, name))
		return error;
	closep(fd);
	*fd = -1;
	return error_set(-ENOENT, "%s/%s is not what policyctl has pinned there", directory, name);
}

int attachment_maps_open(struct generation *generation)
{
	char directory[PATH_MAX];
	int error = 0;

	directory_of(generation->path, directory);
	for (size_t i = 0; i < ARRAY_SIZE(pins) && !error; i++)
		if (attachment_map_wanted(generation, pins[i].map))
			error = open_pin(directory, pins[i].name, &generation->maps[pins[i].map]);
	return error;
}

int attachment_maps_adopt(struct generation *generation)
{
	int error = attachment_maps_open(generation);

	if (error != -ENOENT)
		return error;
	error_clear();
	generation->damaged = true;
	return 0;
}

static bool is_same_map(int a, int b)
{
	struct bpf_map_info infos[2] = {};
	__u32 sizes[2] = { sizeof(infos[0]), sizeof(infos[1]) };

	return !bpf_obj_get_info_by_fd(a, &infos[0], &sizes[0]) &&
	       !bpf_obj_get_info_by_fd(b, &infos[1], &sizes[1]) && infos[0].id == infos[1].id;
}

static int make_pin(const char *directory, const char *name, int fd)
{
	_cleanup_(closep) int there = -1;
	int error = map_open_pin(directory, name, &there);

	if (!error && is_same_map(fd, there))
		return 0;
	error_clear();
	if (error != -ENOENT)
		error = map_unpin(directory, name);
	else
		error = 0;
	return error ?: map_pin(fd, directory, name);
}

int attachment_maps_make(const struct generation *generation)
{
	char directory[PATH_MAX];
	int error = 0;

	directory_of(generation->path, directory);
	for (size_t i = 0; i < ARRAY_SIZE(pins) && !error; i++) {
		int fd = generation->maps[pins[i].map];

		if (fd >= 0 && attachment_map_wanted(generation, pins[i].map))
			error = make_pin(directory, pins[i].name, fd);
	}
	return error;
}

int attachment_maps_remove(const char *path, const struct generation *generation)
{
	char directory[PATH_MAX];
	int error = 0;

	directory_of(path, directory);
	for (size_t i = 0; i < ARRAY_SIZE(pins); i++)
		if (!generation || !attachment_map_wanted(generation, pins[i].map))
			error = map_unpin(directory, pins[i].name) ?: error;
	return error;
}
