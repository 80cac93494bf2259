/* SPDX-License-Identifier: GPL-2.0-only */
/* The containers that the cache holds, sorted by id, and what is new about one. */
#ifndef PCTL_ENGINE_CACHE_H
#define PCTL_ENGINE_CACHE_H

#include "container.h"

struct engine_cache {
	struct container **items; /* pointers: one does not move when another comes */
	size_t count;
};

/* NULL: it is not there. */
struct container *engine_cache_find(const struct engine_cache *cache, const char *id);
/* By name, else by a beginning of the id that only one has. */
struct container *engine_cache_find_called(const struct engine_cache *cache, const char *name);

/* Takes what @new holds and clears it. 0 or -ENOMEM. One of this id must not be there. */
int engine_cache_add(struct engine_cache *cache, struct container *new);
void engine_cache_remove(struct engine_cache *cache, const char *id); /* and frees */
void engine_cache_clear(struct engine_cache *cache);

#define ENGINE_CACHE_UPDATED 1u
#define ENGINE_CACHE_CONNECTED 2u
#define ENGINE_CACHE_STOPPED 4u
#define ENGINE_CACHE_STARTED 8u /* also: with another pid than before */

/* Takes what @new holds and clears it. What it does not tell (power, pid, mode) stays as it was.
 * Returns what changed. */
unsigned int engine_cache_update(struct container *container, struct container *new);

#endif
