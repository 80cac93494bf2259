/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy becomes the tables that the kernel side reads. */
#ifndef PCTL_COMPILE_H
#define PCTL_COMPILE_H

#include "compiled.h"
#include "policy.h"

/*
 * Compiles a policy; the caller frees the result. Pure: the same policy gives the same bytes.
 * -E2BIG: its tables would be larger than the budget (budget.h); *diagnostics, whose source is
 * @name, says which and names the rules that make them so. -ENOMEM.
 */
int policy_compile(const struct policy *policy, const char *name, struct compiled **compiled,
		   struct diagnostics *diagnostics);

#endif
