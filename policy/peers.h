/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule says of the address of the other end. */
#ifndef PCTL_PEERS_H
#define PCTL_PEERS_H

#include "sets.h"

/* The address is in one of these or, negated, in none of them. */
struct peers {
	struct prefixes prefixes; /* written in the rule itself */
	const struct set **sets; /* of the rule's policy */
	size_t set_count;
	bool negated;
};

static inline bool peers_given(const struct peers *peers)
{
	return peers->prefixes.count || peers->set_count;
}

void peers_clear(struct peers *peers);
/* A copy that points at the same sets. 0 or -ENOMEM. */
int peers_copy(struct peers *to, const struct peers *from);

#endif
