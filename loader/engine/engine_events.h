/* SPDX-License-Identifier: GPL-2.0-only */
/* The stream of events of a container engine: a line of JSON for each, which arrives in pieces. */
#ifndef PCTL_ENGINE_EVENTS_H
#define PCTL_ENGINE_EVENTS_H

#include <stddef.h>

enum engine_event_kind {
	EVENT_OTHER, /* does not concern the cache */
	EVENT_CREATED,
	EVENT_STARTED,
	EVENT_ENDED, /* its processes did */
	EVENT_CHANGED, /* renamed, paused, … */
	EVENT_REMOVED,
	EVENT_CONNECTED, /* to a network */
	EVENT_DISCONNECTED,
	EVENT_NETWORK, /* a network came, changed or went */
};

struct engine_event {
	enum engine_event_kind kind;
	const char *container; /* id; NULL: EVENT_OTHER, EVENT_NETWORK */
	const char *network; /* name; "": not told, as podman does */
};

/* The part of a line that has arrived. All 0 at first. */
struct engine_events {
	char *partial;
	size_t size;
	size_t capacity;
};

/* Calls `each` for every line that is complete now, until it returns other than 0; returns that.
 * -EPROTO with a message: a line is not understood, or has no end. */
int engine_events_feed(struct engine_events *events, const char *bytes, size_t size,
		       int (*each)(void *data, const struct engine_event *event), void *data);
void engine_events_clear(struct engine_events *events);

#endif
