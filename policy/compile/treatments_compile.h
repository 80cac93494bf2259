/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_TREATMENTS_COMPILE_H
#define PCTL_TREATMENTS_COMPILE_H

#include "compiled.h"
#include "policy.h"

/* Fills in what rules and defaults do beside their verdict. 0 or -ENOMEM. */
int treatments_compile(struct compiled *compiled, const struct policy *policy);

/* The buckets of a policy, and no tables, for the caller to free. 0 or -ENOMEM. */
int policy_buckets(const struct policy *policy, struct compiled **compiled);

/* Whether something is done beside the verdict in this direction. */
bool treatments_given(const struct compiled *compiled, enum pctl_direction direction);

#endif
