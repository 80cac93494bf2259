/* SPDX-License-Identifier: GPL-2.0-only */
/* Which selectors (enum pctl_selected) a rule speaks of. */
#ifndef PCTL_SELECTORS_H
#define PCTL_SELECTORS_H

#include "policy.h"

/* Called with inclusive stretches of selectors; what it returns ends the walk unless it is 0. */
typedef int (*selectors_fn)(void *data, uint32_t low, uint32_t high);

/* Calls @fn for each stretch; they do not overlap. A rule that asks for none has one: all. Returns
 * what the last call did. */
int selectors_each(const struct rule *rule, selectors_fn fn, void *data);

#endif
