/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a policy can mean what it says. */
#ifndef PCTL_CHECK_H
#define PCTL_CHECK_H

#include "policy.h"

/*
 * Warns of rules that are never reached, naming the rule that shadows them; of defaults that drop
 * the answers to what passes in the other direction; of rules that stop neighbour discovery.
 * @name: of the policy, for messages
 * Returns 0, or -ENOMEM.
 */
int policy_check(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

#endif
