// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpfmap.h"
#include "connection_pins.h"
#include "error.h"
#include "util.h"

const enum generation_map connection_maps[CONNECTION_MAPS] = {
	MAP_CONNECTIONS,
	MAP_HALF_OPEN,
	MAP_CONNECTION_STATS,
};

static const char *const names[CONNECTION_MAPS] = {
	"connections",
	"half_open",
	"connection_stats",
};

/* The directory around that of a generation. */
static void directory_of(const char *path, char directory[PATH_MAX])
{
	char *slash;

	snprintf(directory, PATH_MAX, "%s", path);
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
}

int connection_pins_open(struct generation *generation)
{
	char directory[PATH_MAX];
	int error = 0;

	directory_of(generation->path, directory);
	for (int i = 0; i < CONNECTION_MAPS && !error; i++) {
		int *fd = &generation->maps[connection_maps[i]];

		error = map_open_pin(directory, names[i], fd);
		if (error || map_is_named(*fd, names[i]))
			continue;
		closep(fd);
		error = error_set(-ENOENT, "%s/%s is not what policyctl has pinned there",
				  directory, names[i]);
	}
	return error;
}

int connection_pins_adopt(struct generation *generation)
{
	int error = generation->meta.tracks ? connection_pins_open(generation) : 0;

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

static int pin_one(int fd, const char *directory, const char *name)
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

int connection_pins_make(const struct generation *generation)
{
	char directory[PATH_MAX];
	int error = 0;

	if (!generation->meta.tracks)
		return 0;
	directory_of(generation->path, directory);
	for (int i = 0; i < CONNECTION_MAPS && !error; i++)
		error = pin_one(generation->maps[connection_maps[i]], directory, names[i]);
	return error;
}

int connection_pins_remove(const char *path)
{
	char directory[PATH_MAX];
	int error = 0;

	directory_of(path, directory);
	for (int i = 0; i < CONNECTION_MAPS; i++)
		error = map_unpin(directory, names[i]) ?: error;
	return error;
}
