/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of live sets of a network namespace, in a directory of their own beside the attachments:
 *
 *   …/live/{live_sets,live_members}     abi_live.h
 *         /N/live_words                 the definition of element N - 1 (live_definition.h)
 *
 * The directory `live` is the lock of those who make and free sets; members change without it. A
 * generation that is not pinned yet has a shared lock (flock) on the directories of its sets, which
 * ends with its process.
 */
#ifndef PCTL_LIVE_MAPS_H
#define PCTL_LIVE_MAPS_H

#include <limits.h>
#include <stdbool.h>

#include "abi.h"

#define LIVE_WORDS_PIN "live_words"

struct live_maps {
	int sets, members;
	struct pctl_live_set *elements; /* PCTL_LIVE_SETS of them, shared with the programs */
};

#define LIVE_MAPS_EMPTY                   \
	{                                 \
		.sets = -1, .members = -1 \
	}

/* `live` below the directory of a namespace, and that of an element in it. */
void live_directory(const char *shared, char path[PATH_MAX]);
void live_set_directory(const char *shared, uint32_t number, char path[PATH_MAX]);

/* Opens those that are pinned. -ENOENT: there are none. */
int live_maps_open(const char *shared, struct live_maps *maps);

/* The same; makes and pins them where there are none. The lock is held. @shared: NULL: makes them,
 * pinned nowhere */
int live_maps_get(const char *shared, struct live_maps *maps);
void live_maps_close(struct live_maps *maps);

/* Takes the lock, for the caller to close. @make: makes the directory if it is not there; else
 * -ENOENT, without a message */
int live_lock(const char *shared, bool make, int *lock);

/* Are the maps pinned? Sets no message. */
bool live_maps_are_pinned(const char *shared);

#endif
