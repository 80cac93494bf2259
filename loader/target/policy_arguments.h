/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy of a command line: --deny, --reject, --allow, --rule, --policy, --default. Nothing
 * here prints. */
#ifndef PCTL_POLICY_ARGUMENTS_H
#define PCTL_POLICY_ARGUMENTS_H

#include "arguments.h"
#include "diagnostics.h"
#include "generation.h"

/* The option rows of the commands that take a whole policy. */
#define POLICY_OPTION_ROWS                                                                     \
	{ "deny", "SPEC", "a rule that drops, may be repeated; first match decides" },         \
		{ "reject", "SPEC", "likewise, and the sender is told" },                      \
		{ "allow", "SPEC", "a rule that passes, may be repeated" },                    \
		{ "rule", "TEXT",                                                              \
		  "rules in the policy language, separated by ';', may be repeated" },         \
		{ "policy", "FILE", "rules and defaults from a file in the policy language" }, \
		{ "default", "VERDICT",                                                        \
		  "allow, deny or reject what no rule matches; from:deny, to:deny" },          \
	{                                                                                      \
		"audit", NULL, "enforce nothing: count and tell what would be dropped"         \
	}

/*
 * Builds it, with the rules in the order of the options, and compiles it. *diagnostics gets what is
 * wrong and what deserves a warning.
 * Returns 0 and what the caller frees with plan_free(); -EINVAL: there are errors among the
 * diagnostics; -E2BIG: its tables would be too large, which a diagnostic says; -ENOMEM.
 */
int policy_from_arguments(const struct arguments *arguments, struct plan *plan,
			  struct diagnostics *diagnostics);

/* Compiles plan->policy. @name: of the policy, for the diagnostics. Returns 0, -E2BIG or -ENOMEM as
 * above. */
int plan_compile(struct plan *plan, const char *name, struct diagnostics *diagnostics);

/* What the policy is from: the name of its one file, or "command line". */
const char *policy_arguments_source(const struct arguments *arguments);

/* Was any of these given, `audit` aside? */
bool policy_arguments_given(const struct arguments *arguments);

#endif
