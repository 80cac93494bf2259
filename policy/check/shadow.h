/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rule shadows another one. */
#ifndef PCTL_SHADOW_H
#define PCTL_SHADOW_H

#include "reachable.h"

/*
 * The rule that hides rule @shadowed: one before it that covers all its packets if there is one,
 * else the first before it that takes some of them; *alone says which. @shadowed itself: there is
 * none, it matches nothing. 0 or -ENOMEM.
 */
int shadow_find(const struct reachable *reachable, const struct traits *traits, size_t shadowed,
		size_t *by, bool *alone);

/* The first rule, from @first on, that denies in earnest and matches some packets that rule @index
 * matches too; traits->count: there is none. 0 or -ENOMEM. */
int shadow_find_enforced(const struct reachable *reachable, const struct traits *traits,
			 size_t index, size_t first, size_t *found);

#endif
