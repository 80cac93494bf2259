/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules decide some packet. Exact, except for sets from files: their content is not used,
 * so each membership counts as possible. */
#ifndef PCTL_REACHABLE_H
#define PCTL_REACHABLE_H

#include "classify.h"

struct reachable {
	/* One flag per rule: it decides */
	bool *known; /* a packet with all fields known */
	bool *unknown; /* a packet with unknown protocol or selector */
	bool *peer_unknown; /* a packet with unknown peer */
	bool *frame; /* a frame that is not known to be IP or ARP */
	bool complete; /* false: the search exceeded its budget, and an unmarked rule may still be
			  reached */
	struct classification classes[PCTL_DIRECTIONS];
	unsigned int class_count; /* how many classes there are */
};

/* 0 or -ENOMEM; *reachable is to be cleared in any case. It selects planes of *traits. */
int reachable_find(struct reachable *reachable, struct traits *traits);
void reachable_clear(struct reachable *reachable);

#endif
