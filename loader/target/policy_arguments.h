/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy that stands on a command line: --deny, --allow, --default, --policy. */
#ifndef PCTL_POLICY_ARGUMENTS_H
#define PCTL_POLICY_ARGUMENTS_H

#include "command.h"
#include "diagnostics.h"
#include "generation.h"

/* The option rows of the commands that take a whole policy. */
#define POLICY_OPTION_ROWS                                                                     \
	{ "deny", "SPEC", "a rule that drops, may be repeated; first match decides" },         \
		{ "allow", "SPEC", "a rule that passes, may be repeated" },                    \
		{ "policy", "FILE", "rules and defaults from a file in the policy language" }, \
	{                                                                                      \
		"default", "VERDICT", "allow or deny what no rule matches; from:deny, to:deny" \
	}

/*
 * Builds it, rules in the order of the options, compiles it, and prints what is wrong and what is
 * worth a warning. Returns EXIT_DONE and what the caller frees with plan_free(), or an exit status.
 */
int policy_from_arguments(const struct arguments *arguments, struct plan *plan);

/*
 * Compiles plan->policy, and prints the warnings that it deserves, or why its tables would be too
 * large. Returns EXIT_DONE or an exit status.
 * @known: warnings not to print again
 */
int plan_compile(struct plan *plan, const char *name, const struct diagnostics *known);

/* Where it is from: the name of its one file, or "command line". */
const char *policy_arguments_source(const struct arguments *arguments);

/* Was any of the four given? */
bool policy_arguments_given(const struct arguments *arguments);

/* Prints all of them on standard error, the words in colour on a terminal. */
void diagnostics_show(const struct diagnostics *diagnostics);

#endif
