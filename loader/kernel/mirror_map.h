/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the copies of a generation go (kern/abi_mirrors.h). Its policy names interfaces; the map
 * says which they are now, so it is the one table that changes while the programs run.
 */
#ifndef PCTL_MIRROR_MAP_H
#define PCTL_MIRROR_MAP_H

#include "generation.h"
#include "mirrors.h"

/* A mirror, and what became of its copies. */
struct mirror_view {
	struct pctl_mirror at;
	bool down; /* the interface is: mirrors_look() */
	/* Earlier generations' included. */
	struct pctl_counter copies[PCTL_COPY_FATES][PCTL_DIRECTIONS];
};

struct mirror_views {
	struct mirror_view items[PCTL_MIRRORS_MAX];
	uint32_t count;
};

#define MIRRORS_PIN "mirrors"

/* The descriptor of the map of a pinned generation, for the caller to close. -ENOENT: it makes no
 * copies, or is not there. */
int mirrors_open(const char *path, int *fd);

/* Names the targets of a policy in a new generation. Which interfaces they are is not known yet. */
int mirrors_fill(int fd, const struct policy *policy);

/* Reads where copies go; targets[] has room for PCTL_MIRRORS_MAX. */
int mirrors_read(int fd, struct pctl_mirror targets[], uint32_t *count);

/* Writes where one of them is. */
int mirrors_write(int fd, uint32_t number, const struct pctl_mirror *target);

/* Reads where copies go and what became of them. A generation without mirrors has none. */
int mirrors_view(const struct generation *generation, struct mirror_views *views);

/* Of both directions. */
struct pctl_counter mirror_copies(const struct mirror_view *mirror, enum pctl_copy_fate fate);

/* Gives `next` what `previous` counted: mirrors that both have go on. `previous` must no longer
 * run; may be repeated. */
int mirrors_carry(const struct generation *next, const struct generation *previous);

/* What is known of a target: a word for JSON, and why no copies are made, "" if they are. */
const char *mirror_state_name(const struct pctl_mirror *target);
const char *mirror_state_words(const struct pctl_mirror *target);

#endif
