/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps by which programs tell readers what becomes of packets: one set for all attachments of a
 * network namespace, so that a reader stays while policies come and go. Pinned in the store's
 * directory of the namespace; they go with the last attachment, unless somebody reads.
 */
#ifndef PCTL_EVENT_MAPS_H
#define PCTL_EVENT_MAPS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

enum event_map {
	EVENT_SUBSCRIPTIONS,
	EVENT_RINGS,
	EVENT_LOST,
	EVENT_MAPS,
};

struct event_maps {
	int fds[EVENT_MAPS];
};

#define EVENT_MAPS_EMPTY                               \
	{                                              \
		.fds = { [0 ... EVENT_MAPS - 1] = -1 } \
	}

/*
 * Opens them, and makes them first if they are not there.
 * @shared: the directory of the namespace; NULL: they are for the caller alone, pinned nowhere
 */
int event_maps_get(const char *shared, struct event_maps *maps);
void event_maps_close(struct event_maps *maps);

/* The name of a map in the object. */
const char *event_map_name(enum event_map which);

/* The one element of `subscriptions`, shared with the programs; NULL: errno says why not. */
struct pctl_subscriptions *subscriptions_map(int fd);
void subscriptions_unmap(struct pctl_subscriptions *subscriptions); /* may be NULL */

/* Takes a reader out: nothing is made for it any more, but by programs that run right now. */
void subscriptions_remove(struct pctl_subscriptions *subscriptions, int rings, uint32_t reader);

/* The directory by which a reader shows that it lives: it holds a lock (flock) on it. */
void reader_path(const char *shared, uint32_t reader, char path[PATH_MAX]);

/* Tells readers that an attachment came, changed or went. */
void event_maps_changed(const char *shared);

/* Removes what readers left that were killed; with `all` the maps too, if no reader lives. The lock
 * of the store is held. */
void event_maps_tidy(const char *shared, bool all);

#endif
