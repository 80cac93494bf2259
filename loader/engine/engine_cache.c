// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "engine_cache.h"

/* --- finding --- */

/* Its place, or where it would be. */
static size_t place_of(const struct engine_cache *cache, const char *id)
{
	size_t low = 0, high = cache->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(cache->items[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct container *engine_cache_find(const struct engine_cache *cache, const char *id)
{
	size_t place = place_of(cache, id);

	return place < cache->count && !strcmp(cache->items[place]->id, id) ? cache->items[place]
									    : NULL;
}

static bool begins_so(const struct engine_cache *cache, size_t place, const char *beginning)
{
	return place < cache->count &&
	       !strncmp(cache->items[place]->id, beginning, strlen(beginning));
}

struct container *engine_cache_find_called(const struct engine_cache *cache, const char *name)
{
	size_t place = place_of(cache, name);

	for (size_t i = 0; i < cache->count; i++)
		if (!strcmp(cache->items[i]->name, name))
			return cache->items[i];
	if (!*name || !begins_so(cache, place, name) || begins_so(cache, place + 1, name))
		return NULL;
	return cache->items[place];
}

/* --- coming and going --- */

int engine_cache_add(struct engine_cache *cache, struct container *new)
{
	size_t place = place_of(cache, new->id);
	_cleanup_(freep) struct container *item = malloc(sizeof(*item));
	struct container **grown =
		reallocarray(cache->items, cache->count + 1, sizeof(*cache->items));

	if (grown)
		cache->items = grown;
	if (!item || !grown)
		return -ENOMEM;
	memmove(grown + place + 1, grown + place, (cache->count - place) * sizeof(*grown));
	*item = *new;
	*new = (struct container){ 0 };
	grown[place] = TAKE_PTR(item);
	cache->count++;
	return 0;
}

static void free_item(struct container *item)
{
	container_clear(item);
	free(item);
}

void engine_cache_remove(struct engine_cache *cache, const char *id)
{
	struct container *item = engine_cache_find(cache, id);
	size_t place = place_of(cache, id);

	if (!item)
		return;
	cache->count--;
	memmove(cache->items + place, cache->items + place + 1,
		(cache->count - place) * sizeof(*cache->items));
	free_item(item);
}

void engine_cache_clear(struct engine_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		free_item(cache->items[i]);
	free(cache->items);
	*cache = (struct engine_cache){ 0 };
}

/* --- changes --- */

static bool same_networks(const struct container *a, const struct container *b)
{
	if (a->network_count != b->network_count)
		return false;
	for (size_t i = 0; i < a->network_count; i++) /* engines sort them by name */
		if (strcmp(a->networks[i], b->networks[i]))
			return false;
	return true;
}

/* Of the same networks, in the same order. */
static bool same_addresses(const struct container *a, const struct container *b)
{
	if (!a->addresses || !b->addresses)
		return a->addresses == b->addresses;
	for (size_t i = 0; i < a->network_count; i++)
		if (memcmp(&a->addresses[i], &b->addresses[i], sizeof(a->addresses[i])) != 0)
			return false;
	return true;
}

/* Properties that an answer does not tell stay. */
static void keep_untold(struct container *old, struct container *new)
{
	char *mode = new->network_mode;

	if (new->power == POWER_UNKNOWN)
		new->power = old->power;
	if (new->userns == USERNS_UNKNOWN)
		new->userns = old->userns;
	if (!new->pid &&new->running && old->running)
		new->pid = old->pid;
	if (*mode)
		return;
	new->network_mode = old->network_mode;
	old->network_mode = mode;
}

static bool other_properties(const struct container *old, const struct container *new)
{
	return strcmp(old->name, new->name) ||
	       (*new->network_mode &&strcmp(old->network_mode, new->network_mode)) ||
	       (new->power != POWER_UNKNOWN && old->power != new->power) ||
	       (new->userns != USERNS_UNKNOWN && old->userns != new->userns) ||
	       (old->running && !old->pid && new->pid);
}

static unsigned int compare(const struct container *old, const struct container *new)
{
	bool restarted = old->running && old->pid && new->pid &&new->pid != old->pid;
	unsigned int news = 0;

	if (other_properties(old, new))
		news |= ENGINE_CACHE_UPDATED;
	if (!same_networks(old, new))
		news |= ENGINE_CACHE_CONNECTED;
	else if (!same_addresses(old, new))
		news |= ENGINE_CACHE_UPDATED;
	if (old->running && !new->running)
		news |= ENGINE_CACHE_STOPPED;
	if ((!old->running && new->running) || restarted)
		news |= ENGINE_CACHE_STARTED;
	return news;
}

unsigned int engine_cache_update(struct container *container, struct container *new)
{
	unsigned int news = compare(container, new);

	keep_untold(container, new);
	container_clear(container);
	*container = *new;
	*new = (struct container){ 0 };
	return news;
}
