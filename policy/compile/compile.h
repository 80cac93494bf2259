/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy becomes the tables that the kernel side reads. */
#ifndef PCTL_COMPILE_H
#define PCTL_COMPILE_H

#include "compiled.h"
#include "policy.h"

/*
 * Compiles a policy; the caller frees the result. Pure: the same policy gives the same bytes.
 * -E2BIG: its tables would exceed the budget (policy/compile/budget.h). *diagnostics, whose source
 * is @name, names the table and the rules that make it so large. -ENOMEM.
 */
int policy_compile(const struct policy *policy, const char *name, struct compiled **compiled,
		   struct diagnostics *diagnostics);

#endif
