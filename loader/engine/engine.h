/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cache of the containers and networks of a container engine (docker, podman). The engine's
 * events keep it current, within an sd-event loop. It never blocks. When the connection is lost,
 * the cache stays as it was, and connecting is tried again until it works.
 *
 * It subscribes before it lists, so it misses no change. The engine's events come late: `start`
 * comes after the container's main(). So the kernel's events decide about packets (follower.h).
 */
#ifndef PCTL_ENGINE_H
#define PCTL_ENGINE_H

#include <systemd/sd-event.h>

#include "container.h"

struct engine;

enum engine_change {
	ENGINE_KNOWN, /* it was not in the cache, and is now */
	ENGINE_UPDATED, /* another property of it changed: name, power, pid, … */
	ENGINE_STARTED, /* or found running with another pid. The pid may follow as UPDATED */
	ENGINE_STOPPED,
	ENGINE_CONNECTED, /* to a network, or disconnected from one */
	ENGINE_GONE, /* removed: not in the cache any more */
	ENGINE_MISSING, /* engine_want() asked, and the engine does not know it */
};

/* Called while the loop runs, never from within a function below. */
struct engine_observer {
	/* The cache is complete. Called once for each connection: when all is listed, and when pid
	 * and power of running containers are known too, or 0.3 s have passed. */
	void (*synced)(void *data);
	/* The connection is lost, or cannot be made. Called once, not for each try. */
	void (*lost)(void *data, const char *why);
	void (*container)(void *data, const char *id, enum engine_change change);
	void (*networks)(void *data); /* one came, changed or went */
	void *data;
};

/* Begins to connect. @socket: path; it need not exist yet */
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

/* The user namespace of containers that do not say (docker's userns-remap). */
enum engine_userns {
	ENGINE_USERNS_UNKNOWN,
	ENGINE_USERNS_HOST, /* or the engine does not say */
	ENGINE_USERNS_OWN,
};

/* Asks the engine at the first call of a connection. When it answers, ENGINE_UPDATED follows for
 * each container that may have CAP_NET_ADMIN. */
enum engine_userns engine_userns(struct engine *engine);

/* Is it podman, as far as its answers told? */
bool engine_is_podman(const struct engine *engine);

/* NULL: not in the cache. Valid until the loop goes on. */
const struct container *engine_container(const struct engine *engine, const char *id);

/* By name, else by a beginning of the id that only one container has; NULL: none. */
const struct container *engine_find(const struct engine *engine, const char *name);

/* Calls `each` for every container, in no order, until it returns other than 0; returns that. */
int engine_each(const struct engine *engine, int (*each)(void *data, const struct container *),
		void *data);
const struct network *engine_networks(const struct engine *engine, size_t *count);

/* Asks the engine for a container that is not in the cache: ENGINE_KNOWN or ENGINE_MISSING follows.
 * Does nothing without a connection, or while an answer is due. */
void engine_want(struct engine *engine, const char *id);

/* Asks for the networks again: observer.networks() follows, even if they did not change. */
void engine_refresh_networks(struct engine *engine);

#endif
