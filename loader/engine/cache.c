// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cache.h"

/* --- finding --- */

/* Where it is, or would be. */
static size_t place_of(const struct mirror *mirror, const char *id)
{
	size_t low = 0, high = mirror->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(mirror->items[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct container *mirror_find(const struct mirror *mirror, const char *id)
{
	size_t place = place_of(mirror, id);

	return place < mirror->count && !strcmp(mirror->items[place]->id, id) ? mirror->items[place]
									      : NULL;
}

static bool begins_so(const struct mirror *mirror, size_t place, const char *beginning)
{
	return place < mirror->count &&
	       !strncmp(mirror->items[place]->id, beginning, strlen(beginning));
}

struct container *mirror_find_called(const struct mirror *mirror, const char *name)
{
	size_t place = place_of(mirror, name);

	for (size_t i = 0; i < mirror->count; i++)
		if (!strcmp(mirror->items[i]->name, name))
			return mirror->items[i];
	if (!*name || !begins_so(mirror, place, name) || begins_so(mirror, place + 1, name))
		return NULL;
	return mirror->items[place];
}

/* --- coming and going --- */

int mirror_add(struct mirror *mirror, struct container *new)
{
	size_t place = place_of(mirror, new->id);
	_cleanup_(freep) struct container *item = malloc(sizeof(*item));
	struct container **grown =
		reallocarray(mirror->items, mirror->count + 1, sizeof(*mirror->items));

	if (grown)
		mirror->items = grown;
	if (!item || !grown)
		return -ENOMEM;
	memmove(grown + place + 1, grown + place, (mirror->count - place) * sizeof(*grown));
	*item = *new;
	*new = (struct container){ 0 };
	grown[place] = TAKE_PTR(item);
	mirror->count++;
	return 0;
}

static void free_item(struct container *item)
{
	container_clear(item);
	free(item);
}

void mirror_remove(struct mirror *mirror, const char *id)
{
	struct container *item = mirror_find(mirror, id);
	size_t place = place_of(mirror, id);

	if (!item)
		return;
	mirror->count--;
	memmove(mirror->items + place, mirror->items + place + 1,
		(mirror->count - place) * sizeof(*mirror->items));
	free_item(item);
}

void mirror_clear(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->count; i++)
		free_item(mirror->items[i]);
	free(mirror->items);
	*mirror = (struct mirror){ 0 };
}

/* --- what is new --- */

static bool same_networks(const struct container *a, const struct container *b)
{
	if (a->network_count != b->network_count)
		return false;
	for (size_t i = 0; i < a->network_count; i++) /* engines sort them by name */
		if (strcmp(a->networks[i], b->networks[i]))
			return false;
	return true;
}

/* What is not told again stays as it was. */
static void keep_untold(struct container *old, struct container *new)
{
	char *mode = new->network_mode;

	if (new->power == POWER_UNKNOWN)
		new->power = old->power;
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
	       (old->running && !old->pid && new->pid);
}

static unsigned int compare(const struct container *old, const struct container *new)
{
	bool restarted = old->running && old->pid && new->pid &&new->pid != old->pid;
	unsigned int news = 0;

	if (other_properties(old, new))
		news |= MIRROR_NEWS_UPDATED;
	if (!same_networks(old, new))
		news |= MIRROR_NEWS_CONNECTED;
	if (old->running && !new->running)
		news |= MIRROR_NEWS_STOPPED;
	if ((!old->running && new->running) || restarted)
		news |= MIRROR_NEWS_STARTED;
	return news;
}

unsigned int mirror_update(struct container *container, struct container *new)
{
	unsigned int news = compare(container, new);

	keep_untold(container, new);
	container_clear(container);
	*container = *new;
	*new = (struct container){ 0 };
	return news;
}
