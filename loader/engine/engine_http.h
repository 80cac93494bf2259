/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to a container engine within an sd-event loop: many at the same time, independent of
 * each other. */
#ifndef PCTL_ENGINE_HTTP_H
#define PCTL_ENGINE_HTTP_H

#include <systemd/sd-event.h>

#include "container.h"
#include "engine_request.h"

struct engine_http;

struct engine_question {
	const char *path;
	int timeout_ms; /* 0: none */
	const char *id; /* passed to done(); NULL: none */
	/* For a stream: gets each part of the answer when it arrives. NULL: the answer is collected
	 * for done(). */
	void (*more)(void *data, const char *bytes, size_t size);
	/* Called once, at the end of the answer; `error` is what engine_request_check() says. */
	void (*done)(void *data, const char *id, const struct engine_request *request, int error);
	void *data;
};

/* Connects to nothing yet. */
int engine_http_open(sd_event *loop, const char *socket, struct engine_http **http);
void engine_http_close(struct engine_http *http); /* not from within the functions above */

/* Copies what it needs of the question. May be called from within the functions above, and never
 * calls them itself. */
int engine_http_get(struct engine_http *http, const struct engine_question *question);

/* Forgets all questions, without a done(), and closes the connections. */
void engine_http_reset(struct engine_http *http);

#endif
