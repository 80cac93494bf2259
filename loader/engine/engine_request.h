/* SPDX-License-Identifier: GPL-2.0-only */
/* One HTTP request to a container engine over its unix socket, and its answer. Commands, which
 * wait, and the cache, which does not, both use it. */
#ifndef PCTL_ENGINE_REQUEST_H
#define PCTL_ENGINE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "curl.h"
#include "endpoint.h"

#define ENGINE_ANSWER_MAX (64 << 20) /* bytes; the list of 10,000 containers has 10 MB */

/* Both engines understand paths without a version: docker of 2013 and later, podman from 3.0 on. */
#define ENGINE_CONTAINERS "/containers/json?all=1"
#define ENGINE_VERSION "/version"
#define ENGINE_NETWORKS "/networks"
#define ENGINE_NETWORKS_PODMAN "/v4.0.0/libpod/networks/json"

struct engine_request {
	const struct curl *curl;
	CURL *easy;
	char socket[ENDPOINT_SIZE];
	char *answer; /* ends with NUL */
	size_t size;
	size_t capacity; /* of the answer */
	bool podman; /* it was podman that answered */
};

/* GET `path`. timeout_ms 0: none. The request must not move, and is freed by
 * engine_request_clear(). */
int engine_request_init(struct engine_request *request, const struct curl *curl, const char *socket,
			const char *path, int timeout_ms);
void engine_request_clear(struct engine_request *request);

/* Checks a request that was performed with this result. 0: status 200; -ENOENT: status 404;
 * -EREMOTEIO: another one, with the engine's words as the message; -ENOTCONN: there is no engine;
 * -ETIMEDOUT, -EMSGSIZE, -EIO. */
int engine_request_check(struct engine_request *request, CURLcode result);

#endif
