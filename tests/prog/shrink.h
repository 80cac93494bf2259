/* SPDX-License-Identifier: GPL-2.0-only */
/* Shrinks a disagreement. */
#ifndef PROG_SHRINK_H
#define PROG_SHRINK_H

#include "case.h"

/* Drops frames, rules, parts of lists and bytes as long as evaluator and programs still
 * disagree. False: the case does not disagree when it is run alone; it is unchanged. */
bool shrink(struct test_case *c);

#endif
