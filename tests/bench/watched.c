// SPDX-License-Identifier: GPL-2.0-only
#include "watched.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "error.h"
#include "reader.h"

#define TICK_NS 20000000 /* as OBSERVER_TICK_MS */

enum watcher {
	MONITOR,
	CAPTURE,
	WATCHERS,
};

static const struct reader_settings settings[WATCHERS] = {
	[MONITOR] = { .snaplen = 128 },
	[CAPTURE] = { .snaplen = PCTL_SNAPLEN_MAX },
};

struct watched {
	struct reader *readers[WATCHERS];
	FILE *null;
	pthread_t thread;
	bool ends;
};

static void drain(struct reader *reader, FILE *out)
{
	const struct pctl_event *event;

	while ((event = reader_next(reader)))
		fwrite(event, sizeof(*event) + event->captured, 1, out);
}

static void *watch(void *data)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	struct watched *watched = data;

	while (!__atomic_load_n(&watched->ends, __ATOMIC_SEQ_CST)) {
		for (int i = 0; i < WATCHERS; i++)
			drain(watched->readers[i], watched->null);
		nanosleep(&tick, NULL);
	}
	return NULL;
}

struct watched *watched_new(const struct event_maps *maps)
{
	struct watched *watched = calloc(1, sizeof(*watched));
	int error = 0;

	if (!watched)
		abort();
	watched->null = fopen("/dev/null", "we");
	for (int i = 0; i < WATCHERS && !error; i++)
		error = reader_open(maps, NULL, &settings[i], &watched->readers[i]);
	if (error || !watched->null || pthread_create(&watched->thread, NULL, watch, watched)) {
		fprintf(stderr, "bench: cannot watch: %s\n", error_message(error));
		exit(1);
	}
	return watched;
}

void watched_free(struct watched *watched)
{
	if (!watched)
		return;
	__atomic_store_n(&watched->ends, true, __ATOMIC_SEQ_CST);
	pthread_join(watched->thread, NULL);
	for (int i = 0; i < WATCHERS; i++)
		reader_close(watched->readers[i]);
	fclose(watched->null);
	free(watched);
}
