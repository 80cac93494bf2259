// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "bpfmap.h"
#include "error.h"
#include "generation.h"
#include "live_members.h"
#include "live_registry.h"
#include "pins.h"
#include "rcu.h"
#include "util.h"

#define BLOCK 4096 /* elements of `live_words` */

/* --- an element for a definition --- */

static bool find(const struct live_maps *maps, const uint8_t *digest, uint32_t *number)
{
	for (uint32_t i = 0; i < PCTL_LIVE_SETS; i++) {
		if (maps->elements[i].kind == PCTL_LIVE_FREE ||
		    memcmp(maps->elements[i].digest, digest, PCTL_LIVE_DIGEST) != 0)
			continue;
		*number = i;
		return true;
	}
	return false;
}

/* One that was never used, or the one that was freed longest ago: a keeper that has just listed the
 * sets may still fill one that was freed. */
static bool find_free(const struct live_maps *maps, uint32_t *number)
{
	uint32_t now = members_now(), best = 0;
	bool found = false;

	for (uint32_t i = 0; i < PCTL_LIVE_SETS; i++) {
		const struct pctl_live_set *set = &maps->elements[i];
		uint32_t age = set->swept ? now - set->swept : UINT32_MAX;

		if (set->kind != PCTL_LIVE_FREE || (found && age <= best))
			continue;
		best = age;
		*number = i;
		found = true;
		if (age == UINT32_MAX)
			break;
	}
	return found;
}

/* `kind` last: till then the element is free. */
static void take(struct pctl_live_set *set, const struct live_definition *definition)
{
	uint32_t kind = definition->kind;

	*set = (struct pctl_live_set){ .flags = kind == PCTL_LIVE_DNS ? PCTL_LIVE_KNOWN : 0 };
	memcpy(set->digest, definition->digest, sizeof(set->digest));
	__atomic_store_n(&set->kind, kind, __ATOMIC_SEQ_CST);
}

static int pin_words(const char *path, const struct live_definition *definition)
{
	_cleanup_(closep) int there = -1;
	_cleanup_(closep) int fd = -1;
	int error = map_open_pin(path, LIVE_WORDS_PIN, &there);

	if (error != -ENOENT)
		return error;
	error_clear();
	error = map_create_array(LIVE_WORDS_PIN, BLOCK, definition->size + 1, &fd);
	error = error ?: map_write(fd, LIVE_WORDS_PIN, definition->text, definition->size + 1);
	error = error ?: map_freeze(fd, LIVE_WORDS_PIN);
	return error ?: map_pin(fd, path, LIVE_WORDS_PIN);
}

/* The directory may be left by a killed command. */
static int hold_set(const char *shared, uint32_t number, const struct live_definition *definition,
		    int *hold)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];
	int error;

	live_set_directory(shared, number, path);
	if (mkdir(path, 0700) && errno != EEXIST)
		return error_set(-errno, "cannot create %s: %m", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB))
		return error_set(-errno, "cannot lock %s: %m", path);
	error = pin_words(path, definition);
	if (!error)
		*hold = TAKE_FD(fd);
	return error;
}

int live_registry_get(const char *shared, const struct live_maps *maps,
		      const struct live_definition *definition, uint32_t *number, int *hold)
{
	bool found = find(maps, definition->digest, number);

	if (!found && !find_free(maps, number))
		return error_set(-E2BIG,
				 "there are %d live sets in this network namespace, and there is "
				 "no room for more",
				 PCTL_LIVE_SETS);
	if (!found)
		take(&maps->elements[*number], definition);
	return shared ? hold_set(shared, *number, definition, hold) : 0;
}

/* --- which are in use --- */

/* False: another version of policyctl made it, and may use any. */
static bool mark_those_of(const char *path, bool used[PCTL_LIVE_SETS])
{
	struct meta meta;
	int error = generation_peek(path, &meta);

	error_clear();
	for (uint32_t i = 0; !error && i < meta.live_count && i < PCTL_SETS_MAX; i++)
		if (meta.live[i] && meta.live[i] <= PCTL_LIVE_SETS)
			used[meta.live[i] - 1] = true;
	return !error || error == -ENOENT;
}

static bool mark_interface(const char *path, bool used[PCTL_LIVE_SETS])
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char generation[PATH_MAX];
	size_t count = 0;
	bool all = !pins_numbers(path, &numbers, &count);

	for (size_t i = 0; i < count && all; i++) {
		snprintf(generation, sizeof(generation), "%s/%u", path, numbers[i]);
		all = mark_those_of(generation, used);
		all = all && mark_those_of(strcat(generation, "/" GENERATION_BEFORE), used);
	}
	return all;
}

/* False: not all could be read. */
static bool mark_used(const char *shared, bool used[PCTL_LIVE_SETS])
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	char path[PATH_MAX / 2 + 16];
	size_t count = 0;
	bool all = !pins_numbers(shared, &ifindexes, &count);

	for (size_t i = 0; i < count && all; i++) {
		snprintf(path, sizeof(path), "%s/%u", shared, ifindexes[i]);
		all = mark_interface(path, used);
	}
	return all;
}

/* --- freeing --- */

/* Does a process hold it, in a generation that is not pinned yet? *lock keeps it from others. */
static bool is_held(const char *shared, uint32_t number, int *lock)
{
	char path[PATH_MAX];

	live_set_directory(shared, number, path);
	*lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *lock < 0 ? errno != ENOENT : flock(*lock, LOCK_EX | LOCK_NB) != 0;
}

/* `kind` last: a killed command is finished by the next one. */
static int free_set(const char *shared, const struct live_maps *maps, uint32_t number)
{
	struct pctl_live_set *set = &maps->elements[number];
	char path[PATH_MAX];
	int error;

	set->flags = 0;
	error = members_remove_all(maps, number);
	live_set_directory(shared, number, path);
	error = error ?: map_unpin(path, LIVE_WORDS_PIN);
	if (!error && rmdir(path) && errno != ENOENT)
		error = error_set(-errno, "cannot remove %s: %m", path);
	if (error)
		return error;
	memset(set->digest, 0, sizeof(set->digest));
	set->swept = members_now() ?: 1;
	__atomic_store_n(&set->kind, PCTL_LIVE_FREE, __ATOMIC_SEQ_CST);
	return 0;
}

/* Returns how many sets are left, or an error. */
static int free_unused(const char *shared, const struct live_maps *maps,
		       const bool used[PCTL_LIVE_SETS])
{
	bool waited = false;
	int left = 0, error = 0;

	for (uint32_t i = 0; i < PCTL_LIVE_SETS && !error; i++) {
		_cleanup_(closep) int lock = -1;

		if (maps->elements[i].kind == PCTL_LIVE_FREE)
			continue;
		if (used[i] || is_held(shared, i, &lock)) {
			left++;
			continue;
		}
		if (!waited) /* programs that were taken off may still learn a member */
			wait_for_running_programs();
		waited = true;
		error = free_set(shared, maps, i);
	}
	return error ?: left;
}

static int remove_maps(const char *shared)
{
	char path[PATH_MAX];
	int error;

	live_directory(shared, path);
	error = map_unpin(path, "live_sets");
	error = error ?: map_unpin(path, "live_members");
	if (!error && rmdir(path) && errno != ENOENT)
		error = error_set(-errno, "cannot remove %s: %m", path);
	return error;
}

static int tidy(const char *shared)
{
	bool used[PCTL_LIVE_SETS] = {};
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	_cleanup_(closep) int lock = -1;
	int left = 0, error;

	error = live_lock(shared, false, &lock);
	if (error)
		return error == -ENOENT ? 0 : error;
	error = live_maps_open(shared, &maps);
	if (error == -ENOENT) {
		error_clear();
		return remove_maps(shared);
	}
	if (error || !mark_used(shared, used))
		return error;
	left = free_unused(shared, &maps, used);
	if (left < 0)
		return left;
	return left ? members_sweep(&maps) : remove_maps(shared);
}

void live_registry_tidy(const char *shared)
{
	char path[PATH_MAX];

	live_directory(shared, path);
	if (!access(path, F_OK) && tidy(shared))
		notice("live sets: %s", error_message(0));
}
