/* SPDX-License-Identifier: GPL-2.0-only */
#include "sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

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

uint64_t set_size(const struct set *set)
{
	return set->path ? set->counts[PCTL_IPV4] + set->counts[PCTL_IPV6] : set->prefixes.count;
}

bool sets_identical(const struct set *a, const struct set *b)
{
	if (!a->path || !b->path)
		return !a->path && !b->path && prefixes_equal(&a->prefixes, &b->prefixes);
	return !strcmp(a->path, b->path) && !memcmp(a->digest, b->digest, sizeof(a->digest));
}

bool set_shrank(const struct set *old, const struct set *new)
{
	return old->path && new->path &&set_size(new) * 2 < set_size(old);
}
