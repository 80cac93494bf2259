/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What packets of a direction the same rules match: the planes of abi.h. They come from the VLANs
 * that rules match on, and from whether a packet is established.
 */
#ifndef PCTL_COMPILE_PLANES_H
#define PCTL_COMPILE_PLANES_H

#include "traits.h"

struct budget;

struct planes {
	/* VLANs that the same rules match. 1 where no rule asks for VLANs. */
	unsigned int count;
	uint16_t examples[PCTL_PLANES_MAX]; /* one VLAN of each; the first is PCTL_VLAN_NONE */
	uint8_t of[PCTL_VLANS]; /* which of them: by enum pctl_vlan */
	/* Whether other rules match established packets, and whether others match where it is
	 * unknown, than those that are not established. By enum pctl_established. */
	bool differs[PCTL_ESTABLISHED_STATES];
	/* In place of that: the outcome of the one rule on established packets, which matches all
	 * of them; else PCTL_NONE. It is the first rule of the direction, or the last. */
	uint32_t decides;
	bool decides_first;
};

/*
 * PCTL_VLAN_UNSEEN is one of the VLANs in direction `from` alone.
 * 0; -ENOMEM; -E2BIG: there are too many, *budget says of which rule.
 */
int planes_find(struct planes *planes, const struct traits *traits, enum pctl_direction direction,
		struct budget *budget);

/* How many enum pctl_established have rules of their own. */
static inline unsigned int planes_states(const struct planes *planes)
{
	return 1u + planes->differs[PCTL_ESTABLISHED_YES] +
	       planes->differs[PCTL_ESTABLISHED_UNKNOWN];
}

#endif
