/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of engine.h. engine.c connects, lists, and keeps the networks. engine_containers.c
 * keeps single containers current, by events and by questions about one.
 *
 * Any of these functions may end the connection (engine_lost()): nothing is asked then until there
 * is a new one.
 */
#ifndef PCTL_ENGINE_PARTS_H
#define PCTL_ENGINE_PARTS_H

#include "engine.h"
#include "engine_events.h"
#include "engine_http.h"
#include "id_queue.h"
#include "engine_cache.h"

#define ENGINE_LIST_TIMEOUT_MS 30000 /* of questions that do not wait for a container's start */
#define ENGINE_INSPECTIONS 64 /* at a time */

enum engine_state {
	ENGINE_LOST, /* until the next try */
	ENGINE_LISTING, /* the lists were asked for, and not all have come */
	ENGINE_SETTLING, /* all is listed; pid and power of running containers are missing */
	ENGINE_SYNCED,
};

/* Why a container is inspected, by priority. */
enum inspection_kind {
	INSPECT_EVENT, /* an event of the container came */
	INSPECT_RUNNING, /* it was found running, in a list */
	INSPECT_OTHER,
	INSPECTION_KINDS,
};

struct inspection {
	char id[CONTAINER_ID_SIZE]; /* "": a free place */
	enum inspection_kind kind;
	bool outdated; /* an event came since it was asked: the answer may be older */
};

struct engine {
	sd_event *loop;
	struct engine_observer observer;
	struct engine_http *http;
	enum engine_state state;
	sd_event_source *timer; /* LOST: for the next try; SETTLING: for its end; SYNCED: for the
				 * next ping */
	unsigned int backoff_ms;
	unsigned int pings; /* since the last list */
	bool told_lost;
	bool podman;
	enum engine_userns userns;
	bool userns_asked;

	struct engine_events events;
	struct engine_cache cache;
	bool listing; /* a list was asked for */
	struct id_queue touched; /* had events since then: the list may be older */
	struct inspection inspections[ENGINE_INSPECTIONS];
	struct id_queue inspect[INSPECTION_KINDS]; /* waiting */
	struct id_queue lookups; /* not in the cache, and not asked for yet */
	struct id_queue looking; /* in the question that is under way */
	struct id_queue wanted; /* by engine_want() */

	struct network *networks;
	size_t network_count;
	bool networks_known;
	bool networks_asked;
	bool networks_again; /* ask once more when the answer has come */
};

/* --- engine.c --- */

void engine_lost(struct engine *engine, int error);
void engine_ask(struct engine *engine, const struct engine_question *question);
/* Ends the connection if there is an error, -ENOMEM for example. */
void engine_need(struct engine *engine, int error);
void engine_settle(struct engine *engine); /* changes the state if everything has come */

/* --- engine_containers.c --- */

/* Moves the description of a container into the cache, and tells the observer what changed. */
void engine_take(struct engine *engine, struct container *new);
void engine_remove(struct engine *engine, const char *id);
int engine_on_event(void *engine, const struct engine_event *event); /* -ENOTCONN: lost */

void engine_inspect(struct engine *engine, const char *id, enum inspection_kind kind);
bool engine_inspecting(const struct engine *engine, enum inspection_kind kind);
void engine_start_lookup(struct engine *engine);
void engine_clear_questions(struct engine *engine);

#endif
