// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "container_json.h"
#include "engine_parts.h"
#include "error.h"
#include "util.h"

#define INSPECT_TIMEOUT_MS 60000 /* an engine does not answer while the container starts */
#define LOOKUP_MAX 50 /* ids in one question */

/* Inspections of a kind start while fewer than this many are under way. One of a container that
 * starts takes its place for a long time. */
static const size_t places[INSPECTION_KINDS] = {
	[INSPECT_EVENT] = ENGINE_INSPECTIONS,
	[INSPECT_RUNNING] = 16,
	[INSPECT_OTHER] = 4,
};

/* --- the cache --- */

static void tell(struct engine *engine, const char *id, enum engine_change change)
{
	engine->observer.container(engine->observer.data, id, change);
}

static void tell_news(struct engine *engine, const char *id, unsigned int news)
{
	if (news & ENGINE_CACHE_UPDATED)
		tell(engine, id, ENGINE_UPDATED);
	if (news & ENGINE_CACHE_CONNECTED)
		tell(engine, id, ENGINE_CONNECTED);
	if (news & ENGINE_CACHE_STOPPED)
		tell(engine, id, ENGINE_STOPPED);
	if (news & ENGINE_CACHE_STARTED)
		tell(engine, id, ENGINE_STARTED);
}

static bool knows_network(const struct engine *engine, const char *name)
{
	for (size_t i = 0; i < engine->network_count; i++)
		if (!strcmp(engine->networks[i].name, name))
			return true;
	return false;
}

/* podman has no event for a new network. */
static void check_networks(struct engine *engine, const struct container *container)
{
	for (size_t i = 0; i < container->network_count; i++)
		if (!knows_network(engine, container->networks[i])) {
			engine_refresh_networks(engine);
			return;
		}
}

void engine_take(struct engine *engine, struct container *new)
{
	struct container *known = engine_cache_find(&engine->cache, new->id);
	char id[CONTAINER_ID_SIZE];
	unsigned int news;

	strcpy(id, new->id);
	if (engine->networks_known)
		check_networks(engine, new);
	if (known) {
		news = engine_cache_update(known, new);
		tell_news(engine, id, news);
	} else if (engine_cache_add(&engine->cache, new)) {
		engine_need(engine, -ENOMEM);
	} else {
		id_queue_drop(&engine->wanted, id);
		tell(engine, id, ENGINE_KNOWN);
	}
}

void engine_remove(struct engine *engine, const char *id)
{
	if (!engine_cache_find(&engine->cache, id))
		return;
	engine_cache_remove(&engine->cache, id);
	tell(engine, id, ENGINE_GONE);
}

/* --- inspections --- */

static struct inspection *inspection_of(struct engine *engine, const char *id)
{
	for (size_t i = 0; i < ENGINE_INSPECTIONS; i++)
		if (!strcmp(engine->inspections[i].id, id))
			return &engine->inspections[i];
	return NULL;
}

/* Power and user namespace do not change in a container's life: an outdated answer tells too. */
static void take_power(struct engine *engine, const struct container *answer)
{
	struct container *known = engine_cache_find(&engine->cache, answer->id);

	if (!known || answer->power == POWER_UNKNOWN || known->power == answer->power)
		return;
	known->power = answer->power;
	known->userns = answer->userns;
	tell(engine, answer->id, ENGINE_UPDATED);
}

static void take_inspection(struct engine *engine, const struct inspection *inspection,
			    const struct engine_request *request, int error)
{
	_cleanup_(container_clear) struct container answer = { 0 };

	if (!error)
		error = container_parse(request->answer, request->size, &answer);
	if (inspection->outdated) {
		if (!error)
			take_power(engine, &answer);
		engine_inspect(engine, inspection->id, INSPECT_EVENT);
	} else if (!error) {
		engine_take(engine, &answer);
	} else if (error == -ENOENT) {
		engine_remove(engine, inspection->id);
	}
}

static void start_inspections(struct engine *engine);

static void on_inspected(void *data, const char *id, const struct engine_request *request,
			 int error)
{
	struct engine *engine = data;
	struct inspection *place = inspection_of(engine, id);
	struct inspection inspection = *place;

	*place = (struct inspection){ 0 };
	if (error == -ENOTCONN || error == -EIO) {
		engine_lost(engine, error);
		return;
	}
	take_inspection(engine, &inspection, request, error);
	start_inspections(engine);
	engine_settle(engine);
}

static void start_inspection(struct engine *engine, const char *id, enum inspection_kind kind)
{
	struct inspection *place = inspection_of(engine, "");
	char path[CONTAINER_ID_SIZE + 32];

	snprintf(path, sizeof(path), "/containers/%s/json", id);
	strcpy(place->id, id);
	place->kind = kind;
	engine_ask(engine, &(struct engine_question){
				   .path = path,
				   .timeout_ms = INSPECT_TIMEOUT_MS,
				   .id = id,
				   .done = on_inspected,
				   .data = engine,
			   });
}

static size_t taken_places(const struct engine *engine)
{
	size_t count = 0;

	for (size_t i = 0; i < ENGINE_INSPECTIONS; i++)
		count += *engine->inspections[i].id != '\0';
	return count;
}

static void start_inspections(struct engine *engine)
{
	char id[CONTAINER_ID_SIZE];

	for (unsigned int kind = 0; kind < INSPECTION_KINDS; kind++)
		while (taken_places(engine) < places[kind] &&
		       id_queue_pop(&engine->inspect[kind], id))
			if (!inspection_of(engine, id))
				start_inspection(engine, id, kind);
}

void engine_inspect(struct engine *engine, const char *id, enum inspection_kind kind)
{
	struct inspection *place = inspection_of(engine, id);
	struct id_queue *queue = &engine->inspect[kind];

	if (place)
		place->outdated = true;
	else if (kind != INSPECT_EVENT || !id_queue_has(queue, id))
		engine_need(engine, id_queue_push(queue, id));
	start_inspections(engine);
}

bool engine_inspecting(const struct engine *engine, enum inspection_kind kind)
{
	if (id_queue_count(&engine->inspect[kind]))
		return true;
	for (size_t i = 0; i < ENGINE_INSPECTIONS; i++)
		if (*engine->inspections[i].id && engine->inspections[i].kind == kind)
			return true;
	return false;
}

/* --- lookups: a filtered list, which an engine answers even while a container starts --- */

static void finish_lookup(struct engine *engine, struct container *items, size_t count)
{
	struct id_queue looked = engine->looking;
	char id[CONTAINER_ID_SIZE];

	engine->looking = (struct id_queue){ 0 };
	for (size_t i = 0; i < count; i++)
		if (id_queue_has(&looked, items[i].id) &&
		    !engine_cache_find(&engine->cache, items[i].id)) {
			strcpy(id, items[i].id);
			engine_take(engine, &items[i]);
			if (!inspection_of(engine, id))
				engine_inspect(engine, id, INSPECT_EVENT);
		}
	while (id_queue_pop(&looked, id))
		if (!engine_cache_find(&engine->cache, id) && id_queue_drop(&engine->wanted, id))
			tell(engine, id, ENGINE_MISSING);
	id_queue_clear(&looked);
}

static void on_lookup(void *data, const char *none, const struct engine_request *request, int error)
{
	struct engine *engine = data;
	struct container *items = NULL;
	size_t count = 0;

	(void)none;
	if (!error)
		error = containers_parse(request->answer, request->size, &items, &count);
	if (error) {
		engine_lost(engine, error);
		return;
	}
	finish_lookup(engine, items, count);
	containers_free(items, count);
	engine_start_lookup(engine);
}

static void fill_lookup(struct engine *engine)
{
	char id[CONTAINER_ID_SIZE];

	while (id_queue_count(&engine->looking) < LOOKUP_MAX && id_queue_pop(&engine->lookups, id))
		if (!engine_cache_find(&engine->cache, id) && !id_queue_has(&engine->looking, id))
			engine_need(engine, id_queue_push(&engine->looking, id));
}

/* filters={"id":["…","…"]} */
static void write_lookup(const struct id_queue *ids, char *path)
{
	path = stpcpy(path, ENGINE_CONTAINERS "&filters=%7B%22id%22%3A%5B");
	for (size_t i = ids->first; i < ids->end; i++)
		path += sprintf(path, "%s%%22%s%%22", i == ids->first ? "" : "%2C", ids->ids[i]);
	strcpy(path, "%5D%7D");
}

void engine_start_lookup(struct engine *engine)
{
	char path[128 + LOOKUP_MAX * (CONTAINER_ID_SIZE + 9)];

	if (engine->listing || id_queue_count(&engine->looking))
		return;
	fill_lookup(engine);
	if (!id_queue_count(&engine->looking))
		return;
	write_lookup(&engine->looking, path);
	engine_ask(engine, &(struct engine_question){
				   .path = path,
				   .timeout_ms = ENGINE_LIST_TIMEOUT_MS,
				   .done = on_lookup,
				   .data = engine,
			   });
}

static void look_up(struct engine *engine, const char *id)
{
	engine_need(engine, id_queue_push(&engine->lookups, id));
	engine_start_lookup(engine);
}

void engine_want(struct engine *engine, const char *id)
{
	if (engine->state == ENGINE_LOST || !container_is_id(id) ||
	    engine_cache_find(&engine->cache, id) || id_queue_has(&engine->wanted, id))
		return;
	engine_need(engine, id_queue_push(&engine->wanted, id));
	look_up(engine, id);
}

void engine_clear_questions(struct engine *engine)
{
	memset(engine->inspections, 0, sizeof(engine->inspections));
	for (unsigned int kind = 0; kind < INSPECTION_KINDS; kind++)
		id_queue_clear(&engine->inspect[kind]);
	id_queue_clear(&engine->lookups);
	id_queue_clear(&engine->looking);
	id_queue_clear(&engine->wanted);
	id_queue_clear(&engine->touched);
}

/* --- events --- */

static void on_removed(struct engine *engine, const char *id)
{
	struct inspection *place = inspection_of(engine, id);

	if (place)
		place->outdated = true;
	id_queue_drop(&engine->inspect[INSPECT_EVENT], id);
	id_queue_drop(&engine->lookups, id);
	id_queue_drop(&engine->looking, id);
	engine_remove(engine, id);
	if (id_queue_drop(&engine->wanted, id))
		tell(engine, id, ENGINE_MISSING);
}

/* The observer is told at once. An inspection confirms it, and has the pid. */
static void on_running(struct engine *engine, const char *id, bool running)
{
	struct container *known = engine_cache_find(&engine->cache, id);
	bool was = known && known->running;

	engine_inspect(engine, id, INSPECT_EVENT);
	if (!known || was == running)
		return;
	known->running = running;
	known->pid = 0;
	tell(engine, id, running ? ENGINE_STARTED : ENGINE_STOPPED);
}

/* docker sends this event also for each network of a container that starts, which is known. */
static bool knows_connection(const struct engine *engine, const struct engine_event *event)
{
	const struct container *known = engine_cache_find(&engine->cache, event->container);

	for (size_t i = 0; known && i < known->network_count; i++)
		if (!strcmp(known->networks[i], event->network))
			return true;
	return false;
}

static void on_container_event(struct engine *engine, const struct engine_event *event)
{
	switch (event->kind) {
	case EVENT_CREATED: /* the inspection first: the start that follows locks it out */
		engine_inspect(engine, event->container, INSPECT_EVENT);
		look_up(engine, event->container);
		break;
	case EVENT_STARTED:
	case EVENT_ENDED:
		on_running(engine, event->container, event->kind == EVENT_STARTED);
		break;
	case EVENT_REMOVED:
		on_removed(engine, event->container);
		break;
	default:
		if (event->kind != EVENT_CONNECTED || !knows_connection(engine, event))
			engine_inspect(engine, event->container, INSPECT_EVENT);
		break;
	}
}

int engine_on_event(void *data, const struct engine_event *event)
{
	struct engine *engine = data;

	if (event->kind == EVENT_NETWORK)
		engine_refresh_networks(engine);
	else
		on_container_event(engine, event);
	if (event->container && engine->listing &&
	    !id_queue_has(&engine->touched, event->container))
		engine_need(engine, id_queue_push(&engine->touched, event->container));
	return engine->state == ENGINE_LOST ? -ENOTCONN : 0;
}
