// SPDX-License-Identifier: GPL-2.0-only
/* The XDP mode by what may be done in the container's network: behind generic mode CAP_NET_ADMIN
 * can get around (docs/architecture.md). */
#include <string.h>

#include "follower_state.h"

/* The powers of those who share a container's network, with its own. */
struct powers {
	const char *owner;
	bool net_admin, unknown, unknown_starts;
};

static void add_power(struct powers *powers, const struct container *container)
{
	powers->net_admin = powers->net_admin || container->power == POWER_NET_ADMIN;
	powers->unknown = powers->unknown || container->power == POWER_UNKNOWN;
}

static int add_guest(void *data, const struct container *container)
{
	struct powers *powers = data;
	const char *owner = container_network_owner(container);

	if (!owner || strcmp(owner, powers->owner) != 0)
		return 0;
	add_power(powers, container);
	/* He may be there before his power is known. */
	if (container->power == POWER_UNKNOWN && !container->running)
		powers->unknown_starts = true;
	return 0;
}

enum mode_choice follow_mode(const struct follower *f, const struct container *container, bool *any)
{
	const struct configuration *configuration = f->settings.configuration;
	struct powers powers = { .owner = container->id };

	*any = false;
	if (!configuration->mode_auto)
		return configuration->mode;
	add_power(&powers, container);
	engine_each(f->engine, add_guest, &powers);
	/* While the engine does not say, it may be there. */
	*any = powers.unknown && !powers.net_admin && !powers.unknown_starts;
	return powers.net_admin || powers.unknown ? MODE_NATIVE : MODE_GENERIC;
}
