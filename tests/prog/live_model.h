/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of the live sets of a policy, in the kernel and for the evaluator. They follow from the
 * words of each set, so that a case that is kept has them with it: `a3`, `a3.test` and `*.a3.test`
 * are the addresses number 3 of both families (random_numbered()), `known` says that these are all.
 */
#ifndef PROG_LIVE_MODEL_H
#define PROG_LIVE_MODEL_H

#include "generation.h"
#include "policy.h"

void live_model_fill(struct policy *policy, const struct generation *generation);

#endif
