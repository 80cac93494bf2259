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
	/* The outcome of the one rule on established packets, if it matches all of them and is the
	 * first rule of the direction, or the last: no plane is needed then. Else PCTL_NONE. */
	uint32_t decides;
	bool decides_first;
};

/*
 * PCTL_VLAN_UNSEEN is one of the VLANs in direction `from` alone.
 * 0; -ENOMEM; -E2BIG: there are too many, *budget says of which rule.
 */
int planes_find(struct planes *planes, const struct traits *traits, enum pctl_direction direction,
		struct budget *budget);

/* Whether packets of this state have planes of their own. */
static inline bool planes_has_state(const struct planes *planes, enum pctl_established established)
{
	return planes->differs[established] && !planes->decides;
}

/* How many enum pctl_established have planes of their own. */
static inline unsigned int planes_states(const struct planes *planes)
{
	return 1u + planes_has_state(planes, PCTL_ESTABLISHED_YES) +
	       planes_has_state(planes, PCTL_ESTABLISHED_UNKNOWN);
}

#endif
