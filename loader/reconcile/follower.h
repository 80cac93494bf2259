/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The follower: keeps the policy of each container in force, within an sd-event loop, from before
 * its first packet on. It is a reconcile loop. Events only say where to look:
 *
 *	NEWLINK with a master	the gate's thread holds the veth
 *	LOWER_UP, nsid		namespace_containers.h tells the container, the engine's cache its
 *				labels; the policy is attached, and the gate lifted
 *	the engine's events	the same again
 *
 * A pass compares the desired state with what the kernel has. All veths are looked at when the
 * follower starts, when the engine is there again, and when messages of the kernel were lost. So
 * the follower has no state that it could not lose.
 */
#ifndef PCTL_FOLLOWER_H
#define PCTL_FOLLOWER_H

#include <systemd/sd-event.h>

#include "configuration.h"
#include "container.h"
#include "desired_policy.h"
#include "owner.h"

struct engine;
struct follower;

struct follower_settings {
	enum owner_manager manager; /* in its name policies are attached */
	const char *socket; /* of the engine, endpoint_find() */
	const struct configuration *configuration; /* must outlive the follower, or be replaced by
						    * follower_reconsider() */
	/* What a container should have, for desired_policy_unref(). 0 or -ENOMEM. */
	int (*desired)(void *data, const struct container *container,
		       struct desired_policy **desired);
	/* What the interfaces of a pattern should have, likewise. NULL: none are followed by their
	 * names. */
	int (*desired_of_interfaces)(void *data, const struct named_interfaces *interfaces,
				     struct desired_policy **desired);
	struct plan *hold; /* of a container with a faulty policy: policies_hold() */
	/* The first pass over all veths is done: what comes from now on is held. */
	void (*ready)(void *data);
	/* The engine answers, for the first time or again. May be NULL. */
	void (*synced)(void *data, const struct engine *engine);
	void *data;
};

/* Errors with a message, -EPERM among them. */
int follower_open(sd_event *loop, const struct follower_settings *settings,
		  struct follower **follower);

/* Everything that is attached stays. */
void follower_close(struct follower *follower);

/* Other policies or another configuration: all veths are looked at, in the next passes. */
int follower_reconsider(struct follower *follower, const struct configuration *configuration,
			struct plan *hold);

/* The container that an interface leads to, as far as is known; NULL. */
const struct container *follower_container(const struct follower *follower, uint32_t ifindex);

/* Detaches what it attached, of all containers. */
int follower_detach_all(struct follower *follower);

#endif
