/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The follower: sees to it, within an sd-event loop, that each container has its policy, from
 * before its first packet on, whatever happens to containers, networks, the engine, what we
 * attached, or to us.
 *
 *   NEWLINK with a master      the gate_thread's thread holds the veth
 *   LOWER_UP, nsid             namespace_containers.h tells the container, the engine's cache its
 * labels, the policy goes on, the veth is let go the engine's events        the same again: confirm
 *
 * It keeps no state that matters: what is desired is compared with what the kernel has, each time
 * that anything hints at a difference, and all of it at the start, when the engine is there again,
 * and when news were lost.
 */
#ifndef PCTL_FOLLOWER_H
#define PCTL_FOLLOWER_H

#include <stdio.h>
#include <systemd/sd-event.h>

#include "configuration.h"
#include "container.h"
#include "owner.h"
#include "policies.h"

struct engine;
struct follower;

struct follower_settings {
	enum owner_manager manager; /* in whose name it attaches */
	const char *socket; /* of the engine, endpoint_find() */
	const struct configuration *configuration; /* must outlive it, or follower_reconsider() */
	/* What a container shall have; -ENOMEM only. *desired is cleared by the caller. */
	int (*desired)(void *data, const struct container *container,
		       struct desired_policy *desired);
	struct plan *hold; /* what a faulty one gets: policies_hold() */
	/* The first look at everything is over: what comes from now on is held. */
	void (*ready)(void *data);
	/* The engine answers, for the first time or again. May be NULL. */
	void (*synced)(void *data, const struct engine *engine);
	void *data;
};

/* -EPERM and others with a message. */
int follower_open(sd_event *loop, const struct follower_settings *settings,
		  struct follower **follower);

/* Everything that is attached stays. */
void follower_close(struct follower *follower);

/* Other policies or another configuration: everything is looked at anew, soon. */
int follower_reconsider(struct follower *follower, const struct configuration *configuration,
			struct plan *hold);

/* The container that an interface leads to, as far as is known; NULL. */
const struct container *follower_container(const struct follower *follower, uint32_t ifindex);

/* Takes off what it attached, of all containers. */
int follower_detach_all(struct follower *follower);

/* What it did and how long that took, in the text format of Prometheus. */
void follower_write_metrics(const struct follower *follower, FILE *out);

#endif
