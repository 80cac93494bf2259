// SPDX-License-Identifier: GPL-2.0-only
/* The stream of events of a container engine, in pieces of any size, and the cache that it keeps
 * current. */
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "engine_events.h"
#include "error.h"
#include "id_queue.h"
#include "engine_cache.h"
#include "support.h"

#define WEB "6fa7408430e3d7a8d988b9f5cecbefd51ab1ae2440a0a379467c247f762ab80c"
#define NET "8df17496538f7c3eefa5d19bdfab8b01c7e3c2ad744ff878ddcabfab7e7dda8e"
#define EVENT(type, action, id, attributes)                                     \
	"{\"status\":\"" action "\",\"Type\":\"" type "\",\"Action\":\"" action \
	"\",\"Actor\":{\"ID\":\"" id "\",\"Attributes\":{" attributes           \
	"}},\"scope\":\"local\",\"time\":1795191493,\"timeNano\":1795191493028510937}\n"

static const struct {
	const char *line;
	enum engine_event_kind kind;
	const char *network;
} rows[] = {
	{ EVENT("container", "create", WEB, "\"image\":\"tiny\",\"name\":\"web\""), EVENT_CREATED,
	  "" },
	{ EVENT("network", "connect", NET,
		"\"container\":\"" WEB "\",\"name\":\"net1\",\"type\":\"bridge\""),
	  EVENT_CONNECTED, "net1" },
	{ EVENT("container", "start", WEB, "\"policyctl.deny\":\"t\\u0000cp\""), EVENT_STARTED,
	  "" },
	{ EVENT("container", "exec_create: /bin/sh -c true", WEB, ""), EVENT_OTHER, NULL },
	{ EVENT("container", "health_status: healthy", WEB, ""), EVENT_OTHER, NULL },
	{ EVENT("container", "rename", WEB, "\"oldName\":\"/a\""), EVENT_CHANGED, "" },
	{ EVENT("network", "disconnect", NET, "\"container\":\"" WEB "\",\"name\":\"net1\""),
	  EVENT_DISCONNECTED, "net1" },
	{ EVENT("network", "connect", WEB, "\"name\":\"web\""), EVENT_CONNECTED, "" }, /* podman */
	{ "\n", EVENT_OTHER, NULL },
	{ EVENT("network", "create", NET, "\"name\":\"net1\""), EVENT_NETWORK, "" },
	{ EVENT("image", "pull", "", "\"name\":\"tiny\""), EVENT_OTHER, NULL },
	{ EVENT("container", "create", "", ""), EVENT_OTHER, NULL },
	{ EVENT("container", "create", "../x", ""), EVENT_OTHER, NULL },
	{ EVENT("volume", "destroy", WEB, ""), EVENT_OTHER, NULL },
	{ "{\"Type\":[],\"Action\":7,\"Actor\":null}\n", EVENT_OTHER, NULL },
	{ "[1]\n", EVENT_OTHER, NULL },
	{ EVENT("container", "die", WEB, "\"exitCode\":\"0\""), EVENT_ENDED, "" },
	{ EVENT("container", "destroy", WEB, ""), EVENT_REMOVED, "" },
	{ EVENT("container", "remove", WEB, ""), EVENT_REMOVED, "" }, /* podman */
};

static int check_next(void *data, const struct engine_event *event)
{
	size_t *row = data;

	while (rows[*row].kind == EVENT_OTHER)
		(*row)++;
	assert_int_equal(event->kind, rows[*row].kind);
	assert_string_equal(event->network, rows[*row].network);
	if (event->kind == EVENT_NETWORK)
		assert_null(event->container);
	else
		assert_string_equal(event->container, WEB);
	(*row)++;
	return 0;
}

static void pieces_of_any_size_are_put_together(void **state)
{
	char text[COUNT(rows) * 512] = "";
	size_t size;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		strcat(text, rows[i].line);
	size = strlen(text);
	for (size_t piece = 1; piece <= size; piece += piece < 300 ? 1 : 97) {
		struct engine_events events = { 0 };
		size_t row = 0;

		for (size_t at = 0; at < size; at += piece) {
			size_t length = size - at < piece ? size - at : piece;

			assert_int_equal(
				engine_events_feed(&events, text + at, length, check_next, &row),
				0);
		}
		assert_int_equal(row, COUNT(rows));
		engine_events_clear(&events);
	}
}

static int refuse(void *data, const struct engine_event *event)
{
	(void)event;
	++*(int *)data;
	return -ENOTCONN;
}

static void it_ends_when_told_or_not_understood(void **state)
{
	struct engine_events events = { 0 };
	char *two, many[1000];
	int calls = 0, error = 0;

	(void)state;
	assert_true(asprintf(&two, "%s%s", rows[0].line, rows[0].line) > 0);
	assert_int_equal(engine_events_feed(&events, two, strlen(two), refuse, &calls), -ENOTCONN);
	assert_int_equal(calls, 1);
	free(two);
	assert_int_equal(engine_events_feed(&events, "{]\n", 3, refuse, &calls), -EPROTO);
	memset(many, ' ', sizeof(many));
	for (int i = 0; i < 10000 && !error; i++)
		error = engine_events_feed(&events, many, sizeof(many), refuse, &calls);
	assert_int_equal(error, -EPROTO);
	assert_contains(error_message(error), "has no end");
	engine_events_clear(&events);
}

/* --- ids --- */

static void ids_leave_as_they_came(void **state)
{
	struct id_queue queue = { 0 };
	char id[CONTAINER_ID_SIZE];
	int in = 0, out = 0;

	(void)state;
	assert_false(id_queue_pop(&queue, id));
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < 1 + round % 7; i++) {
			snprintf(id, sizeof(id), "%064d", in++);
			assert_int_equal(id_queue_push(&queue, id), 0);
		}
		for (int i = 0; i < 4 && id_queue_pop(&queue, id); i++)
			assert_int_equal(atoi(id), out++);
		assert_int_equal(id_queue_count(&queue), in - out);
	}
	assert_true(queue.capacity < 512);
	for (int i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "%064d", in++);
		assert_int_equal(id_queue_push(&queue, id), 0);
	}
	snprintf(id, sizeof(id), "%064d", out + 1);
	assert_true(id_queue_has(&queue, id));
	assert_true(id_queue_drop(&queue, id));
	assert_false(id_queue_drop(&queue, id));
	assert_false(id_queue_has(&queue, id));
	assert_true(id_queue_pop(&queue, id));
	assert_int_equal(atoi(id), out);
	assert_true(id_queue_pop(&queue, id));
	assert_int_equal(atoi(id), out + 2);
	id_queue_clear(&queue);
}

/* --- the cache --- */

static struct container container_of(unsigned int number, const char *name)
{
	struct container container = { .name = strdup(name), .network_mode = strdup("bridge") };

	snprintf(container.id, sizeof(container.id), "%08x%056d", number, 0);
	return container;
}

static void the_mirror_finds_by_id_and_name(void **state)
{
	struct engine_cache cache = { 0 };
	struct random random = { 11 };
	char name[16];

	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		struct container new;

		snprintf(name, sizeof(name), "c%u", i);
		new = container_of(random_below(&random, 1 << 20) << 10 | i, name);
		assert_int_equal(engine_cache_add(&cache, &new), 0);
		assert_null(new.name);
	}
	for (size_t i = 1; i < cache.count; i++)
		assert_true(strcmp(cache.items[i - 1]->id, cache.items[i]->id) < 0);
	for (size_t i = 0; i < cache.count; i++) {
		assert_ptr_equal(engine_cache_find(&cache, cache.items[i]->id), cache.items[i]);
		assert_ptr_equal(engine_cache_find_called(&cache, cache.items[i]->name),
				 cache.items[i]);
	}
	assert_null(engine_cache_find(&cache, WEB));
	while (cache.count)
		engine_cache_remove(&cache, cache.items[cache.count / 2]->id);
	engine_cache_clear(&cache);
}

static void an_id_may_be_cut_short_where_it_stays_clear(void **state)
{
	static const struct {
		const char *given, *name;
	} cases[] = {
		{ "aa", NULL },	      { "aa0", "one" },	  { "aa1", "two" }, { "b", "three" },
		{ "three", "three" }, { "two", "two" },	  { "", NULL },	    { "c", NULL },
		{ "bb00", "three" },  { "aa0zzz", NULL },
	};
	struct container items[] = { container_of(0xaa0, "one"), container_of(0xaa1, "two"),
				     container_of(0xbb0, "three") };
	struct engine_cache cache = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++) {
		snprintf(items[i].id, sizeof(items[i].id), "%s%061d",
			 i == 0	  ? "aa0"
			 : i == 1 ? "aa1"
				  : "bb0",
			 0);
		assert_int_equal(engine_cache_add(&cache, &items[i]), 0);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct container *found = engine_cache_find_called(&cache, cases[i].given);

		if (cases[i].name)
			assert_string_equal(found->name, cases[i].name);
		else
			assert_null(found);
	}
	engine_cache_clear(&cache);
}

struct look {
	const char *name, *mode, *network;
	bool running;
	pid_t pid;
	enum container_power power;
};

static struct container container_that_looks(const struct look *look)
{
	struct container container = container_of(1, look->name);

	free(container.network_mode);
	container.network_mode = strdup(look->mode);
	container.networks = calloc(1, sizeof(*container.networks));
	container.networks[0] = strdup(look->network);
	container.network_count = 1;
	container.running = look->running;
	container.pid = look->pid;
	container.power = look->power;
	return container;
}

static void what_changed_is_told_and_what_is_not_told_stays(void **state)
{
	const struct look old = { "web", "bridge", "net1", true, 7, POWER_PLAIN };
	const struct {
		struct look new;
		unsigned int news;
		pid_t pid;
	} cases[] = {
		{ old, 0, 7 },
		{ { "web", "", "net1", true, 0, POWER_UNKNOWN }, 0, 7 }, /* from a list */
		{ { "web2", "", "net1", true, 0, POWER_UNKNOWN }, ENGINE_CACHE_UPDATED, 7 },
		{ { "web", "host", "net1", true, 7, POWER_PLAIN }, ENGINE_CACHE_UPDATED, 7 },
		{ { "web", "bridge", "net1", true, 7, POWER_NET_ADMIN }, ENGINE_CACHE_UPDATED, 7 },
		{ { "web", "bridge", "net2", true, 7, POWER_PLAIN }, ENGINE_CACHE_CONNECTED, 7 },
		{ { "web", "bridge", "net1", false, 0, POWER_PLAIN }, ENGINE_CACHE_STOPPED, 0 },
		{ { "web", "bridge", "net1", true, 8, POWER_PLAIN }, ENGINE_CACHE_STARTED, 8 },
		{ { "a", "bridge", "net2", false, 0, POWER_PLAIN },
		  ENGINE_CACHE_UPDATED | ENGINE_CACHE_CONNECTED | ENGINE_CACHE_STOPPED,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct container known = container_that_looks(&old);
		struct container new = container_that_looks(&cases[i].new);

		assert_int_equal(engine_cache_update(&known, &new), cases[i].news);
		assert_int_equal(known.pid, cases[i].pid);
		assert_int_not_equal(known.power, POWER_UNKNOWN);
		assert_string_not_equal(known.network_mode, "");
		container_clear(&known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_any_size_are_put_together),
		cmocka_unit_test(it_ends_when_told_or_not_understood),
		cmocka_unit_test(ids_leave_as_they_came),
		cmocka_unit_test(the_mirror_finds_by_id_and_name),
		cmocka_unit_test(an_id_may_be_cut_short_where_it_stays_clear),
		cmocka_unit_test(what_changed_is_told_and_what_is_not_told_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
