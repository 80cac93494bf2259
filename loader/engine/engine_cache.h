/* SPDX-License-Identifier: GPL-2.0-only */
/* The containers of the engine's cache, sorted by id, and how one changed. */
#ifndef PCTL_ENGINE_CACHE_H
#define PCTL_ENGINE_CACHE_H

#include "container.h"

struct engine_cache {
	struct container **items; /* pointers, so that none moves when another comes */
	size_t count;
};

/* NULL: it is not there. */
struct container *engine_cache_find(const struct engine_cache *cache, const char *id);
/* By name, else by a beginning of the id that only one container has. */
struct container *engine_cache_find_called(const struct engine_cache *cache, const char *name);

/* Moves the contents of *new into the cache. 0 or -ENOMEM. This id must not be there yet. */
int engine_cache_add(struct engine_cache *cache, struct container *new);
void engine_cache_remove(struct engine_cache *cache, const char *id); /* and frees */
void engine_cache_clear(struct engine_cache *cache);

#define ENGINE_CACHE_UPDATED 1u
#define ENGINE_CACHE_CONNECTED 2u
#define ENGINE_CACHE_STOPPED 4u
#define ENGINE_CACHE_STARTED 8u /* also: with another pid than before */

/* Moves the contents of *new into *container. Properties that *new does not tell (power, pid, mode)
 * stay. Returns what changed. */
unsigned int engine_cache_update(struct container *container, struct container *new);

#endif
