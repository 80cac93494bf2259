/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_LEARNING_POLICY_H
#define PCTL_LEARNING_POLICY_H

#include "policy.h"

#define LEARNING_CONNECTIONS (1u << 17) /* room for confirmed ones; an eighth for the others */

/*
 * A policy of which the kernel keeps connections, and which decides every packet as another does:
 * behind the rules of that one stands one more, with the word `established` and the verdict of the
 * default behind it.
 * @present: NULL: there is none, and all passes
 * 0 and a policy for the caller to free, or -ENOMEM.
 */
int learning_policy(const struct policy *present, struct policy **policy);

#endif
