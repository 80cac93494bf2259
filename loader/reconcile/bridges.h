/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bridges belong to networks that are followed. The gate's thread asks, the follower's thread
 * updates: there is a lock.
 *
 * The kernel tells of a new bridge a little earlier than the engine of its network, and at boot
 * there are containers before the engine answers. So a bridge is unknown until the engine has
 * listed it, or has had time to: no event ends this, but time does.
 */
#ifndef PCTL_BRIDGES_H
#define PCTL_BRIDGES_H

#include "configuration.h"
#include "container.h"
#include "netlink.h"

enum bridge_kind {
	BRIDGE_UNKNOWN,
	BRIDGE_FOLLOWED,
	BRIDGE_FOREIGN, /* of no network of the engine, or of one that is not followed */
};

struct bridges;

int bridges_new(struct bridges **bridges);
void bridges_free(struct bridges *bridges);

/* Takes in the patterns of followed networks, and of the names that an engine gives to bridges. */
int bridges_configure(struct bridges *bridges, const struct configuration *configuration);

/* Takes in the networks that the engine listed just now, and the links that were read after that. A
 * bridge that is not listed stays unknown for some seconds from when it was first seen. 0 or
 * -ENOMEM. */
int bridges_update(struct bridges *bridges, const struct network *networks, size_t network_count,
		   const struct link *links, size_t link_count);

/* Takes in a bridge that the kernel tells of. 0 or -ENOMEM. */
int bridges_saw(struct bridges *bridges, const struct link *link, bool gone);

/* Whether the engine answers. While it does, an unknown bridge is soon known. When it does not, it
 * is expected to for some seconds: a daemon or an engine that starts anew. */
void bridges_engine_answers(struct bridges *bridges, bool answers);

enum bridge_kind bridges_kind(struct bridges *bridges, uint32_t ifindex);

/* Is a network of this name one of those that are followed? */
bool bridges_follow(struct bridges *bridges, const char *network);

/* Has the engine listed it, as one of a network that is followed or not? */
bool bridges_is_listed(struct bridges *bridges, uint32_t ifindex);

/* Is its name one that engines give? */
bool bridges_is_named(struct bridges *bridges, uint32_t ifindex);

/* The name of the bridge's network; "" if it is not known. */
void bridges_network(struct bridges *bridges, uint32_t ifindex, char *name, size_t size);

/* May this bridge be of a network that is followed, so that a new port of it must be held? While no
 * engine answers, and none is expected to, only one with a name that engines give.
 * @nl: to look up a bridge that was not seen yet */
bool bridges_hold(struct bridges *bridges, struct nl *nl, uint32_t ifindex);

#endif
