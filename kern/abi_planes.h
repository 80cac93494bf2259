/* SPDX-License-Identifier: GPL-2.0-only */
/* Planes: the policy for a VLAN, and for established packets; part of abi.h, which includes it. */
#ifndef PCTL_ABI_PLANES_H
#define PCTL_ABI_PLANES_H

/*
 * The VLAN of a frame is the id of its outermost tag with an id other than 0; a tag with id 0 has
 * only a priority. If rules of a direction match on VLANs, or on established packets, its packets
 * have a *plane*: the policy without the rules that do not match this VLAN and enum
 * pctl_established. `tables` has those of packets without a VLAN that are not established, planes
 * PCTL_FROM and PCTL_TO; `plane_tables` has those of planes. Where one rule is for all established
 * packets, they need no plane of their own: struct pctl_tracking.decides.
 */
enum pctl_vlan {
	PCTL_VLAN_NONE = 0,
	/* 1 to 4095: an id */
	PCTL_VLAN_UNKNOWN = 4096, /* the frame does not tell; matches every deny rule */
	/* XDP does not see a tag in the metadata of the packet. Where a rule that matches on VLANs
	 * comes first, this plane has LEAVE. */
	PCTL_VLAN_UNSEEN = 4097,
	PCTL_VLANS = 4098,
};

#define PCTL_PLANES_MAX 128

/* Value of `vlan_planes`, index enum pctl_established; one element where no rule asks for that. */
struct pctl_planes {
	__u8 of[PCTL_DIRECTIONS][PCTL_VLANS]; /* by enum pctl_vlan */
};

#endif
