/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The classes of peer addresses in one direction: two addresses have one class if the same peer
 * lists contain them. The content of sets from files and of live sets does not count.
 */
#ifndef PCTL_PEER_CLASSES_H
#define PCTL_PEER_CLASSES_H

#include "members.h"
#include "traits.h"

struct budget;

#define CLASS_UNKNOWN 0 /* the peer's address is not known */
#define CLASS_OUTSIDE 1 /* in no list */

struct peer_classes {
	/* The prefixes of all lists, sorted, and the class of the addresses that are in no inner
	 * prefix. */
	struct prefixes prefixes;
	uint32_t *classes;
	size_t family_counts[PCTL_FAMILIES];
	uint32_t count; /* of classes */
	uint32_t *occurs; /* per class, a flag: some address has it */
	struct members members; /* the classes of the addresses in each peer list */
};

/* 0, -ENOMEM, or -E2BIG: *budget says why. */
int peer_classes_build(struct peer_classes *classes, const struct traits *traits,
		       enum pctl_direction direction, struct budget *budget);
void peer_classes_clear(struct peer_classes *classes);

#endif
