// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_watch SOCKET: what the cache of a container engine tells, a line each, as it comes.
 * Words on standard input, a line each: `want ID`, `find NAME`, `all`, `networks` (as known),
 * `refresh` (those), `ask NAME` (the engine, and wait), `end`.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "engine_ask.h"
#include "error.h"
#include "util.h"

struct watcher {
	sd_event *loop;
	struct engine *engine;
	const char *socket;
	char line[256];
	size_t length;
};

static void say_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	printf("%lld.%06ld ", (long long)now.tv_sec, now.tv_nsec / 1000);
}

static int say_container(void *data, const struct container *container)
{
	static const char *const powers[] = { "unknown", "plain", "net-admin" };

	(void)data;
	printf(" %s id=%.12s running=%d pid=%d power=%s mode=%.22s networks=", container->name,
	       container->id, container->running, container->pid != 0, powers[container->power],
	       container->network_mode);
	for (size_t i = 0; i < container->network_count; i++)
		printf("%s%s", i ? "," : "", container->networks[i]);
	for (size_t i = 0; i < container->label_count; i++)
		printf(" [%s=%s]", container->labels[i].name, container->labels[i].value);
	printf("\n");
	return 0;
}

/* --- what the cache tells --- */

static void on_synced(void *data)
{
	(void)data;
	say_time();
	printf("synced\n");
}

static void on_lost(void *data, const char *why)
{
	(void)data;
	say_time();
	printf("lost: %s\n", why);
}

static void on_container(void *data, const char *id, enum engine_change change)
{
	static const char *const names[] = {
		"known", "updated", "started", "stopped", "connected", "gone", "missing",
	};
	struct watcher *watcher = data;
	const struct container *container = engine_container(watcher->engine, id);

	say_time();
	printf("%s", names[change]);
	if (container)
		say_container(NULL, container);
	else
		printf(" id=%.12s\n", id);
}

static void on_networks(void *data)
{
	struct watcher *watcher = data;
	size_t count;
	const struct network *networks = engine_networks(watcher->engine, &count);

	say_time();
	printf("networks");
	for (size_t i = 0; i < count; i++)
		printf(" %s:%s:%s", networks[i].name, networks[i].driver, networks[i].bridge);
	printf("\n");
}

/* --- what it is asked --- */

static void ask(const struct watcher *watcher, const char *name)
{
	_cleanup_(container_clear) struct container container = { 0 };
	int error = engine_ask_container(watcher->socket, name, &container);

	printf("asked:");
	if (error)
		printf(" %s: %s\n", strerrorname_np(-error), error_message(error));
	else
		say_container(NULL, &container);
}

static void obey(struct watcher *watcher, const char *word)
{
	const struct container *found;

	if (!strncmp(word, "want ", 5)) {
		engine_want(watcher->engine, word + 5);
	} else if (!strcmp(word, "refresh")) {
		engine_refresh_networks(watcher->engine);
	} else if (!strcmp(word, "networks")) {
		on_networks(watcher);
	} else if (!strcmp(word, "all")) {
		engine_each(watcher->engine, say_container, NULL);
		printf("all synced=%d\n", engine_synced(watcher->engine));
	} else if (!strncmp(word, "ask ", 4)) {
		ask(watcher, word + 4);
	} else if (!strcmp(word, "end")) {
		sd_event_exit(watcher->loop, 0);
	} else if (!strncmp(word, "find ", 5)) {
		found = engine_find(watcher->engine, word + 5);
		printf("find");
		if (found)
			say_container(NULL, found);
		else
			printf(" nothing\n");
	}
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct watcher *watcher = data;
	char *newline;
	ssize_t got = read(fd, watcher->line + watcher->length,
			   sizeof(watcher->line) - 1 - watcher->length);

	(void)source, (void)events;
	if (got <= 0)
		return sd_event_exit(watcher->loop, 0);
	watcher->length += got;
	watcher->line[watcher->length] = '\0';
	while ((newline = strchr(watcher->line, '\n'))) {
		*newline = '\0';
		obey(watcher, watcher->line);
		watcher->length -= newline + 1 - watcher->line;
		memmove(watcher->line, newline + 1, watcher->length + 1);
	}
	return 0;
}

static int run(struct watcher *watcher, const char *socket)
{
	struct engine_observer observer = { on_synced, on_lost, on_container, on_networks,
					    watcher };
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	_cleanup_(engine_closep) struct engine *engine = NULL;
	int error = sd_event_new(&loop);

	if (error < 0)
		return error;
	error = engine_open(loop, socket, &observer, &engine);
	if (error)
		return error;
	watcher->loop = loop;
	watcher->engine = engine;
	error = sd_event_add_io(loop, NULL, STDIN_FILENO, EPOLLIN, on_input, watcher);
	return error < 0 ? error : sd_event_loop(loop);
}

int main(int count, char **arguments)
{
	struct watcher watcher = { .socket = arguments[1] };
	int error;

	setvbuf(stdout, NULL, _IOLBF, 0);
	error = count == 2 ? run(&watcher, arguments[1]) : -EINVAL;
	if (error)
		fprintf(stderr, "engine_watch: %s\n", error_message(error));
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
