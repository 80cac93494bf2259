/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of engine.h. engine.c connects, lists and has the networks, engine_containers.c keeps
 * single containers current by events and questions about one.
 *
 * Any of these functions may find the connection of no use (engine_lost()): nothing is asked then
 * until it is made again.
 */
#ifndef PCTL_ENGINE_PARTS_H
#define PCTL_ENGINE_PARTS_H

#include "engine.h"
#include "engine_events.h"
#include "engine_http.h"
#include "id_queue.h"
#include "engine_cache.h"

#define ENGINE_LIST_TIMEOUT_MS 30000 /* for what waits for no container */
#define ENGINE_INSPECTIONS 64 /* at a time */

enum engine_state {
	ENGINE_LOST, /* until the next try */
	ENGINE_LISTING, /* all was asked for, not all is answered */
	ENGINE_SETTLING, /* all is listed; pid and power of running containers are due */
	ENGINE_SYNCED,
};

/* Why an inspection waits for its turn. */
enum inspection_kind {
	INSPECT_EVENT, /* something just happened to the container */
	INSPECT_RUNNING, /* it was found running, in a list */
	INSPECT_OTHER,
	INSPECTION_KINDS,
};

struct inspection {
	char id[CONTAINER_ID_SIZE]; /* "": a free place */
	enum inspection_kind kind;
	bool outdated; /* something happened since it was asked: the answer may be from before */
};

struct engine {
	sd_event *loop;
	struct engine_observer observer;
	struct engine_http *http;
	enum engine_state state;
	sd_event_source *timer; /* LOST: of the next try, SETTLING: of the end of patience,
				 * SYNCED: of the next ping */
	unsigned int backoff_ms;
	unsigned int pings; /* since the last list */
	bool told_lost;
	bool podman;

	struct engine_events events;
	struct engine_cache cache;
	bool listing; /* a list was asked for */
	struct id_queue touched; /* by events since then: the list may be from before those */
	struct inspection inspections[ENGINE_INSPECTIONS];
	struct id_queue inspect[INSPECTION_KINDS]; /* waiting */
	struct id_queue lookups; /* not in the cache, and not asked for yet */
	struct id_queue looking; /* asked for in one question */
	struct id_queue wanted; /* by engine_want() */

	struct network *networks;
	size_t network_count;
	bool networks_known;
	bool networks_asked;
	bool networks_again; /* once more when the answer is there */
};

/* --- engine.c --- */

void engine_lost(struct engine *engine, int error);
/* For -ENOMEM, which is an end of the connection too. */
void engine_ask(struct engine *engine, const struct engine_question *question);
void engine_need(struct engine *engine, int error);
void engine_settle(struct engine *engine); /* Is all there now? */

/* --- engine_containers.c --- */

/* What was said of a container: taken over and cleared, and what is new is told. */
void engine_take(struct engine *engine, struct container *new);
void engine_remove(struct engine *engine, const char *id);
int engine_on_event(void *engine, const struct engine_event *event); /* -ENOTCONN: lost */

void engine_inspect(struct engine *engine, const char *id, enum inspection_kind kind);
bool engine_inspecting(const struct engine *engine, enum inspection_kind kind);
void engine_start_lookup(struct engine *engine);
void engine_clear_questions(struct engine *engine);

#endif
