// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "container_json.h"
#include "engine_parts.h"
#include "error.h"
#include "util.h"

#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 1000
#define SETTLE_MS 300 /* to wait for inspections: an engine does not answer while one starts */
#define PING_INTERVAL_MS 15000 /* a quiet stream does not show that the engine is dead */
#define PING_TIMEOUT_MS 10000
#define PINGS_PER_LIST 20 /* docker drops events that are not read within 0.1 s */

static void arm(struct engine *engine, unsigned int ms)
{
	sd_event_source_set_time_relative(engine->timer, (uint64_t)ms * 1000);
	sd_event_source_set_enabled(engine->timer, SD_EVENT_ONESHOT);
}

/* --- losing the connection --- */

void engine_lost(struct engine *engine, int error)
{
	if (engine->state == ENGINE_LOST)
		return;
	engine->state = ENGINE_LOST;
	engine->listing = false;
	engine->networks_asked = false;
	engine->userns = ENGINE_USERNS_UNKNOWN;
	engine->userns_asked = false;
	engine_http_reset(engine->http);
	engine_events_clear(&engine->events);
	engine_clear_questions(engine);
	arm(engine, engine->backoff_ms);
	engine->backoff_ms *= 2;
	if (engine->backoff_ms > BACKOFF_MAX_MS)
		engine->backoff_ms = BACKOFF_MAX_MS;
	if (engine->told_lost)
		return;
	engine->told_lost = true;
	engine->observer.lost(engine->observer.data, error_message(error));
}

void engine_need(struct engine *engine, int error)
{
	if (error)
		engine_lost(engine, error);
}

void engine_ask(struct engine *engine, const struct engine_question *question)
{
	if (engine->state != ENGINE_LOST)
		engine_need(engine, engine_http_get(engine->http, question));
}

/* --- in sync --- */

static void ping_later(struct engine *engine)
{
	arm(engine, PING_INTERVAL_MS);
}

static void set_synced(struct engine *engine)
{
	engine->state = ENGINE_SYNCED;
	engine->told_lost = false;
	engine->pings = 0;
	ping_later(engine);
	engine->observer.synced(engine->observer.data);
}

void engine_settle(struct engine *engine)
{
	if (engine->state == ENGINE_LISTING && !engine->listing && engine->networks_known) {
		engine->state = ENGINE_SETTLING;
		arm(engine, SETTLE_MS);
	}
	if (engine->state == ENGINE_SETTLING && !engine_inspecting(engine, INSPECT_RUNNING))
		set_synced(engine);
}

/* --- the list of containers --- */

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct container *)a)->id, ((const struct container *)b)->id);
}

static void remove_unlisted(struct engine *engine, const struct container *items, size_t count)
{
	struct id_queue gone = { 0 };
	struct container key;
	char id[CONTAINER_ID_SIZE];

	for (size_t i = 0; i < engine->cache.count; i++) {
		strcpy(key.id, engine->cache.items[i]->id);
		if (!bsearch(&key, items, count, sizeof(*items), by_id) &&
		    !id_queue_has(&engine->touched, key.id))
			engine_need(engine, id_queue_push(&gone, key.id));
	}
	while (id_queue_pop(&gone, id))
		engine_remove(engine, id);
	id_queue_clear(&gone);
}

/* Takes one item of the list. Inspects it where it may have changed unseen, or where the list does
 * not tell enough. */
static void take_listed(struct engine *engine, struct container *item)
{
	const struct container *known;
	char id[CONTAINER_ID_SIZE];

	if (id_queue_has(&engine->touched, item->id))
		return;
	strcpy(id, item->id);
	engine_take(engine, item);
	known = engine_cache_find(&engine->cache, id);
	if (known && known->running && (engine->state == ENGINE_LISTING || !known->pid))
		engine_inspect(engine, id, INSPECT_RUNNING);
	else if (known && known->power == POWER_UNKNOWN)
		engine_inspect(engine, id, INSPECT_OTHER);
}

static void on_list(void *data, const char *none, const struct engine_request *request, int error)
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
	qsort(items, count, sizeof(*items), by_id);
	remove_unlisted(engine, items, count);
	for (size_t i = 0; i < count; i++)
		take_listed(engine, &items[i]);
	containers_free(items, count);
	engine->listing = false;
	id_queue_clear(&engine->touched);
	engine_start_lookup(engine);
	engine_settle(engine);
}

static void ask_list(struct engine *engine)
{
	engine->listing = true;
	engine_ask(engine, &(struct engine_question){
				   .path = ENGINE_CONTAINERS,
				   .timeout_ms = ENGINE_LIST_TIMEOUT_MS,
				   .done = on_list,
				   .data = engine,
			   });
}

/* --- networks --- */

static void ask_networks(struct engine *engine);

static void take_networks(struct engine *engine, struct network *items, size_t count)
{
	networks_free(engine->networks, engine->network_count);
	engine->networks = items;
	engine->network_count = count;
	engine->networks_known = true;
	engine->networks_asked = false;
	engine->observer.networks(engine->observer.data);
	if (engine->networks_again)
		ask_networks(engine);
	engine_settle(engine);
}

static void on_networks(void *data, const char *none, const struct engine_request *request,
			int error)
{
	struct engine *engine = data;
	struct network *items = NULL;
	bool other_engine = request->podman != engine->podman;
	size_t count = 0;

	(void)none;
	engine->podman = request->podman;
	if (!error && other_engine) {
		ask_networks(engine);
		return;
	}
	if (!error)
		error = networks_parse(request->answer, request->size, &items, &count);
	if (error)
		engine_lost(engine, error);
	else
		take_networks(engine, items, count);
}

static void ask_networks(struct engine *engine)
{
	engine->networks_asked = true;
	engine->networks_again = false;
	engine_ask(engine,
		   &(struct engine_question){
			   .path = engine->podman ? ENGINE_NETWORKS_PODMAN : ENGINE_NETWORKS,
			   .timeout_ms = ENGINE_LIST_TIMEOUT_MS,
			   .done = on_networks,
			   .data = engine,
		   });
}

void engine_refresh_networks(struct engine *engine)
{
	if (engine->networks_asked)
		engine->networks_again = true;
	else if (engine->state != ENGINE_LOST)
		ask_networks(engine);
}

/* --- events --- */

static void on_events(void *data, const char *bytes, size_t size)
{
	struct engine *engine = data;
	int error = engine_events_feed(&engine->events, bytes, size, engine_on_event, engine);

	engine_need(engine, error);
}

static void on_events_end(void *data, const char *none, const struct engine_request *request,
			  int error)
{
	struct engine *engine = data;

	(void)none;
	if (!error)
		error = error_set(-EPIPE, "the container engine at %s has closed the connection",
				  request->socket);
	engine_lost(engine, error);
}

/* Asks for events from now on. With `since`, docker also sends what happened before the question
 * reached it. podman answers only when something happens, so the answer is not waited for. */
static void ask_events(struct engine *engine)
{
	uint64_t now = clock_realtime_ns();
	char path[80];

	snprintf(path, sizeof(path), "/events?since=%llu.%09llu",
		 (unsigned long long)now / NS_PER_SECOND, (unsigned long long)now % NS_PER_SECOND);
	engine_ask(engine, &(struct engine_question){
				   .path = path,
				   .more = on_events,
				   .done = on_events_end,
				   .data = engine,
			   });
}

/* --- time --- */

static void connect_engine(struct engine *engine)
{
	engine->state = ENGINE_LISTING;
	engine->networks_known = false;
	ask_events(engine);
	ask_list(engine);
	ask_networks(engine);
}

static void on_ping(void *data, const char *none, const struct engine_request *request, int error)
{
	struct engine *engine = data;

	(void)none, (void)request;
	if (!error)
		engine->backoff_ms = BACKOFF_MIN_MS; /* not earlier: it may be lost at once */
	engine_need(engine, error);
}

static void ping(struct engine *engine)
{
	ping_later(engine);
	engine_ask(engine, &(struct engine_question){
				   .path = "/_ping",
				   .timeout_ms = PING_TIMEOUT_MS,
				   .done = on_ping,
				   .data = engine,
			   });
	if (++engine->pings % PINGS_PER_LIST == 0 && !engine->listing)
		ask_list(engine);
}

static int on_time(sd_event_source *source, uint64_t usec, void *data)
{
	struct engine *engine = data;

	(void)source, (void)usec;
	if (engine->state == ENGINE_LOST)
		connect_engine(engine);
	else if (engine->state == ENGINE_SETTLING)
		set_synced(engine);
	else if (engine->state == ENGINE_SYNCED)
		ping(engine);
	return 0;
}

/* --- the interface --- */

int engine_open(sd_event *loop, const char *socket, const struct engine_observer *observer,
		struct engine **engine)
{
	_cleanup_(engine_closep) struct engine *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	new->loop = sd_event_ref(loop);
	new->observer = *observer;
	new->backoff_ms = BACKOFF_MIN_MS;
	error = engine_http_open(loop, socket, &new->http);
	if (error)
		return error;
	error = sd_event_add_time_relative(loop, &new->timer, CLOCK_MONOTONIC, 0, 1000, on_time,
					   new);
	if (error < 0)
		return error;
	*engine = TAKE_PTR(new);
	return 0;
}

void engine_close(struct engine *engine)
{
	if (!engine)
		return;
	engine_http_close(engine->http);
	sd_event_source_disable_unref(engine->timer);
	sd_event_unref(engine->loop);
	engine_events_clear(&engine->events);
	engine_clear_questions(engine);
	engine_cache_clear(&engine->cache);
	networks_free(engine->networks, engine->network_count);
	free(engine);
}

bool engine_synced(const struct engine *engine)
{
	return engine->state == ENGINE_SYNCED;
}

bool engine_is_podman(const struct engine *engine)
{
	return engine->podman;
}

const struct container *engine_container(const struct engine *engine, const char *id)
{
	return engine_cache_find(&engine->cache, id);
}

const struct container *engine_find(const struct engine *engine, const char *name)
{
	return engine_cache_find_called(&engine->cache, name);
}

int engine_each(const struct engine *engine, int (*each)(void *data, const struct container *),
		void *data)
{
	int result = 0;

	for (size_t i = 0; i < engine->cache.count && !result; i++)
		result = each(data, engine->cache.items[i]);
	return result;
}

const struct network *engine_networks(const struct engine *engine, size_t *count)
{
	*count = engine->network_count;
	return engine->networks;
}
