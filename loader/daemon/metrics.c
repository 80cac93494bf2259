// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "clock.h"
#include "error.h"
#include "listen_address.h"
#include "metrics.h"
#include "libmicrohttpd.h"
#include "prometheus.h"
#include "util.h"

#define CONNECTIONS 128u /* at a time; for a further one the oldest is closed */
#define GRACE_MS 50 /* that a connection has for its request, however many others wait */
#define CONNECTION_BYTES 8192u /* for a request */
#define IDLE_SECONDS 10u /* then a connection is closed */
#define ROUNDS 64 /* before the loop gets its turn again: the daemon has other work */
#define ACCURACY_US 1000 /* of the timer; by default systemd may wait 250 ms longer */

struct metrics {
	struct microhttpd lib;
	struct MHD_Daemon *daemon;
	sd_event_source *readable, *due;
	struct {
		int socket;
		uint64_t began_ms;
	} connections[CONNECTIONS]; /* those that are open, the oldest first */
	size_t open;
	void (*write)(void *data, FILE *out);
	void *data;
	struct listen_address address;
	struct stat identity; /* of the unix socket: only ours is removed */
};

/* --- answers --- */

static enum MHD_Result answer(struct metrics *metrics, struct MHD_Connection *connection,
			      unsigned int status, const char *type, char *text, size_t size,
			      enum MHD_ResponseMemoryMode memory)
{
	const struct microhttpd *lib = &metrics->lib;
	struct MHD_Response *response = lib->MHD_create_response_from_buffer(size, text, memory);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	lib->MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		lib->MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = lib->MHD_queue_response(connection, status, response);
	lib->MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_words(struct metrics *metrics, struct MHD_Connection *connection,
				    unsigned int status, char *words)
{
	return answer(metrics, connection, status, "text/plain; charset=utf-8", words,
		      strlen(words), MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer_metrics(struct metrics *metrics, struct MHD_Connection *connection)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool failed = true;

	if (out) {
		metrics->write(metrics->data, out);
		failed = ferror(out);
		failed = fclose(out) || failed;
	}
	if (!failed)
		return answer(metrics, connection, MHD_HTTP_OK, PROMETHEUS_CONTENT_TYPE, text, size,
			      MHD_RESPMEM_MUST_FREE);
	free(text);
	return answer_words(metrics, connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	struct metrics *metrics = data;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_words(metrics, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				    "GET and HEAD are all there is\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(metrics, connection);
	if (!strcmp(url, "/"))
		return answer_words(metrics, connection, MHD_HTTP_OK, "policyctl: see /metrics\n");
	return answer_words(metrics, connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
}

/* --- within the loop --- */

static uint64_t now_ms(void)
{
	return clock_monotonic_ns() / NS_PER_MS;
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct metrics *metrics = data;
	const union MHD_ConnectionInfo *info =
		metrics->lib.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	size_t at = 0;

	(void)context;
	if (!info)
		return;
	while (at < metrics->open && metrics->connections[at].socket != info->connect_fd)
		at++;
	if (code == MHD_CONNECTION_NOTIFY_STARTED && at < CONNECTIONS) {
		metrics->connections[at].socket = info->connect_fd;
		metrics->connections[at].began_ms = now_ms();
		metrics->open++;
	} else if (code == MHD_CONNECTION_NOTIFY_CLOSED && at < metrics->open) {
		metrics->open--;
		memmove(&metrics->connections[at], &metrics->connections[at + 1],
			(metrics->open - at) * sizeof(metrics->connections[0]));
	}
}

/* How long the oldest may still stay, if all connections are taken and others may wait; else
 * UINT64_MAX. */
static uint64_t grace_left_ms(const struct metrics *metrics)
{
	uint64_t age = now_ms() - metrics->connections[0].began_ms;

	if (metrics->open < CONNECTIONS)
		return UINT64_MAX;
	return age < GRACE_MS ? GRACE_MS - age : 0;
}

/* Whoever keeps connections open without asking anything must not keep others out. libmicrohttpd
 * closes in its next run what is shut down here. True: one was. */
static bool end_old(const struct metrics *metrics)
{
	uint64_t now = now_ms();
	size_t i = 0;

	if (metrics->open < CONNECTIONS)
		return false;
	while (i < metrics->open && now - metrics->connections[i].began_ms >= GRACE_MS)
		shutdown(metrics->connections[i++].socket, SHUT_RDWR);
	return i;
}

/* At the limit of connections libmicrohttpd accepts new ones only in the run after the one that
 * closed some: so it runs again. False: it is not done yet. */
static bool run_until_settled(struct metrics *metrics)
{
	bool more = true;

	for (int i = 0; i < ROUNDS && more; i++) {
		size_t before = metrics->open;

		metrics->lib.MHD_run(metrics->daemon);
		more = end_old(metrics) || metrics->open < before;
	}
	return !more;
}

/* Serves what is due, and sets the timer for idle connections. */
static int run(struct metrics *metrics)
{
	MHD_UNSIGNED_LONG_LONG idle_ms;
	uint64_t ms = 0;
	int error;

	if (run_until_settled(metrics)) {
		ms = grace_left_ms(metrics);
		if (metrics->lib.MHD_get_timeout(metrics->daemon, &idle_ms) == MHD_YES &&
		    idle_ms < ms)
			ms = idle_ms;
	}
	if (ms == UINT64_MAX)
		return sd_event_source_set_enabled(metrics->due, SD_EVENT_OFF);
	error = sd_event_source_set_time_relative(metrics->due, ms * 1000);
	return error < 0 ? error : sd_event_source_set_enabled(metrics->due, SD_EVENT_ONESHOT);
}

static int when_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	(void)source;
	(void)fd;
	(void)events;
	return run(data);
}

static int when_due(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	return run(data);
}

static int join(struct metrics *metrics, sd_event *loop)
{
	const union MHD_DaemonInfo *info =
		metrics->lib.MHD_get_daemon_info(metrics->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int error;

	if (!info)
		return -ENOSYS;
	error = sd_event_add_io(loop, &metrics->readable, info->epoll_fd, EPOLLIN, when_readable,
				metrics);
	if (error >= 0)
		error = sd_event_add_time_relative(loop, &metrics->due, CLOCK_MONOTONIC, 0,
						   ACCURACY_US, when_due, metrics);
	return error < 0 ? error : 0;
}

/* The socket belongs to the server then. */
static int serve(struct metrics *metrics, int socket)
{
	metrics->daemon = metrics->lib.MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, metrics, MHD_OPTION_LISTEN_SOCKET, socket,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, metrics, MHD_OPTION_END);
	return metrics->daemon ? 0 : -ENOMEM;
}

int metrics_open(sd_event *loop, const char *where, void (*write)(void *data, FILE *out),
		 void *data, struct metrics **metrics)
{
	struct metrics *new = calloc(1, sizeof(*new));
	int socket, error;

	if (!new)
		return error_set(-ENOMEM, "%s", strerror(ENOMEM));
	new->write = write;
	new->data = data;
	error = listen_address_parse(where, &new->address);
	if (error)
		error_set(error, "%s: expected " LISTEN_ADDRESS_FORMS, where);
	error = error ?: microhttpd_load(&new->lib);
	error = error ?: listen_address_open(&new->address, where, &socket);
	if (error) {
		free(new);
		return error;
	}
	if (new->address.any.sa_family == AF_UNIX)
		lstat(new->address.local.sun_path, &new->identity);
	error = serve(new, socket) ?: join(new, loop);
	if (!error) {
		*metrics = new;
		return 0;
	}
	metrics_close(new);
	return error_set(error, "%s: %s", where, strerror(-error));
}

static void remove_socket(const struct metrics *metrics)
{
	const char *path = metrics->address.local.sun_path;
	struct stat now;

	if (metrics->address.any.sa_family == AF_UNIX && !lstat(path, &now) &&
	    now.st_dev == metrics->identity.st_dev && now.st_ino == metrics->identity.st_ino)
		unlink(path);
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	sd_event_source_disable_unref(metrics->readable);
	sd_event_source_disable_unref(metrics->due);
	remove_socket(metrics);
	if (metrics->daemon)
		metrics->lib.MHD_stop_daemon(metrics->daemon);
	free(metrics);
}
