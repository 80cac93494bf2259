// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <time.h>

#include "engine_http.h"
#include "error.h"
#include "util.h"

#define TIMER_ACCURACY_US 1 /* each request starts by this timer */

struct call {
	LIST_ENTRY(call) others;
	struct engine_request request;
	struct engine_question question;
	char id[CONTAINER_ID_SIZE];
};

struct engine_http {
	const struct curl *curl;
	sd_event *loop;
	char socket[ENDPOINT_SIZE];
	CURLM *multi; /* NULL: nothing was asked since the last reset */
	sd_event_source *timer;
	LIST_HEAD(, call) calls;
};

/* --- answers ---
 *
 * curl's own callbacks only collect. The functions of a question may ask again or reset everything,
 * which curl does not allow from within its callbacks. */

static struct call *call_with_more(struct engine_http *http)
{
	struct call *call;

	LIST_FOREACH(call, &http->calls, others)
	if (call->question.more && call->request.size)
		return call;
	return NULL;
}

static void hand_over(struct call *call)
{
	_cleanup_(freep) char *bytes = TAKE_PTR(call->request.answer);
	size_t size = call->request.size;

	call->request.size = 0;
	call->request.capacity = 0;
	call->question.more(call->question.data, bytes, size); /* may free the call */
}

static void free_call(struct call *call)
{
	engine_request_clear(&call->request);
	free(call);
}

static void finish(struct engine_http *http, const CURLMsg *message)
{
	CURLcode result = message->data.result;
	struct call *call = NULL;
	int error;

	http->curl->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
	http->curl->curl_multi_remove_handle(http->multi, message->easy_handle);
	LIST_REMOVE(call, others);
	error = engine_request_check(&call->request, result);
	call->question.done(call->question.data, call->id, &call->request, error);
	free_call(call);
}

static void drive(struct engine_http *http, curl_socket_t fd, int what)
{
	const CURLMsg *message;
	struct call *call;
	int left;

	http->curl->curl_multi_socket_action(http->multi, fd, what, &left);
	while ((call = call_with_more(http)))
		hand_over(call);
	while (http->multi && (message = http->curl->curl_multi_info_read(http->multi, &left)))
		finish(http, message);
}

/* --- sockets and the timer --- */

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	int what = 0;

	(void)source;
	if (events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	drive(data, fd, what);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	drive(data, CURL_SOCKET_TIMEOUT, 0);
	return 0;
}

static uint32_t wanted_events(int what)
{
	return (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
}

/* curl: watch this socket. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *assigned)
{
	struct engine_http *http = data;
	sd_event_source *source = assigned;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sd_event_source_disable_unref(source);
		return 0;
	}
	if (source)
		return sd_event_source_set_io_events(source, wanted_events(what)) < 0 ? -1 : 0;
	if (sd_event_add_io(http->loop, &source, fd, wanted_events(what), on_io, http) < 0)
		return -1;
	http->curl->curl_multi_assign(http->multi, fd, source);
	return 0;
}

/* curl: call me then. */
static int on_timeout(CURLM *multi, long timeout_ms, void *data)
{
	struct engine_http *http = data;

	(void)multi;
	if (timeout_ms < 0)
		return sd_event_source_set_enabled(http->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	if (sd_event_source_set_time_relative(http->timer, (uint64_t)timeout_ms * 1000) < 0)
		return -1;
	return sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

/* --- asking --- */

static int need_multi(struct engine_http *http)
{
	const struct curl *curl = http->curl;

	if (http->multi)
		return 0;
	http->multi = curl->curl_multi_init();
	if (!http->multi)
		return -ENOMEM;
	curl->curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl->curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl->curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl->curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return 0;
}

static int start_call(struct engine_http *http, struct call *call)
{
	const struct engine_question *question = &call->question;
	int error = engine_request_init(&call->request, http->curl, http->socket, question->path,
					question->timeout_ms);

	if (!error)
		error = need_multi(http);
	if (error)
		return error;
	http->curl->curl_easy_setopt(call->request.easy, CURLOPT_PRIVATE, call);
	return http->curl->curl_multi_add_handle(http->multi, call->request.easy) ? -ENOMEM : 0;
}

int engine_http_get(struct engine_http *http, const struct engine_question *question)
{
	struct call *call = calloc(1, sizeof(*call));
	int error;

	if (!call)
		return -ENOMEM;
	call->question = *question;
	if (question->id)
		snprintf(call->id, sizeof(call->id), "%s", question->id);
	error = start_call(http, call);
	if (error) {
		free_call(call);
		return error;
	}
	LIST_INSERT_HEAD(&http->calls, call, others);
	return 0;
}

void engine_http_reset(struct engine_http *http)
{
	struct call *call;

	while ((call = LIST_FIRST(&http->calls))) {
		LIST_REMOVE(call, others);
		http->curl->curl_multi_remove_handle(http->multi, call->request.easy);
		free_call(call);
	}
	if (http->multi)
		http->curl->curl_multi_cleanup(http->multi);
	http->multi = NULL;
	sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
}

int engine_http_open(sd_event *loop, const char *socket, struct engine_http **http)
{
	struct engine_http *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	snprintf(new->socket, sizeof(new->socket), "%s", socket);
	new->loop = sd_event_ref(loop);
	error = curl_load(&new->curl);
	if (!error)
		error = sd_event_add_time_relative(loop, &new->timer, CLOCK_MONOTONIC, 0,
						   TIMER_ACCURACY_US, on_timer, new);
	if (error < 0) {
		engine_http_close(new);
		return error;
	}
	sd_event_source_set_enabled(new->timer, SD_EVENT_OFF);
	*http = new;
	return 0;
}

void engine_http_close(struct engine_http *http)
{
	if (!http)
		return;
	if (http->timer)
		engine_http_reset(http);
	sd_event_source_disable_unref(http->timer);
	sd_event_unref(http->loop);
	free(http);
}
