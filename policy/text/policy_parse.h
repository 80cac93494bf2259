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

#endif
