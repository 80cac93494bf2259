// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "named_interfaces.h"
#include "watched_names.h"

struct watched_names {
	pthread_mutex_t lock;
	struct named_interfaces *items; /* patterns alone */
	size_t count;
};

int watched_names_new(struct watched_names **names)
{
	struct watched_names *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	pthread_mutex_init(&new->lock, NULL);
	*names = new;
	return 0;
}

void watched_names_free(struct watched_names *names)
{
	if (!names)
		return;
	named_interfaces_clear(names->items, names->count);
	pthread_mutex_destroy(&names->lock);
	free(names);
}

int watched_names_configure(struct watched_names *names, const struct configuration *configuration)
{
	size_t count = configuration->interface_count, old_count;
	struct named_interfaces *items = calloc(count + 1, sizeof(*items)), *old;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		items[i].pattern = strdup(configuration->interfaces[i].pattern);
		if (!items[i].pattern) {
			named_interfaces_clear(items, i);
			return -ENOMEM;
		}
	}
	pthread_mutex_lock(&names->lock);
	old = names->items;
	old_count = names->count;
	names->items = items;
	names->count = count;
	pthread_mutex_unlock(&names->lock);
	named_interfaces_clear(old, old_count);
	return 0;
}

bool watched_names_have(struct watched_names *names, const struct link *link)
{
	bool have;

	if (named_interfaces_why_never(link))
		return false;
	pthread_mutex_lock(&names->lock);
	have = named_interfaces_find(names->items, names->count, link->name);
	pthread_mutex_unlock(&names->lock);
	return have;
}
