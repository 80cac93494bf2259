/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The classes of the peer's addresses in one direction: two addresses are of one class if the same
 * peer lists hold them. What sets from files hold is not part of it.
 */
#ifndef PCTL_PEER_CLASSES_H
#define PCTL_PEER_CLASSES_H

#include "members.h"
#include "traits.h"

struct budget;

#define CLASS_UNKNOWN 0 /* the peer's address is not known */
#define CLASS_OUTSIDE 1 /* in no list */

struct peer_classes {
	/* The prefixes of all lists, sorted, and the class of what is in no inner one. */
	struct prefixes prefixes;
	uint32_t *classes;
	size_t family_counts[PCTL_FAMILIES];
	uint32_t count; /* of classes */
	uint32_t *occurs; /* per class, a flag: some address is of it */
	struct members members; /* the classes of the addresses in each peer list */
};

/* 0, -ENOMEM, or -E2BIG: *budget says why. */
int peer_classes_build(struct peer_classes *classes, const struct traits *traits,
		       enum pctl_direction direction, struct budget *budget);
void peer_classes_clear(struct peer_classes *classes);

#endif
