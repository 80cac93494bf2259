/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules decide some packet. Exact, but for sets from files: what is in them is not looked at,
 * so that all memberships in them count as possible. */
#ifndef PCTL_REACHABLE_H
#define PCTL_REACHABLE_H

#include "classify.h"

struct reachable {
	/* One flag per rule: it decides … */
	bool *known; /* … a packet of which everything is known */
	bool *unknown; /* … one whose protocol or selector is not known */
	bool *peer_unknown; /* … one whose peer is not known, whatever else is */
	bool *frame; /* … a frame that is not known to be IP or ARP */
	bool complete; /* false: it was too much to find out, and a rule that is not marked may be
			* reached all the same */
	struct classification classes[PCTL_DIRECTIONS];
	unsigned int class_count; /* how many of these there are */
};

/* 0 or -ENOMEM; *reachable is to be cleared in any case. */
int reachable_find(struct reachable *reachable, const struct traits *traits);
void reachable_clear(struct reachable *reachable);

#endif
