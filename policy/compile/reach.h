/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules decide some packet. Exact, but for sets from files: what is in them is not looked at,
 * so that all memberships in them count as possible. */
#ifndef PCTL_REACH_H
#define PCTL_REACH_H

#include "classify.h"

struct reach {
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

/* 0 or -ENOMEM; *reach is to be cleared in any case. */
int reach_find(struct reach *reach, const struct traits *traits);
void reach_clear(struct reach *reach);

#endif
