/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps through which programs notify readers of their verdicts. All attachments of a network
 * namespace share one set of them, so that a reader outlives changes of policies. They are pinned
 * in the namespace's directory, and removed with the last attachment unless a reader is left.
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
 * @shared: the directory of the namespace; NULL: not shared, and not pinned
 */
int event_maps_get(const char *shared, struct event_maps *maps);
void event_maps_close(struct event_maps *maps);

/* Are these still the ones that are pinned there? */
bool event_maps_are_pinned(const struct event_maps *maps, const char *shared);

/* The name of a map in the object. */
const char *event_map_name(enum event_map which);

/* The one element of `subscriptions`, shared with the programs; NULL: errno says why not. */
struct pctl_subscriptions *subscriptions_map(int fd);
void subscriptions_unmap(struct pctl_subscriptions *subscriptions); /* may be NULL */

/* Ends the subscriptions of a reader. Programs that run at this moment may still write to its ring.
 */
void subscriptions_remove(struct pctl_subscriptions *subscriptions, int rings, uint32_t reader);

/* The directory of a reader, which it claims (claim.h). */
void reader_path(const char *shared, uint32_t reader, char path[PATH_MAX]);

/* Tells readers that an attachment was made, changed or removed. */
void event_maps_changed(const char *shared);

/* Removes what readers left that were killed; with `all` the maps too, if no reader lives. The lock
 * of the pins is held. */
void event_maps_tidy(const char *shared, bool all);

#endif
