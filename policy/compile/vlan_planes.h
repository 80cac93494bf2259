/* SPDX-License-Identifier: GPL-2.0-only */
/* VLANs that the same rules of a direction match: the planes of abi.h. */
#ifndef PCTL_VLAN_PLANES_H
#define PCTL_VLAN_PLANES_H

#include "traits.h"

struct budget;

struct vlan_planes {
	unsigned int count; /* 1 where no rule of the direction matches on VLANs */
	uint16_t
		examples[PCTL_PLANES_MAX]; /* one VLAN of each plane; the first is PCTL_VLAN_NONE */
	uint8_t of[PCTL_VLANS]; /* the plane of each enum pctl_vlan */
};

/* PCTL_VLAN_UNSEEN has a plane in direction `from` alone. 0; -ENOMEM; -E2BIG: there are too many,
 * *budget says of which rule. */
int vlan_planes_find(struct vlan_planes *planes, const struct traits *traits,
		     enum pctl_direction direction, struct budget *budget);

#endif
