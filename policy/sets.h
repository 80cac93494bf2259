/* SPDX-License-Identifier: GPL-2.0-only */
/* Life and death of sets, and their places in a policy. */
#ifndef PCTL_SETS_H
#define PCTL_SETS_H

#include "policy.h"

void set_free(struct set *set);

static inline void set_freep(struct set **set) /* for _cleanup_ */
{
	set_free(*set);
}

/* A deep copy, or NULL without memory. */
struct set *set_copy(const struct set *set);

/* The number of the policy's set of this name, which need not end in NUL; policy->set_count: it has
 * none. */
size_t policy_find_set(const struct policy *policy, const char *name, size_t length);

/* Appends a set, which then is the policy's. 0 or -ENOMEM. */
int policy_add_set(struct policy *policy, struct set *set);

#endif
