/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy that a command is given (policy_arguments.h), with messages and exit statuses. */
#ifndef PCTL_PLAN_ARGUMENTS_H
#define PCTL_PLAN_ARGUMENTS_H

#include "policy_arguments.h"

/* policy_from_arguments(). Prints what is wrong and what deserves a warning. Returns EXIT_DONE and
 * what the caller frees with plan_free(), or EXIT_USAGE or EXIT_FAILED. */
int plan_from_arguments(const struct arguments *arguments, struct plan *plan);

/*
 * Prints the diagnostics but those that are @known (may be NULL), and clears them.
 * @error: what parsing or compiling a policy returned
 * Returns EXIT_DONE, EXIT_USAGE where the policy is bad, or EXIT_FAILED with a message.
 */
int plan_status(int error, struct diagnostics *diagnostics, const struct diagnostics *known);

#endif
