// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "net_admin.h"

/* A capability counts in the user namespace that the container got when it was made. What the
 * engine says of that cannot be changed from inside, as what /proc says could. */
static enum net_admin userns_admin(struct engine *engine, const struct container *container)
{
	if (container->userns == USERNS_OWN)
		return NET_ADMIN_NONE;
	if (container->userns != USERNS_OF_ENGINE)
		return NET_ADMIN_OF_HOST;
	switch (engine_userns(engine)) {
	case ENGINE_USERNS_UNKNOWN:
		return NET_ADMIN_UNKNOWN;
	case ENGINE_USERNS_OWN:
		return NET_ADMIN_NONE;
	case ENGINE_USERNS_HOST:
		break;
	}
	return NET_ADMIN_OF_HOST;
}

enum net_admin net_admin_of_one(struct engine *engine, const struct container *container)
{
	switch (container->power) {
	case POWER_PLAIN:
		return NET_ADMIN_NONE;
	case POWER_UNKNOWN:
		return container->userns == USERNS_OWN ? NET_ADMIN_NONE : NET_ADMIN_UNKNOWN;
	case POWER_NET_ADMIN:
		break;
	}
	return userns_admin(engine, container);
}

struct search {
	struct engine *engine;
	const char *owner; /* id of the container whose network it is */
	enum net_admin most;
};

static int add(void *data, const struct container *container)
{
	struct search *search = data;
	const char *owner = container_network_owner(container);
	enum net_admin admin;

	if (strcmp(owner ?: container->id, search->owner) != 0)
		return 0;
	admin = net_admin_of_one(search->engine, container);
	search->most = admin > search->most ? admin : search->most;
	return 0;
}

enum net_admin net_admin_of(struct engine *engine, const struct container *container)
{
	struct search search = { .engine = engine, .owner = container->id };

	engine_each(engine, add, &search);
	return search.most;
}
