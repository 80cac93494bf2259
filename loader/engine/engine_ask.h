/* SPDX-License-Identifier: GPL-2.0-only */
/* One question to the container engine, one answer: for commands. Whoever follows containers has
 * engine.h. All return 0 or a negative errno with a message. -ENOTCONN: no engine there;
 * -ETIMEDOUT; what else is wrong with its answers is -EREMOTEIO (its own words), -EPROTO, -EIO,
 * -EMSGSIZE. */
#ifndef PCTL_ENGINE_ASK_H
#define PCTL_ENGINE_ASK_H

#include "container.h"

/* The container of that name or id (or beginning of one). -ENOENT: there is none; -ENOTUNIQ:
 * several begin so. Waits while it is being started, a minute at most. */
int engine_ask_container(const char *socket, const char *name, struct container *container);

/* All containers, running or not (without pid and power, which only the first tells), and all
 * networks. Each of the two questions that it may take gets `timeout_ms`. For the caller to free
 * with containers_free(), networks_free(). */
int engine_ask_containers(const char *socket, int timeout_ms, struct container **items,
			  size_t *count);
int engine_ask_networks(const char *socket, int timeout_ms, struct network **items, size_t *count);

#endif
