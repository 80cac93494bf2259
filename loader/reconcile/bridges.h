/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bridges belong to networks that are followed. Asked by the gate_thread's thread, kept
 * current by the follower's: it has a lock of its own.
 *
 * An engine tells of a new network a little later than the kernel of its bridge, and at boot there
 * are containers before the engine answers at all. So a bridge is unknown until the engine has
 * listed it or has had time to.
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

/* Which networks are followed, and the names that bridges of the engine may have. */
int bridges_configure(struct bridges *bridges, const struct configuration *configuration);

/* What the engine listed just now, and the links that were there behind that. A bridge that is not
 * listed and has a name that the engine may give stays unknown for some seconds. */
int bridges_update(struct bridges *bridges, const struct network *networks, size_t network_count,
		   const struct link *links, size_t link_count);

/* Does the engine answer? While it does, what is unknown will soon be known. */
void bridges_engine_answers(struct bridges *bridges, bool answers);

enum bridge_kind bridges_kind(struct bridges *bridges, uint32_t ifindex);

/* Is a network of this name one of those that are followed? */
bool bridges_follow(struct bridges *bridges, const char *network);

/* The name of its network, "" if that is not known. */
void bridges_network(struct bridges *bridges, uint32_t ifindex, char *name, size_t size);

/* Is a new port of this bridge to be held? @nl: to look up the bridge's name */
bool bridges_hold(struct bridges *bridges, struct nl *nl, uint32_t ifindex);

#endif
