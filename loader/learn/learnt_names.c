// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "learnt_names.h"
#include "live_view.h"
#include "seen.h"
#include "util.h"

/* Room for one more; NULL: no memory. */
static struct learnt_name *grow(struct learnt_names *names)
{
	if (names->count == names->capacity) {
		size_t capacity = 2 * names->capacity + 16;
		struct learnt_name *grown = reallocarray(names->items, capacity, sizeof(*grown));

		if (!grown)
			return NULL;
		names->items = grown;
		names->capacity = capacity;
	}
	return &names->items[names->count];
}

static int add(struct learnt_names *names, const struct live_member *member, const char *name)
{
	struct pctl_connection_key key = { .family = member->family };
	struct learnt_name *item = grow(names);

	if (!item)
		return -ENOMEM;
	*item = (struct learnt_name){};
	memcpy(key.remote, member->address, sizeof(key.remote));
	names->count++;
	item->address = seen_peer(&key);
	snprintf(item->name, sizeof(item->name), "%s", name);
	return 0;
}

int learnt_names_add(struct learnt_names *names, const struct generation *generation)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(live_views_close) struct live_views views = {};
	int error = generation_policy(generation, &policy);

	error = error ?: live_views_open(generation, policy, &views);
	error = error ?: live_views_read_members(generation, &views);
	for (uint32_t i = 0; i < views.count && !error; i++)
		for (size_t j = 0; j < views.items[i].member_count && !error; j++) {
			const struct live_member *member = &views.items[i].members[j];
			const char *name = live_member_name(views.items[i].set, &member->value);

			error = name ? add(names, member, name) : 0;
		}
	return error;
}

void learnt_names_answered(struct learnt_names *names, const struct learnt_name *name)
{
	struct learnt_name *item;

	for (size_t i = 0; i < names->count; i++) {
		item = &names->items[i];
		if (!item->answered || prefix_compare(&item->address, &name->address) ||
		    prefix_compare(&item->resolver, &name->resolver) ||
		    strcmp(item->name, name->name) != 0)
			continue;
		if (item->until < name->until)
			item->until = name->until;
		return;
	}
	item = names->count < LEARNT_NAMES_MAX ? grow(names) : NULL;
	if (!item)
		return;
	*item = *name;
	names->count++;
}

void learnt_names_clear(struct learnt_names *names)
{
	free(names->items);
	*names = (struct learnt_names){};
}

bool learnt_names_find(void *data, const struct prefix *address, char name[LEARNT_NAME])
{
	const struct learnt_names *names = data;

	for (size_t i = 0; i < names->count; i++)
		if (!prefix_compare(&names->items[i].address, address)) {
			memcpy(name, names->items[i].name, LEARNT_NAME);
			return true;
		}
	return false;
}
