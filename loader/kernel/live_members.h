/* SPDX-License-Identifier: GPL-2.0-only */
/* The map `live_members`, which the sets of a network namespace share. Programs read and write it
 * meanwhile. */
#ifndef PCTL_LIVE_MEMBERS_H
#define PCTL_LIVE_MEMBERS_H

#include <stddef.h>

#include "live_maps.h"

/* The programs' clock: PCTL_TICK(). */
uint32_t members_now(void);

struct member_entry {
	struct pctl_member_key key;
	struct pctl_member value;
};

#define MEMBERS_OF_ALL 0xffffffff

/* Reads the members of a set, or of all, in no order. The caller frees *entries. */
int members_read(const struct live_maps *maps, uint32_t number, struct member_entry **entries,
		 size_t *count);

/* Removes the members of a set, which no program asks for any more. */
int members_remove_all(const struct live_maps *maps, uint32_t number);

/* Removes members of sets of DNS names that are over, and ends what is incomplete no longer. */
int members_sweep(const struct live_maps *maps);

/* Writes a member; 1: it is new, 0: it replaced one, -E2BIG: there is no room. */
int members_put(const struct live_maps *maps, const struct pctl_member_key *key,
		const struct pctl_member *value);

/* Removes a member; 1: it was there. */
int members_remove(const struct live_maps *maps, const struct pctl_member_key *key);

#endif
