/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bridges belong to networks that are followed. The gate's thread asks, the follower's thread
 * updates: there is a lock.
 *
 * The kernel tells of a new bridge a little earlier than the engine of its network, and at boot
 * there are containers before the engine answers. So a bridge is unknown until the engine has
 * listed it, or has had time to.
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
 * bridge that is not listed, and has a name that an engine may give, stays unknown for some
 * seconds. 0 or -ENOMEM. */
int bridges_update(struct bridges *bridges, const struct network *networks, size_t network_count,
		   const struct link *links, size_t link_count);

/* Whether the engine answers. While it does, an unknown bridge is soon known. */
void bridges_engine_answers(struct bridges *bridges, bool answers);

enum bridge_kind bridges_kind(struct bridges *bridges, uint32_t ifindex);

/* Is a network of this name one of those that are followed? */
bool bridges_follow(struct bridges *bridges, const char *network);

/* The name of the bridge's network; "" if it is not known. */
void bridges_network(struct bridges *bridges, uint32_t ifindex, char *name, size_t size);

/* Must a new port of this bridge be held? @nl: to look up the name of the bridge */
bool bridges_hold(struct bridges *bridges, struct nl *nl, uint32_t ifindex);

#endif
