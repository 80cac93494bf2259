/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the policy language. */
#ifndef PCTL_POLICY_PARSE_H
#define PCTL_POLICY_PARSE_H

#include "policy.h"
#include "policy_files.h"

/*
 * Parses a policy in the policy language (docs/policy-language.md).
 * @name: what messages call it, a file name for example
 * @text, @length: need not end in NUL; a NUL inside is an error
 * @files: NULL: sets from files are errors
 * Returns 0 and a policy for the caller to free; -EINVAL when there were errors, the first 20
 * are in *diagnostics; -ENOMEM. Warnings alone do not fail. Rules have no ids yet.
 */
int policy_parse(const char *name, const char *text, size_t length,
		 const struct policy_files *files, struct policy **policy,
		 struct diagnostics *diagnostics);

/* Rules of an option or a label: not a policy by themselves. */
struct policy_text {
	const char *name; /* what messages call it */
	const char *text; /* ends in NUL */
	const struct policy_files *files; /* NULL: sets from files are errors */
	/* What only the operator may say is refused: `mirror`, `own`, `connections`. */
	bool of_label;
};

/*
 * Adds what a text says to a policy: its rules go behind those that are there, its defaults, `own`
 * and `connections` replace those of earlier texts. It can name the sets and rates that the policy
 * has. They have no places, as the policy is of several texts. A text without a statement is an
 * error. On an error the policy is to be thrown away: it has what could be read. 0; -EINVAL,
 * reported; -ENOMEM.
 */
int policy_add_text(struct policy *policy, const struct policy_text *text,
		    struct diagnostics *diagnostics);

#endif
