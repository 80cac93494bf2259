// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "attachment_pins.h"
#include "bpfmap.h"
#include "compiled.h"
#include "error.h"
#include "generation.h"
#include "live_maps.h"
#include "mirror_map.h"
#include "netlink.h"
#include "set_map.h"
#include "util.h"

static const char *const program_pins[HOOK_COUNT] = {
	[HOOK_EGRESS] = "tc",
	[HOOK_GUARD] = "guard",
	[HOOK_XDP] = "xdp",
};

/* Names of the pins; what has none here is not pinned. */
static const char *const map_pins[MAP_COUNT] = {
	[MAP_PROTO_RULES] = "proto_rules",
	[MAP_PORT_RULES] = "port_rules",
	[MAP_RULE_STATS] = "rule_stats",
	[MAP_UNKNOWN_STATS] = "unknown_stats",
	[MAP_POLICY_TEXT] = "policy_text",
	[MAP_RULE_IDS] = "rule_ids",
	[MAP_OWNER] = "owner",
	[MAP_OWN] = "own",
	[MAP_MIRRORS] = MIRRORS_PIN,
	[MAP_MIRROR_STATS] = "mirror_stats",
	[MAP_CARRIED_COPIES] = "carried_copies",
	[MAP_PENDING] = "pending",
	[MAP_CLASSES] = "classes",
	[MAP_CARRIED_STATS] = "carried_stats",
	[MAP_META] = "meta",
};

/* What is pinned of a policy that was in force before: maps that generation_policy() reads. */
static const enum generation_map before_maps[] = {
	MAP_POLICY_TEXT, MAP_RULE_IDS, MAP_OWNER, MAP_OWN, MAP_META, /* last */
};

void generation_close(struct generation *generation)
{
	for (int i = 0; i < HOOK_COUNT; i++)
		closep(&generation->programs[i].fd);
	for (int i = 0; i < MAP_COUNT; i++)
		closep(&generation->maps[i]);
	for (int i = 0; i < PCTL_SETS_MAX; i++) {
		closep(&generation->sets[i]);
		closep(&generation->live_holds[i]);
	}
	event_maps_close(&generation->events);
}

void plan_free(struct plan *plan)
{
	policy_free(plan->policy);
	compiled_free(plan->compiled);
	*plan = (struct plan){};
}

bool generation_wants(const struct generation *generation, enum hook hook)
{
	const struct meta *meta = &generation->meta;

	if (hook == HOOK_XDP) /* what tests load, attached nowhere, has neither mode nor guard */
		return meta->mode != XDP_MODE_NONE || !meta->guarded;
	return hook != HOOK_GUARD || meta->guarded;
}

/* Is this one of the maps that it has pinned? */
static bool wants_map(const struct generation *generation, enum generation_map which)
{
	if (which == MAP_OWNER || which == MAP_OWN || which == MAP_PENDING || which == MAP_CLASSES)
		return generation->maps[which] >= 0;
	if (which == MAP_MIRRORS || which == MAP_MIRROR_STATS || which == MAP_CARRIED_COPIES)
		return generation->meta.mirror_count;
	return map_pins[which];
}

int generation_save_meta(const struct generation *generation)
{
	__u32 index = 0;

	if (bpf_map_update_elem(generation->maps[MAP_META], &index, &generation->meta, BPF_ANY))
		return error_set(-errno, "cannot write the map %s: %m", map_pins[MAP_META]);
	return 0;
}

int generation_save_owner(const struct generation *generation)
{
	if (generation->maps[MAP_OWNER] < 0)
		return -ENOENT;
	return map_write(generation->maps[MAP_OWNER], map_pins[MAP_OWNER], &generation->owner,
			 sizeof(generation->owner));
}

bool generation_has_live(const struct generation *generation)
{
	for (uint32_t i = 0; i < PCTL_SETS_MAX; i++)
		if (generation->meta.live[i])
			return true;
	return false;
}

/* --- pins --- */

static int pin_sets(const struct generation *generation, const char *path)
{
	char name[16];
	int error = 0;

	for (unsigned int i = 0; i < generation->meta.set_count && !error; i++) {
		set_pin_name(i, name);
		error = map_pin(generation->sets[i], path, name);
	}
	return error;
}

static void before_path(const struct generation *generation, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/" GENERATION_BEFORE, generation->path);
}

static int pin_before(const struct generation *generation, const struct generation *before)
{
	char path[PATH_MAX];
	int error;

	before_path(generation, path);
	if (mkdir(path, 0700))
		return error_set(-errno, "cannot create %s: %m", path);
	error = pin_sets(before, path);
	for (size_t i = 0; i < ARRAY_SIZE(before_maps) && !error; i++)
		if (wants_map(before, before_maps[i]))
			error = map_pin(before->maps[before_maps[i]], path,
					map_pins[before_maps[i]]);
	return error;
}

static int pin_all(const struct generation *generation)
{
	const char *path = generation->path;
	int error = 0;

	for (int i = 0; i < HOOK_COUNT && !error; i++)
		if (generation_wants(generation, i))
			error = map_pin(generation->programs[i].fd, path, program_pins[i]);
	error = error ?: pin_sets(generation, path);
	for (int i = 0; i < MAP_COUNT && !error; i++)
		if (wants_map(generation, i))
			error = map_pin(generation->maps[i], path, map_pins[i]);
	return error;
}

int generation_pin(struct generation *generation, const struct generation *before)
{
	int error;

	if (mkdir(generation->path, 0700))
		return error_set(-errno, "cannot create %s: %m", generation->path);
	error = before ? pin_before(generation, before) : 0;
	error = error ?: attachment_maps_make(generation);
	error = error ?: pin_all(generation);
	if (error)
		generation_unpin(generation->path);
	return error;
}

/* Its meta goes after that of the generation around it: without that nobody looks here. */
static int unpin_before(const char *path)
{
	char before[PATH_MAX];

	snprintf(before, sizeof(before), "%s/" GENERATION_BEFORE, path);
	return access(before, F_OK) ? 0 : generation_unpin(before);
}

int generation_confirm(struct generation *generation)
{
	int error = pending_remove(generation->path);

	if (error)
		return error;
	closep(&generation->maps[MAP_PENDING]);
	generation->pending = (struct pending){};
	return unpin_before(generation->path);
}

int generation_unpin(const char *path)
{
	char name[16];
	int error = 0;

	for (int i = MAP_COUNT - 1; i >= 0; i--)
		if (map_pins[i])
			error = map_unpin(path, map_pins[i]) ?: error;
	error = unpin_before(path) ?: error;
	for (unsigned int i = 0; i < PCTL_SETS_MAX; i++) {
		set_pin_name(i, name);
		error = map_unpin(path, name) ?: error;
	}
	for (int i = 0; i < HOOK_COUNT; i++)
		error = map_unpin(path, program_pins[i]) ?: error;
	if (rmdir(path) && errno != ENOENT)
		error = error_set(-errno, "cannot remove %s: %m", path);
	return error;
}

/* Another version's meta may be larger than ours: look before reading. */
static int read_meta(int fd, struct meta *meta)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info), index = 0;

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about a map: %m");
	if (info.value_size == sizeof(*meta) && bpf_map_lookup_elem(fd, &index, meta))
		return error_set(-errno, "cannot read the map %s: %m", map_pins[MAP_META]);
	if (info.value_size == sizeof(*meta) && meta->abi_version == PCTL_ABI_VERSION)
		return 0;
	return error_set(-EPROTO,
			 "attached by another version of policyctl: use that one to detach it");
}

int generation_peek(const char *path, struct meta *meta)
{
	_cleanup_(closep) int fd = -1;
	int error = map_open_pin(path, map_pins[MAP_META], &fd);

	return error ?: read_meta(fd, meta);
}

/* Opens what is there; a pin that is missing makes it damaged. */
static int open_or_damaged(struct generation *generation, const char *name, int *fd)
{
	int error = map_open_pin(generation->path, name, fd);

	if (error != -ENOENT)
		return error;
	error_clear();
	generation->damaged = true;
	return 0;
}

/* So does something else in its place. */
static int open_map(struct generation *generation, enum generation_map which)
{
	int *fd = &generation->maps[which];
	int error = open_or_damaged(generation, map_pins[which], fd);

	if (error || *fd < 0 || map_is_named(*fd, map_pins[which]))
		return error;
	closep(fd);
	generation->damaged = true;
	return 0;
}

static int open_sets(struct generation *generation)
{
	char name[16];
	int error = 0;

	for (unsigned int i = 0; i < generation->meta.set_count && !error; i++) {
		set_pin_name(i, name);
		error = open_or_damaged(generation, name, &generation->sets[i]);
	}
	return error;
}

static void check_live(struct generation *generation)
{
	char shared[PATH_MAX];

	if (!generation_has_live(generation))
		return;
	snprintf(shared, sizeof(shared), "%s/../..", generation->path);
	generation->damaged = generation->damaged || !live_maps_are_pinned(shared);
}

static int open_maps(struct generation *generation)
{
	int error = 0;

	for (int i = 0; i < MAP_META && !error; i++)
		if (wants_map(generation, i))
			error = open_map(generation, i);
	return error ?: open_sets(generation);
}

/* Most have none. A later version may know more of it: what fits is read. */
static int open_owner(struct generation *generation)
{
	int *fd = &generation->maps[MAP_OWNER];
	int error = map_open_pin(generation->path, map_pins[MAP_OWNER], fd);

	if (error == -ENOENT)
		error_clear();
	if (error)
		return error == -ENOENT ? 0 : error;
	return map_read(*fd, map_pins[MAP_OWNER], &generation->owner, sizeof(generation->owner));
}

static bool is_program(int fd, __u32 id)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &length) && info.id == id;
}

static int open_own(struct generation *generation)
{
	int *fd = &generation->maps[MAP_OWN];
	int error = open_or_damaged(generation, map_pins[MAP_OWN], fd);

	if (error || *fd < 0)
		return error;
	return map_read(*fd, map_pins[MAP_OWN], &generation->own, sizeof(generation->own));
}

static int open_programs(struct generation *generation)
{
	int error = 0;

	for (int i = 0; i < HOOK_COUNT && !error; i++) {
		struct program *program = &generation->programs[i];

		if (!generation_wants(generation, i))
			continue;
		error = open_or_damaged(generation, program_pins[i], &program->fd);
		program->id = generation->meta.program_ids[i];
		if (program->fd >= 0 && !is_program(program->fd, program->id)) {
			closep(&program->fd);
			generation->damaged = true;
		}
		if (!error && program->fd < 0) /* its pin is gone; takes CAP_SYS_ADMIN */
			program->fd = bpf_prog_get_fd_by_id(program->id);
	}
	return error;
}

/* Its first pin to go. */
static bool has_meta(const char *path)
{
	char meta[PATH_MAX];

	snprintf(meta, sizeof(meta), "%s/%s", path, map_pins[MAP_META]);
	return !access(meta, F_OK);
}

int generation_open(const char *path, uint32_t number, struct generation *generation)
{
	struct generation new = GENERATION_EMPTY;
	int error;

	new.number = number;
	snprintf(new.path, sizeof(new.path), "%s", path);
	error = map_open_pin(path, map_pins[MAP_META], &new.maps[MAP_META]);
	error = error ?: read_meta(new.maps[MAP_META], &new.meta);
	error = error ?: open_maps(&new);
	error = error ?: open_owner(&new);
	error = error ?: pending_open(path, &new.maps[MAP_PENDING], &new.pending);
	if (!error && new.meta.has_own)
		error = open_own(&new);
	if (!error && new.meta.class_count)
		error = open_map(&new, MAP_CLASSES);
	check_live(&new);
	error = error ?: attachment_maps_adopt(&new);
	error = error ?: open_programs(&new);
	if (!error && new.damaged && !has_meta(path))
		error = -ENOENT; /* it is being removed, by a command that holds the lock */
	if (error)
		generation_close(&new);
	else
		*generation = new;
	return error;
}

int generation_open_before(const struct generation *generation, struct generation *before)
{
	struct generation new = GENERATION_EMPTY;
	char path[PATH_MAX];
	int error;

	before_path(generation, path);
	if (snprintf(new.path, sizeof(new.path), "%s", path) >= (int)sizeof(new.path))
		return -ENAMETOOLONG;
	error = map_open_pin(path, map_pins[MAP_META], &new.maps[MAP_META]);
	if (error == -ENOENT)
		error_clear();
	error = error ?: read_meta(new.maps[MAP_META], &new.meta);
	for (size_t i = 0; i < ARRAY_SIZE(before_maps) && !error; i++)
		if (before_maps[i] != MAP_META && before_maps[i] != MAP_OWNER &&
		    before_maps[i] != MAP_OWN)
			error = open_map(&new, before_maps[i]);
	error = error ?: open_sets(&new);
	error = error ?: open_owner(&new);
	if (!error && new.meta.has_own)
		error = open_own(&new);
	if (error)
		generation_close(&new);
	else
		*before = new;
	return error;
}

/* --- what it holds --- */

#define PROGRAM_MAPS_MAX 64 /* the object has 43 */

bool generation_notifies(const struct generation *generation, int subscriptions)
{
	__u32 ids[PROGRAM_MAPS_MAX] = {};
	struct bpf_prog_info program = {
		.nr_map_ids = PROGRAM_MAPS_MAX,
		.map_ids = (uintptr_t)ids,
	};
	struct bpf_map_info map = {};
	__u32 program_size = sizeof(program), map_size = sizeof(map);

	if (bpf_obj_get_info_by_fd(subscriptions, &map, &map_size) ||
	    bpf_obj_get_info_by_fd(generation->programs[HOOK_EGRESS].fd, &program, &program_size))
		return true; /* the kernel does not say: assume it does */
	for (__u32 i = 0; i < program.nr_map_ids && i < PROGRAM_MAPS_MAX; i++)
		if (ids[i] == map.id)
			return true;
	return false;
}
