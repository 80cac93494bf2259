/* SPDX-License-Identifier: GPL-2.0-only */
#include "sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "prefixes.h"

void set_free(struct set *set)
{
	if (!set)
		return;
	prefixes_clear(&set->prefixes);
	free(set->name);
	free(set->path);
	free(set);
}

struct set *set_copy(const struct set *set)
{
	_cleanup_(set_freep) struct set *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *set;
	copy->prefixes = (struct prefixes){ 0 };
	copy->name = strdup(set->name);
	copy->path = set->path ? strdup(set->path) : NULL;
	if (!copy->name || (set->path && !copy->path) ||
	    prefixes_copy(&copy->prefixes, &set->prefixes))
		return NULL;
	return TAKE_PTR(copy);
}

size_t policy_find_set(const struct policy *policy, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < policy->set_count; i++)
		if (!strncmp(policy->sets[i]->name, name, length) && !policy->sets[i]->name[length])
			break;
	return i;
}

int policy_add_set(struct policy *policy, struct set *set)
{
	struct set **sets = reallocarray(policy->sets, policy->set_count + 1, sizeof(*sets));

	if (!sets)
		return -ENOMEM;
	policy->sets = sets;
	sets[policy->set_count++] = set;
	return 0;
}
