// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "container_lookup.h"
#include "engine_ask.h"
#include "error.h"
#include "util.h"

#define TIMEOUT_MS 500
#define FRESH_NS (5 * NS_PER_SECOND) /* a live view sees a new container soon enough */

/* --- asking --- */

void container_lookup_init(struct container_lookup *lookup, const char *socket)
{
	*lookup = (struct container_lookup){};
	if (endpoint_find(socket, lookup->socket))
		lookup->socket[0] = '\0';
	error_clear();
}

static void forget(struct container_lookup *lookup)
{
	containers_free(lookup->containers, lookup->container_count);
	networks_free(lookup->networks, lookup->network_count);
	free(lookup->namespace_containers);
	lookup->containers = NULL;
	lookup->networks = NULL;
	lookup->namespace_containers = NULL;
	lookup->container_count = lookup->network_count = lookup->namespace_container_count = 0;
}

void container_lookup_clear(struct container_lookup *lookup)
{
	forget(lookup);
	*lookup = (struct container_lookup){};
}

static void ask(struct container_lookup *lookup)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;

	if (lookup->asked_ns && clock_monotonic_ns() - lookup->asked_ns < FRESH_NS)
		return;
	forget(lookup);
	if (lookup->socket[0] && !access(lookup->socket, W_OK) &&
	    !engine_ask_containers(lookup->socket, TIMEOUT_MS, &lookup->containers,
				   &lookup->container_count) &&
	    !engine_ask_networks(lookup->socket, TIMEOUT_MS, &lookup->networks,
				 &lookup->network_count) &&
	    !nl_open(&nl))
		namespace_containers_read(nl, -1, &lookup->namespace_containers,
					  &lookup->namespace_container_count);
	error_clear();
	lookup->asked_ns = clock_monotonic_ns();
}

/* --- finding --- */

static const struct container *container_with(const struct container_lookup *lookup, const char *id)
{
	for (size_t i = 0; i < lookup->container_count; i++)
		if (!strcmp(lookup->containers[i].id, id))
			return &lookup->containers[i];
	return NULL;
}

/* The container that the namespace was made for: of several that share it, none that joined. What
 * is named below a container that the engine knows names nothing (reconcile/claims.h). */
static const struct container *container_in(const struct container_lookup *lookup, int32_t nsid)
{
	const struct container *found = NULL, *outer = NULL;

	for (size_t i = 0; i < lookup->namespace_container_count; i++) {
		const struct namespace_container *namespace_container =
			&lookup->namespace_containers[i];
		const struct container *container;

		if (namespace_container->nsid != nsid)
			continue;
		if (!namespace_container->depth)
			outer = NULL;
		container = container_with(lookup, namespace_container->container);
		if (outer || namespace_container->disputed)
			continue;
		outer = container;
		if (container && !container_network_owner(container))
			return container;
		found = found ?: container;
	}
	return found;
}

static const struct network *network_of(const struct network *networks, size_t count,
					const struct link *link)
{
	char bridge[IF_NAMESIZE];

	if (!link->master || !if_indextoname(link->master, bridge))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(networks[i].bridge, bridge))
			return &networks[i];
	return NULL;
}

void owner_of_container(struct owner *owner, const struct container *container,
			const struct network *networks, size_t network_count,
			const struct link *link)
{
	const struct network *network = network_of(networks, network_count, link);

	owner->version = OWNER_VERSION;
	snprintf(owner->container, sizeof(owner->container), "%s", container->id);
	owner_set(owner->name, sizeof(owner->name), container->name ?: "");
	if (network)
		owner_set(owner->network, sizeof(owner->network), network->name);
}

void container_lookup_complete(struct container_lookup *lookup, const struct link *link,
			       struct owner *owner)
{
	const struct container *container;

	if (owner_is(owner) && owner->manager != OWNER_NOBODY)
		return; /* daemon or sidecar keeps the record current */
	if (!owner_is(owner) && (strcmp(link->kind, "veth") != 0 || link->peer_nsid < 0))
		return;
	ask(lookup);
	container = owner_is(owner) ? container_with(lookup, owner->container)
				    : container_in(lookup, link->peer_nsid);
	if (container)
		owner_of_container(owner, container, lookup->networks, lookup->network_count, link);
}
