/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cache of what a container engine (docker, podman) knows: its containers and networks, kept
 * current by its stream of events, within an sd-event loop. Never blocks. When the connection is
 * lost the cache stays as it was, and it is connected again and again until it is there.
 *
 * Subscribes before it lists, so that nothing happens in between unseen. What the engine says comes
 * late (a container's `start` after its main()): for what packets may do, the kernel's own events
 * count (follower.h).
 */
#ifndef PCTL_ENGINE_H
#define PCTL_ENGINE_H

#include <systemd/sd-event.h>

#include "container.h"

struct engine;

enum engine_change {
	ENGINE_KNOWN, /* it was not in the cache, and is now */
	ENGINE_UPDATED, /* something else of it: name, power, pid, … */
	ENGINE_STARTED, /* also: found running with another pid. The pid may follow as UPDATED */
	ENGINE_STOPPED,
	ENGINE_CONNECTED, /* to a network, or disconnected from one */
	ENGINE_GONE, /* removed: not in the cache any more */
	ENGINE_MISSING, /* engine_want() asked, and the engine does not know it */
};

/* All may be called while the loop runs, never from within a function below. */
struct engine_observer {
	/* The cache is complete: after each connection that was made, when all is listed, and pid
	 * and power of what runs are known too, or 0.3 s have passed. */
	void (*synced)(void *data);
	/* The connection is lost, or could not be made (told once, not for each try). */
	void (*lost)(void *data, const char *why);
	void (*container)(void *data, const char *id, enum engine_change change);
	void (*networks)(void *data); /* one came, changed or went */
	void *data;
};

/* @socket: path; it need not exist yet */
int engine_open(sd_event *loop, const char *socket, const struct engine_observer *observer,
		struct engine **engine);
void engine_close(struct engine *engine);
static inline void engine_closep(struct engine **engine)
{
	engine_close(*engine);
	*engine = NULL;
}

/* Is it connected, with the cache complete? */
bool engine_synced(const struct engine *engine);

/* NULL: not in the cache. Valid until the loop goes on. */
const struct container *engine_container(const struct engine *engine, const char *id);

/* By name, else by a beginning of the id that only one has; NULL: none. */
const struct container *engine_find(const struct engine *engine, const char *name);

/* All of them, in no order: calls `each` until it returns something but 0, which it returns. */
int engine_each(const struct engine *engine, int (*each)(void *data, const struct container *),
		void *data);
const struct network *engine_networks(const struct engine *engine, size_t *count);

/* Asks for one that is not in the cache: ENGINE_KNOWN or ENGINE_MISSING follows, or, without a
 * connection, nothing. Asking again while an answer is due does nothing. */
void engine_want(struct engine *engine, const char *id);

/* Asks for the networks anew: observer.networks() follows when the answer is there, changed or
 * not. */
void engine_refresh_networks(struct engine *engine);

#endif
