/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules keep their ids as long as they print alike. */
#ifndef PCTL_IDS_H
#define PCTL_IDS_H

#include "policy.h"

/*
 * Gives ids to rules that have none. A rule that stands in @previous (may be NULL) too keeps its id
 * from there, each at most once; the others get fresh ones, above all that @previous ever gave.
 *
 * Returns 0, -ENOMEM, or -EOVERFLOW when no ids are left.
 */
int policy_assign_ids(struct policy *policy, const struct policy *previous);

/* Removes the ids of all rules, so that another attachment can give its own. */
void policy_forget_ids(struct policy *policy);

#endif
