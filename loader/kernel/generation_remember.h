/* SPDX-License-Identifier: GPL-2.0-only */
/* A step of generation_make(): the maps that no program reads. */
#ifndef PCTL_GENERATION_REMEMBER_H
#define PCTL_GENERATION_REMEMBER_H

#include "generation.h"

struct shape_class;

/* Makes and fills policy_text, rule_ids, owner, own, classes, carried_stats and, last, meta.
 * @classes: generation->meta.class_count of them */
int generation_remember(struct generation *generation, const struct generation_input *input,
			const struct shape_class *classes);

#endif
