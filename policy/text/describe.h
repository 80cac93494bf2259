/* SPDX-License-Identifier: GPL-2.0-only */
/* How messages name the rules of a policy. */
#ifndef PCTL_DESCRIBE_H
#define PCTL_DESCRIBE_H

#include "policy.h"

/* `"deny tcp" (line 3)`; without a text, with its id or its number from 1 on. A long rule is
 * cut. Malloc'd, NULL without memory. */
char *describe_rule(const struct policy *policy, size_t index);

#endif
