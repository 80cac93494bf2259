/* SPDX-License-Identifier: GPL-2.0-only */
/* Which element of `live_sets` a live set has: found by its definition, or a free one. */
#ifndef PCTL_LIVE_REGISTRY_H
#define PCTL_LIVE_REGISTRY_H

#include "live_definition.h"
#include "live_maps.h"

/*
 * Finds the element of a set, or takes a free one. *hold keeps it from being freed: closed when the
 * set's number is in a pinned generation, or not wanted any more.
 * @shared: NULL: nothing is pinned, and *hold stays -1
 * @maps: live_maps_get(); the lock is held
 * -E2BIG: all elements are in use.
 */
int live_registry_get(const char *shared, const struct live_maps *maps,
		      const struct live_definition *definition, uint32_t *number, int *hold);

/*
 * Frees the sets that no generation has, with their members, and removes members that are over; the
 * maps too when the last set goes. The lock of the pins is held. Failures are told by notice(): the
 * next command tries again.
 */
void live_registry_tidy(const char *shared);

#endif
