/* SPDX-License-Identifier: GPL-2.0-only */
/* How messages about a whole policy call its rules. */
#ifndef PCTL_DESCRIBE_H
#define PCTL_DESCRIBE_H

#include "policy.h"

/* `"deny tcp" (line 3)`, or by its id or its number from 1 where there was no text. A long one is
 * cut. Malloc'd, NULL without memory. */
char *describe_rule(const struct policy *policy, size_t index);

#endif
