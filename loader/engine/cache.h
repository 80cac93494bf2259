/* SPDX-License-Identifier: GPL-2.0-only */
/* The containers that the mirror holds, sorted by id, and what is new about one. */
#ifndef PCTL_MIRROR_H
#define PCTL_MIRROR_H

#include "container.h"

struct mirror {
	struct container **items; /* pointers: one does not move when another comes */
	size_t count;
};

/* NULL: it is not there. */
struct container *mirror_find(const struct mirror *mirror, const char *id);
/* By name, else by a beginning of the id that only one has. */
struct container *mirror_find_called(const struct mirror *mirror, const char *name);

/* Takes what @new holds and clears it. 0 or -ENOMEM. One of this id must not be there. */
int mirror_add(struct mirror *mirror, struct container *new);
void mirror_remove(struct mirror *mirror, const char *id); /* and frees */
void mirror_clear(struct mirror *mirror);

#define MIRROR_NEWS_UPDATED 1u
#define MIRROR_NEWS_CONNECTED 2u
#define MIRROR_NEWS_STOPPED 4u
#define MIRROR_NEWS_STARTED 8u /* also: with another pid than before */

/* Takes what @new holds and clears it. What it does not tell (power, pid, mode) stays as it was.
 * Returns what changed. */
unsigned int mirror_update(struct container *container, struct container *new);

#endif
