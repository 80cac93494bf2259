/* SPDX-License-Identifier: GPL-2.0-only */
/* Life and death of rules. */
#ifndef PCTL_RULES_H
#define PCTL_RULES_H

#include "policy.h"

void rule_clear(struct rule *rule);

/* 0 or -ENOMEM. */
int rule_copy(struct rule *to, const struct rule *from);

/* Appends *rule, which then is the policy's and left empty; *capacity is the caller's,
 * policy->count at first. 0 or -ENOMEM. */
int policy_append(struct policy *policy, size_t *capacity, struct rule *rule);

#endif
