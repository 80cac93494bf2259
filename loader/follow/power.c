// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "power.h"

#define SHARED "container:"

struct search {
	const struct container *container;
	enum container_power power;
};

bool container_shares_network(const struct container *container)
{
	return !strncmp(container->network_mode, SHARED, strlen(SHARED));
}

static bool shares_with(const struct container *container, const struct container *other)
{
	const char *whose = container->network_mode + strlen(SHARED);

	return container_shares_network(container) &&
	       (!strcmp(whose, other->id) || !strcmp(whose, other->name));
}

static enum container_power stronger(enum container_power a, enum container_power b)
{
	if (a == POWER_NET_ADMIN || b == POWER_NET_ADMIN)
		return POWER_NET_ADMIN;
	return a == POWER_PLAIN ? b : a;
}

static int weigh(void *data, const struct container *other)
{
	struct search *search = data;

	if (shares_with(other, search->container))
		search->power = stronger(search->power, other->power);
	return 0;
}

enum container_power power_over(const struct engine *engine, const struct container *container)
{
	struct search search = { container, container->power };

	engine_each(engine, weigh, &search);
	return search.power;
}
