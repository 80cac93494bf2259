/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose the interfaces are: as was recorded when a policy was attached for a container (owner.h),
 * and, for what was attached by hand, from a quick look at the engine and at the processes. Where
 * there is no engine nothing is said, and nothing takes longer.
 */
#ifndef PCTL_OWNERS_H
#define PCTL_OWNERS_H

#include "container.h"
#include "endpoint.h"
#include "netlink.h"
#include "owner_words.h"
#include "namespace_containers.h"

struct owners {
	char socket[ENDPOINT_SIZE];
	uint64_t asked_ns; /* when, by clock_monotonic_ns(); 0: not yet */
	struct container *containers;
	size_t container_count;
	struct network *networks;
	size_t network_count;
	struct namespace_container *namespace_containers;
	size_t namespace_container_count;
};

/* @socket: of --docker-socket, may be NULL */
void owners_init(struct owners *owners, const char *socket);
void owners_clear(struct owners *owners);

/*
 * Puts into *owner, which has what was recorded of the interface, what more is known now; version 0
 * stays if that is nothing. May ask, so that no session may be open; what is asked again and again
 * is known for some seconds.
 */
void owners_complete(struct owners *owners, const struct link *link, struct owner *owner);

/* Fills in container and network. */
void owner_describe(struct owner *owner, const struct container *container,
		    const struct network *networks, size_t network_count, const struct link *link);

#endif
