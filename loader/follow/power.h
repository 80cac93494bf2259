/* SPDX-License-Identifier: GPL-2.0-only */
/* What those may do who live in a container's network namespace. */
#ifndef PCTL_POWER_H
#define PCTL_POWER_H

#include "engine.h"

/* The strongest of a container and of those that share its network (`--network container:NAME`),
 * running or not: they may be started at any time. Unknown is stronger than plain. */
enum container_power power_over(const struct engine *engine, const struct container *container);

/* Does it share the network of another one? */
bool container_shares_network(const struct container *container);

#endif
