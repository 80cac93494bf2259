/* SPDX-License-Identifier: GPL-2.0-only */
/* One question to the container engine, one answer, for commands; engine.h is for processes that
 * follow containers. All functions return 0 or a negative errno with a message. -ENOTCONN: there is
 * no engine; -ETIMEDOUT; -EREMOTEIO: it refused, in its own words; -EPROTO, -EIO, -EMSGSIZE: its
 * answer is wrong. */
#ifndef PCTL_ENGINE_ASK_H
#define PCTL_ENGINE_ASK_H

#include <netinet/in.h>

#include "container.h"

/* The container of this name or id (or beginning of one). -ENOENT: there is none; -ENOTUNIQ: there
 * are several. Waits while the container is being started, a minute at most. */
int engine_ask_container(const char *socket, const char *name, struct container *container);

/* All containers, running or not, without pid and power, which engine_ask_container() tells; and
 * all networks. Each may take two questions, of `timeout_ms` each. For the caller to free with
 * containers_free(), networks_free(). */
int engine_ask_containers(const char *socket, int timeout_ms, struct container **items,
			  size_t *count);
int engine_ask_networks(const char *socket, int timeout_ms, struct network **items, size_t *count);

/* The name servers that a container was given (docker run --dns), as addresses in text. */
#define ENGINE_SERVERS_MAX 8 /* further ones are left out */
struct engine_servers {
	char items[ENGINE_SERVERS_MAX][INET6_ADDRSTRLEN];
	size_t count;
};
int engine_ask_servers(const char *socket, const char *id, int timeout_ms,
		       struct engine_servers *servers);

/* Which engine it is. */
struct engine_version {
	char name[16]; /* docker or podman */
	char version[64];
};
int engine_ask_version(const char *socket, int timeout_ms, struct engine_version *version);

#endif
