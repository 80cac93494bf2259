/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of addresses as lists of prefixes. The questions want normalised sets. */
#ifndef PCTL_PREFIXES_H
#define PCTL_PREFIXES_H

#include "prefix.h"

/* Whether @inner is all in @outer. */
bool prefix_holds(const struct prefix *outer, const struct prefix *inner);
bool prefix_is_aligned(const struct prefix *prefix);
/* Clears the bits behind its length. */
void prefix_align(struct prefix *prefix);

/* The first address behind a block, into *address; false: it is the last block of all. */
bool prefix_next(const struct prefix *prefix, struct prefix *address);

/* Appends one; *capacity is the caller's, 0 at first. 0 or -ENOMEM. */
int prefixes_add(struct prefixes *prefixes, size_t *capacity, struct prefix prefix);

/* The one way to write this set: sorted by family and address, what another holds is dropped, what
 * makes one block together is one. */
void prefixes_normalise(struct prefixes *prefixes);

/* 0 or -ENOMEM. */
int prefixes_copy(struct prefixes *to, const struct prefixes *from);

/* How many of each family. */
void prefixes_count(const struct prefixes *prefixes, uint64_t counts[PCTL_FAMILIES]);

/* The prefix of the set that holds all of this one, or NULL. */
const struct prefix *prefixes_find(const struct prefixes *prefixes, const struct prefix *prefix);
/* Whether there is one. */
bool prefixes_hold(const struct prefixes *prefixes, const struct prefix *prefix);
/* Whether @outer holds all of @inner. */
bool prefixes_cover(const struct prefixes *outer, const struct prefixes *inner);
bool prefixes_overlap(const struct prefixes *a, const struct prefixes *b);

#endif
