/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to a container engine within an sd-event loop: many at a time, none of which waits for
 * another. */
#ifndef PCTL_ENGINE_HTTP_H
#define PCTL_ENGINE_HTTP_H

#include <systemd/sd-event.h>

#include "container.h"
#include "engine_request.h"

struct engine_http;

struct engine_question {
	const char *path;
	int timeout_ms; /* 0: none */
	const char *id; /* what done() is to be reminded of; NULL: nothing */
	/* For a stream: hands over what came of the answer since the last time. NULL: the answer is
	 * collected for done(). */
	void (*more)(void *data, const char *bytes, size_t size);
	/* Called once, at the end of the answer; `error` is what engine_request_check() says. */
	void (*done)(void *data, const char *id, const struct engine_request *request, int error);
	void *data;
};

/* Connects to nothing yet. */
int engine_http_open(sd_event *loop, const char *socket, struct engine_http **http);
void engine_http_close(struct engine_http *http); /* not from within the functions above */

/* Copies what it needs of the question. May be called from within the functions above, which are
 * never called from within this one. */
int engine_http_get(struct engine_http *http, const struct engine_question *question);

/* Forgets all questions, without a done(), and closes the connections. */
void engine_http_reset(struct engine_http *http);

#endif
