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

/* The directory around that of a generation. */
static void directory_of(const char *path, char directory[PATH_MAX])
{
	char *slash;

	snprintf(directory, PATH_MAX, "%s", path);
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
}

int attachment_pin_open(const char *path, const char *name, int *fd)
{
	char directory[PATH_MAX];
	int error;

	directory_of(path, directory);
	error = map_open_pin(directory, name, fd);
	if (error || map_is_named(*fd, name))
		return error;
	closep(fd);
	*fd = -1;
	return error_set(-ENOENT, "%s/%s is not what policyctl has pinned there", directory, name);
}

static bool is_same_map(int a, int b)
{
	struct bpf_map_info infos[2] = {};
	__u32 sizes[2] = { sizeof(infos[0]), sizeof(infos[1]) };

	return !bpf_obj_get_info_by_fd(a, &infos[0], &sizes[0]) &&
	       !bpf_obj_get_info_by_fd(b, &infos[1], &sizes[1]) && infos[0].id == infos[1].id;
}

int attachment_pin_make(const char *path, const char *name, int fd)
{
	_cleanup_(closep) int there = -1;
	char directory[PATH_MAX];
	int error;

	directory_of(path, directory);
	error = map_open_pin(directory, name, &there);
	if (!error && is_same_map(fd, there))
		return 0;
	error_clear();
	if (error != -ENOENT)
		error = map_unpin(directory, name);
	else
		error = 0;
	return error ?: map_pin(fd, directory, name);
}

int attachment_pin_remove(const char *path, const char *name)
{
	char directory[PATH_MAX];

	directory_of(path, directory);
	return map_unpin(directory, name);
}
