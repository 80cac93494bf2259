// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "bpfmap.h"
#include "capabilities.h"
#include "claim.h"
#include "error.h"
#include "event_maps.h"
#include "util.h"

/* Also their names in the object. */
static const char *const pins[EVENT_MAPS] = {
	[EVENT_SUBSCRIPTIONS] = "subscriptions",
	[EVENT_RINGS] = "event_rings",
	[EVENT_LOST] = "lost_events",
};

/* Sets no error message: the caller may have one to keep. */
static int open_quietly(const char *shared, enum event_map which)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", shared, pins[which]);
	return bpf_obj_get(path);
}

void event_maps_close(struct event_maps *maps)
{
	for (int i = 0; i < EVENT_MAPS; i++)
		closep(&maps->fds[i]);
}

static int create_rings(void)
{
	int page = getpagesize();
	_cleanup_(closep) int like =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "event_ring", 0, 0, page, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = like);

	if (like < 0)
		return like;
	return bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, pins[EVENT_RINGS], sizeof(__u32),
			      sizeof(__u32), PCTL_READERS, &options);
}

static int create(enum event_map which)
{
	LIBBPF_OPTS(bpf_map_create_opts, mapped, .map_flags = BPF_F_MMAPABLE);
	int fd;

	if (which == EVENT_SUBSCRIPTIONS)
		fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, pins[which], sizeof(__u32),
				    sizeof(struct pctl_subscriptions), 1, &mapped);
	else if (which == EVENT_RINGS)
		fd = create_rings();
	else
		fd = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, pins[which], sizeof(__u32),
				    sizeof(struct pctl_lost), 1, NULL);
	return fd < 0 ? capabilities_explain(fd, "cannot create the maps of events") : fd;
}

static int get(const char *shared, enum event_map which, int *fd)
{
	int error = shared ? map_open_pin(shared, pins[which], fd) : -ENOENT;

	if (!error && !map_is_named(*fd, pins[which]))
		return error_set(-EIO,
				 "%s/%s is not what policyctl pinned there: remove it, and attach "
				 "again",
				 shared, pins[which]);
	if (error != -ENOENT)
		return error;
	error_clear();
	*fd = create(which);
	if (*fd < 0)
		return *fd;
	return shared ? map_pin(*fd, shared, pins[which]) : 0;
}

int event_maps_get(const char *shared, struct event_maps *maps)
{
	struct event_maps new = EVENT_MAPS_EMPTY;
	int error = 0;

	for (int i = 0; i < EVENT_MAPS && !error; i++)
		error = get(shared, i, &new.fds[i]);
	if (error)
		event_maps_close(&new);
	else
		*maps = new;
	return error;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length) ? 0 : info.id;
}

bool event_maps_are_pinned(const struct event_maps *maps, const char *shared)
{
	bool are = true;

	for (int i = 0; i < EVENT_MAPS && are; i++) {
		_cleanup_(closep) int fd = open_quietly(shared, i);

		are = fd >= 0 && map_id(fd) == map_id(maps->fds[i]);
	}
	return are;
}

const char *event_map_name(enum event_map which)
{
	return pins[which];
}

/* --- subscriptions --- */

struct pctl_subscriptions *subscriptions_map(int fd)
{
	void *subscriptions = mmap(NULL, sizeof(struct pctl_subscriptions), PROT_READ | PROT_WRITE,
				   MAP_SHARED, fd, 0);

	return subscriptions == MAP_FAILED ? NULL : subscriptions;
}

void subscriptions_unmap(struct pctl_subscriptions *subscriptions)
{
	if (subscriptions)
		munmap(subscriptions, sizeof(*subscriptions));
}

void subscriptions_remove(struct pctl_subscriptions *subscriptions, int rings, uint32_t reader)
{
	__u32 mask = ~(1u << reader);

	for (int i = 0; i < PCTL_EVENT_KINDS; i++)
		__atomic_and_fetch(&subscriptions->readers[i], mask, __ATOMIC_SEQ_CST);
	bpf_map_delete_elem(rings, &reader);
}

void event_maps_changed(const char *shared)
{
	_cleanup_(closep) int fd = open_quietly(shared, EVENT_SUBSCRIPTIONS);
	struct pctl_subscriptions *subscriptions = fd < 0 ? NULL : subscriptions_map(fd);

	if (subscriptions)
		__atomic_add_fetch(&subscriptions->changes, 1, __ATOMIC_SEQ_CST);
	subscriptions_unmap(subscriptions);
}

/* --- readers that were killed --- */

void reader_path(const char *shared, uint32_t reader, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/reader-%u", shared, reader);
}

/* Returns how many readers live. */
static int tidy_readers(const char *shared)
{
	_cleanup_(closep) int subscriptions_fd = -1;
	_cleanup_(closep) int rings = -1;
	struct pctl_subscriptions *subscriptions = NULL;
	char path[PATH_MAX];
	int living = 0, error;

	for (uint32_t i = 0; i < PCTL_READERS; i++) {
		_cleanup_(closep) int claim =
			-1; /* ours till it is gone, or another takes it over */

		reader_path(shared, i, path);
		error = claim_take_left(path, &claim);
		if (error) {
			living += error != -ENOENT;
			continue;
		}
		if (subscriptions_fd < 0) {
			subscriptions_fd = open_quietly(shared, EVENT_SUBSCRIPTIONS);
			rings = open_quietly(shared, EVENT_RINGS);
			subscriptions =
				subscriptions_fd < 0 ? NULL : subscriptions_map(subscriptions_fd);
		}
		if (subscriptions)
			subscriptions_remove(subscriptions, rings, i);
		rmdir(path);
	}
	subscriptions_unmap(subscriptions);
	return living;
}

void event_maps_tidy(const char *shared, bool all)
{
	char path[PATH_MAX];

	if (tidy_readers(shared) || !all)
		return;
	for (int i = 0; i < EVENT_MAPS; i++) {
		snprintf(path, sizeof(path), "%s/%s", shared, pins[i]);
		if (unlink(path) && errno != ENOENT)
			notice("cannot remove %s: %s; the next command will", path,
			       strerror(errno));
	}
}
