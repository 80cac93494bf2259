/* SPDX-License-Identifier: GPL-2.0-only */
/* One HTTP request to a container engine over its unix socket, and the answer to it: what
 * commands that wait and the cache that does not have in common. */
#ifndef PCTL_ENGINE_REQUEST_H
#define PCTL_ENGINE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "curl.h"
#include "endpoint.h"

#define ENGINE_ANSWER_MAX                                                      \
	(64 << 20) /* bytes: what 10,000 containers say of themselves is 10 MB \
		    */

/* Both engines understand paths without a version: docker of 2013 and later, podman from 3.0 on. */
#define ENGINE_CONTAINERS "/containers/json?all=1"
#define ENGINE_NETWORKS "/networks"
#define ENGINE_NETWORKS_PODMAN "/v4.0.0/libpod/networks/json"

struct engine_request {
	const struct curl *curl;
	CURL *easy;
	char socket[ENDPOINT_SIZE];
	char *answer; /* NUL behind it */
	size_t size;
	size_t capacity; /* of the answer */
	bool podman; /* it was podman that answered */
};

/* GET `path`. timeout_ms 0: none. The request must not move, and is freed by
 * engine_request_clear(). */
int engine_request_init(struct engine_request *request, const struct curl *curl, const char *socket,
			const char *path, int timeout_ms);
void engine_request_clear(struct engine_request *request);

/* After it was performed with this result. 0: there is an answer of status 200; -ENOENT: it has
 * status 404; -EREMOTEIO: another, and its words are the message; -ENOTCONN: no engine there;
 * -ETIMEDOUT, -EMSGSIZE, -EIO. */
int engine_request_check(struct engine_request *request, CURLcode result);

#endif
