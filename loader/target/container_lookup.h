/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which container an interface belongs to. The record of the attachment says it (owner.h), where a
 * policy was attached for a container. For what was attached by hand the engine and the processes
 * are asked, briefly. Without an engine nothing is found, and nothing takes longer.
 */
#ifndef PCTL_CONTAINER_LOOKUP_H
#define PCTL_CONTAINER_LOOKUP_H

#include "container.h"
#include "endpoint.h"
#include "netlink.h"
#include "owner_words.h"
#include "namespace_containers.h"

struct container_lookup {
	char socket[ENDPOINT_SIZE];
	uint64_t asked_ns; /* when, by clock_monotonic_ns(); 0: not yet */
	struct container *containers;
	size_t container_count;
	struct network *networks;
	size_t network_count;
	struct namespace_container *namespace_containers;
	size_t namespace_container_count;
};

/* @socket: as given by --docker-socket; NULL: the default */
void container_lookup_init(struct container_lookup *lookup, const char *socket);
void container_lookup_clear(struct container_lookup *lookup);

/*
 * Adds to *owner, which is the record of the interface or empty, what is known of its container
 * now. Version 0 stays if nothing is. May ask the engine, so no session may be open; answers are
 * kept for some seconds.
 */
void container_lookup_complete(struct container_lookup *lookup, const struct link *link,
			       struct owner *owner);

/* Fills in container and network of a record. */
void owner_of_container(struct owner *owner, const struct container *container,
			const struct network *networks, size_t network_count,
			const struct link *link);

#endif
