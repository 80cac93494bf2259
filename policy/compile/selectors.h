/* SPDX-License-Identifier: GPL-2.0-only */
/* Which selectors (enum pctl_selected) a rule matches. */
#ifndef PCTL_SELECTORS_H
#define PCTL_SELECTORS_H

#include "policy.h"

/* Called with inclusive stretches of selectors. A result other than 0 ends the walk. */
typedef int (*selectors_fn)(void *data, uint32_t low, uint32_t high);

/* Calls @fn for each stretch; stretches do not overlap. A rule without selectors has one
 * stretch: all. Returns the result of the last call. */
int selectors_each(const struct rule *rule, selectors_fn fn, void *data);

#endif
