/* SPDX-License-Identifier: GPL-2.0-only */
/* A disagreement in its smallest form. */
#ifndef PROG_SHRINK_H
#define PROG_SHRINK_H

#include "case.h"

/* Drops frames, rules, parts of lists and bytes as long as evaluator and programs still disagree.
 * A case that does not disagree when it is run alone is left as it is, and false. */
bool shrink(struct test_case *c);

#endif
