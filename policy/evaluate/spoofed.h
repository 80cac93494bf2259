/* SPDX-License-Identifier: GPL-2.0-only */
/* Is what a packet from a container says of its sender the container's own? The reference for
 * `spoofed`. */
#ifndef PCTL_SPOOFED_H
#define PCTL_SPOOFED_H

#include "packet_fields.h"

/* The first thing that is not the container's own, or not known to be. */
enum claim {
	CLAIM_OWN, /* everything is: not spoofed */
	CLAIM_UNKNOWN, /* what it claims cannot be read */
	CLAIM_MAC, /* the source MAC of the frame */
	CLAIM_SOURCE, /* the IP source */
	CLAIM_ARP, /* the sender of an ARP packet, or what an ARP probe asks for */
	CLAIM_DISCOVERY, /* the target or a link-layer address of neighbour discovery */
};

enum claim claim_check(const struct pctl_own *own, const struct packet_fields *fields);

#endif
