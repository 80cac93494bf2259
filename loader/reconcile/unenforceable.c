// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "unenforceable.h"

static const struct network *find_network(const struct engine *engine, const char *name)
{
	size_t count;
	const struct network *networks = engine_networks(engine, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(networks[i].name, name))
			return &networks[i];
	return NULL;
}

/* A network whose containers are not reached through a veth. */
static const struct network *other_network(const struct engine *engine,
					   const struct container *container)
{
	for (size_t i = 0; i < container->network_count; i++) {
		const struct network *network = find_network(engine, container->networks[i]);

		if (network && strcmp(network->driver, "bridge") != 0)
			return network;
	}
	return NULL;
}

bool unenforceable(const struct engine *engine, const struct container *container, char *why,
		   size_t size)
{
	const char *mode = container->network_mode, *owner = container_network_owner(container);
	const struct network *other;

	if (!strcmp(mode, "host")) {
		snprintf(why, size, "it is on the host's network: there is no veth");
		return true;
	}
	if (owner) {
		snprintf(why, size, "it shares the network of %.12s: that one's policy holds",
			 owner);
		return true;
	}
	other = strcmp(mode, "none") != 0 ? other_network(engine, container) : NULL;
	if (!other)
		return false;
	snprintf(why, size, "network %s is of driver %s: there is no veth", other->name,
		 other->driver);
	return true;
}
