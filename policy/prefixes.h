/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of addresses as lists of blocks. */
#ifndef PCTL_PREFIXES_H
#define PCTL_PREFIXES_H

#include <stddef.h>

#include "prefix.h"

/* What this library makes is normalised: sorted by family and address, no block overlaps another,
 * and two blocks that make one block together are one. */
struct prefixes {
	struct prefix *items;
	size_t count;
};

/* Appends one. The caller keeps *capacity, 0 at first. 0 or -ENOMEM. */
int prefixes_add(struct prefixes *prefixes, size_t *capacity, struct prefix prefix);

/* Appends the blocks from one address to another, both included, of one family: at most 254 of
 * them. Likewise. */
int prefixes_add_range(struct prefixes *prefixes, size_t *capacity, struct prefix first,
		       struct prefix last);

void prefixes_normalise(struct prefixes *prefixes);

/* 0 or -ENOMEM. */
int prefixes_copy(struct prefixes *to, const struct prefixes *from);
void prefixes_clear(struct prefixes *prefixes);

/* How many blocks there are of each family. */
void prefixes_count(const struct prefixes *prefixes, uint64_t counts[PCTL_FAMILIES]);

bool prefixes_equal(const struct prefixes *a, const struct prefixes *b);

/* The following want normalised sets. */

/* The block of the set that holds all of @prefix, or NULL. */
const struct prefix *prefixes_find(const struct prefixes *prefixes, const struct prefix *prefix);
/* Whether there is one. */
bool prefixes_hold(const struct prefixes *prefixes, const struct prefix *prefix);
/* Whether @outer holds all of @inner. */
bool prefixes_cover(const struct prefixes *outer, const struct prefixes *inner);
/* A block of the set that overlaps with @prefix, or NULL. */
const struct prefix *prefixes_find_overlap(const struct prefixes *prefixes,
					   const struct prefix *prefix);
bool prefixes_overlap(const struct prefixes *a, const struct prefixes *b);

#endif
