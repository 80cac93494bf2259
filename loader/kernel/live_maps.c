// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpfmap.h"
#include "capabilities.h"
#include "error.h"
#include "live_maps.h"
#include "pins_lock.h"
#include "util.h"

/* Also their names in the object. */
#define SETS_PIN "live_sets"
#define MEMBERS_PIN "live_members"

#define ELEMENTS_SIZE (PCTL_LIVE_SETS * sizeof(struct pctl_live_set))

void live_directory(const char *shared, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/live", shared);
}

/* pins_numbers() counts from 1. */
void live_set_directory(const char *shared, uint32_t number, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/live/%u", shared, number + 1);
}

void live_maps_close(struct live_maps *maps)
{
	if (maps->elements)
		munmap(maps->elements, ELEMENTS_SIZE);
	closep(&maps->sets);
	closep(&maps->members);
	*maps = (struct live_maps)LIVE_MAPS_EMPTY;
}

static int map_elements(struct live_maps *maps)
{
	void *elements =
		mmap(NULL, ELEMENTS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, maps->sets, 0);

	if (elements == MAP_FAILED)
		return error_set(-errno, "cannot map the table of live sets: %m");
	maps->elements = elements;
	return 0;
}

static int open_one(const char *directory, const char *name, int *fd)
{
	int error = map_open_pin(directory, name, fd);

	if (error || map_is_named(*fd, name))
		return error;
	return error_set(-EIO,
			 "%s/%s is not what policyctl pinned there: detach what has live sets, "
			 "remove it, and attach again",
			 directory, name);
}

int live_maps_open(const char *shared, struct live_maps *maps)
{
	struct live_maps new = LIVE_MAPS_EMPTY;
	char path[PATH_MAX];
	int error;

	live_directory(shared, path);
	error = open_one(path, SETS_PIN, &new.sets);
	error = error ?: open_one(path, MEMBERS_PIN, &new.members);
	error = error ?: map_elements(&new);
	if (error)
		live_maps_close(&new);
	else
		*maps = new;
	return error;
}

static int create(struct live_maps *maps)
{
	LIBBPF_OPTS(bpf_map_create_opts, mapped, .map_flags = BPF_F_MMAPABLE);
	LIBBPF_OPTS(bpf_map_create_opts, lazy, .map_flags = BPF_F_NO_PREALLOC);

	maps->sets = bpf_map_create(BPF_MAP_TYPE_ARRAY, SETS_PIN, sizeof(__u32),
				    sizeof(struct pctl_live_set), PCTL_LIVE_SETS, &mapped);
	if (maps->sets >= 0)
		maps->members = bpf_map_create(
			BPF_MAP_TYPE_HASH, MEMBERS_PIN, sizeof(struct pctl_member_key),
			sizeof(struct pctl_member), PCTL_LIVE_MEMBERS, &lazy);
	if (maps->sets < 0 || maps->members < 0)
		return capabilities_explain(-errno, "cannot create the maps of live sets");
	return 0;
}

static int make(const char *shared, struct live_maps *maps)
{
	struct live_maps new = LIVE_MAPS_EMPTY;
	char path[PATH_MAX];
	int error = create(&new);

	error = error ?: map_elements(&new);
	if (!error && shared) {
		live_directory(shared, path);
		error = map_unpin(path, MEMBERS_PIN); /* of a killed command */
		error = error ?: map_pin(new.members, path, MEMBERS_PIN);
		error = error ?: map_pin(new.sets, path, SETS_PIN);
	}
	if (error)
		live_maps_close(&new);
	else
		*maps = new;
	return error;
}

int live_maps_get(const char *shared, struct live_maps *maps)
{
	int error = shared ? live_maps_open(shared, maps) : -ENOENT;

	if (error != -ENOENT)
		return error;
	error_clear();
	return make(shared, maps);
}

int live_lock(const char *shared, bool make, int *lock)
{
	char path[PATH_MAX];
	struct stat ours, current;

	live_directory(shared, path);
	for (;;) {
		_cleanup_(closep) int fd = -1;
		int error;

		if (make && mkdir(path, 0700) && errno != EEXIST)
			return error_set(-errno, "cannot create %s: %m", path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT && make)
			continue;
		if (fd < 0)
			return errno == ENOENT ? -ENOENT
					       : error_set(-errno, "cannot open %s: %m", path);
		error = lock_take(fd);
		if (error)
			return error;
		/* Whoever had it before may have removed the directory. */
		if (fstat(fd, &ours) || stat(path, &current) || ours.st_ino != current.st_ino)
			continue;
		*lock = TAKE_FD(fd);
		return 0;
	}
}

bool live_maps_are_pinned(const char *shared)
{
	char path[PATH_MAX], pin[PATH_MAX + 16];

	live_directory(shared, path);
	snprintf(pin, sizeof(pin), "%s/" SETS_PIN, path);
	if (access(pin, F_OK))
		return false;
	snprintf(pin, sizeof(pin), "%s/" MEMBERS_PIN, path);
	return !access(pin, F_OK);
}
