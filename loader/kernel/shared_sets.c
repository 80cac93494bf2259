// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "generation.h"
#include "set_map.h"
#include "shared_sets.h"
#include "pins.h"
#include "util.h"

/* Among the sets that one generation has pinned. 1: found. */
static int find_in_generation(const char *path, const struct set *set, bool used, int *fd)
{
	char name[16];
	int error;

	for (unsigned int i = 0; i < PCTL_SETS_MAX; i++) {
		_cleanup_(closep) int candidate = -1;

		set_pin_name(i, name);
		error = map_open_pin(path, name, &candidate);
		if (error == -ENOENT)
			error_clear();
		if (error)
			return error == -ENOENT ? 0 : error;
		if (!set_map_holds(candidate, set, used))
			continue;
		*fd = TAKE_FD(candidate);
		return 1;
	}
	return 0;
}

/* Whether another version of policyctl made a generation, whose sets need not be what ours are; or
 * did not get far enough to tell. */
static bool is_foreign(const char *path)
{
	struct meta meta;
	int error = generation_peek(path, &meta);

	error_clear();
	return error == -EPROTO || error == -ENOENT;
}

/* Among those that all generations of an interface have. 1: found. */
static int find_in_interface(const char *path, const struct set *set, bool used, int *fd)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char generation[PATH_MAX];
	size_t count = 0;
	int found = pins_numbers(path, &numbers, &count);

	for (size_t i = 0; i < count && !found; i++) {
		snprintf(generation, sizeof(generation), "%s/%u", path, numbers[i]);
		if (is_foreign(generation))
			continue;
		found = find_in_generation(generation, set, used, fd);
		if (!found) /* those of a policy that may come back */
			found = find_in_generation(strcat(generation, "/" GENERATION_BEFORE), set,
						   used, fd);
	}
	return found;
}

static int find(const char *shared, const struct set *set, bool used, int *fd)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	char path[PATH_MAX / 2 + 16];
	size_t count = 0;
	int found = pins_numbers(shared, &ifindexes, &count);

	for (size_t i = 0; i < count && !found; i++) {
		snprintf(path, sizeof(path), "%s/%u", shared, ifindexes[i]);
		found = find_in_interface(path, set, used, fd);
	}
	return found;
}

int shared_set_get(const char *shared, const struct set *set, bool used, int *fd)
{
	int found = shared ? find(shared, set, used, fd) : 0;

	if (found)
		return found < 0 ? found : 0;
	if (used && !set->loaded)
		return error_set(-ENOENT,
				 "the set %s is no longer in the kernel: apply the policy "
				 "with its file %s",
				 set->name, set->path);
	return set_map_make(set, used, fd);
}
