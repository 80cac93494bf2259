/* SPDX-License-Identifier: GPL-2.0-only */
/* Containers with CAP_NET_ADMIN in the host's user namespace: no policy on a veth confines these
 * (docs/docker.md). */
#ifndef PCTL_NET_ADMIN_H
#define PCTL_NET_ADMIN_H

#include "container.h"
#include "engine.h"

enum net_admin {
	NET_ADMIN_NONE, /* or only in a user namespace of its own */
	NET_ADMIN_UNKNOWN, /* the engine has not told yet */
	NET_ADMIN_OF_HOST,
};

/* What a container may have, or another one that shares its network: the most of them. Asks the
 * engine for what it has not told; ENGINE_UPDATED follows. */
enum net_admin net_admin_of(struct engine *engine, const struct container *container);

/* The same of this container alone. */
enum net_admin net_admin_of_one(struct engine *engine, const struct container *container);

#endif
