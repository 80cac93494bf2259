// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "engine_ask.h"
#include "error.h"
#include "owners.h"
#include "util.h"

#define TIMEOUT_MS 500
#define FRESH_NS (5 * NS_PER_SECOND) /* a live view sees a new container soon enough */

/* --- asking --- */

void owners_init(struct owners *owners, const char *socket)
{
	*owners = (struct owners){};
	if (endpoint_find(socket, owners->socket))
		owners->socket[0] = '\0';
	error_clear();
}

static void forget(struct owners *owners)
{
	containers_free(owners->containers, owners->container_count);
	networks_free(owners->networks, owners->network_count);
	free(owners->namespace_containers);
	owners->containers = NULL;
	owners->networks = NULL;
	owners->namespace_containers = NULL;
	owners->container_count = owners->network_count = owners->namespace_container_count = 0;
}

void owners_clear(struct owners *owners)
{
	forget(owners);
	*owners = (struct owners){};
}

static void ask(struct owners *owners)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;

	if (owners->asked_ns && clock_monotonic_ns() - owners->asked_ns < FRESH_NS)
		return;
	forget(owners);
	if (owners->socket[0] && !access(owners->socket, W_OK) &&
	    !engine_ask_containers(owners->socket, TIMEOUT_MS, &owners->containers,
				   &owners->container_count) &&
	    !engine_ask_networks(owners->socket, TIMEOUT_MS, &owners->networks,
				 &owners->network_count) &&
	    !nl_open(&nl))
		namespace_containers_read(nl, -1, &owners->namespace_containers,
					  &owners->namespace_container_count);
	error_clear();
	owners->asked_ns = clock_monotonic_ns();
}

/* --- finding --- */

static const struct container *container_with(const struct owners *owners, const char *id)
{
	for (size_t i = 0; i < owners->container_count; i++)
		if (!strcmp(owners->containers[i].id, id))
			return &owners->containers[i];
	return NULL;
}

/* Whose the namespace is: of several that share it, not who joined. */
static const struct container *container_in(const struct owners *owners, int32_t nsid)
{
	const struct container *found = NULL;

	for (size_t i = 0; i < owners->namespace_container_count; i++) {
		const struct namespace_container *namespace_container =
			&owners->namespace_containers[i];
		const struct container *container;

		if (namespace_container->nsid != nsid)
			continue;
		container = container_with(owners, namespace_container->container);
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

void owner_describe(struct owner *owner, const struct container *container,
		    const struct network *networks, size_t network_count, const struct link *link)
{
	const struct network *network = network_of(networks, network_count, link);

	owner->version = OWNER_VERSION;
	snprintf(owner->container, sizeof(owner->container), "%s", container->id);
	snprintf(owner->name, sizeof(owner->name), "%s", container->name ?: "");
	if (network)
		snprintf(owner->network, sizeof(owner->network), "%s", network->name);
}

void owners_complete(struct owners *owners, const struct link *link, struct owner *owner)
{
	const struct container *container;

	if (owner_is(owner) && owner->manager != OWNER_NOBODY)
		return; /* which keeps it current */
	if (!owner_is(owner) && (strcmp(link->kind, "veth") != 0 || link->peer_nsid < 0))
		return;
	ask(owners);
	container = owner_is(owner) ? container_with(owners, owner->container)
				    : container_in(owners, link->peer_nsid);
	if (container)
		owner_describe(owner, container, owners->networks, owners->network_count, link);
}
