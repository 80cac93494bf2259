/* SPDX-License-Identifier: GPL-2.0-only */
/* The stream of events of a container engine: a line of JSON each, which comes in pieces. */
#ifndef PCTL_ENGINE_EVENTS_H
#define PCTL_ENGINE_EVENTS_H

#include <stddef.h>

enum engine_event_kind {
	EVENT_OTHER, /* says nothing about what the cache holds */
	EVENT_CREATED,
	EVENT_STARTED,
	EVENT_ENDED, /* its processes */
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

/* What came of a line that is not complete yet. All 0 at first. */
struct engine_events {
	char *partial;
	size_t size;
	size_t capacity;
};

/* Calls `each` for each line that is complete now, until it returns something but 0, which is
 * returned. -EPROTO with words: a line is not understood, or has no end. */
int engine_events_feed(struct engine_events *events, const char *bytes, size_t size,
		       int (*each)(void *data, const struct engine_event *event), void *data);
void engine_events_clear(struct engine_events *events);

#endif
