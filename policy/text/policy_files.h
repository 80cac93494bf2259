/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets that stand in files. */
#ifndef PCTL_POLICY_FILES_H
#define PCTL_POLICY_FILES_H

#include "sets.h"

struct diagnostics;

/*
 * How the parser gets at sets that stand in files: it opens none itself.
 * @load: gets a set that has name, path and place. It fills in path (absolute, in place of what
 * was written), counts and digest; prefixes and loaded too if it reads the addresses, with
 * prefixes_parse(). Returns 0; -EINVAL when *diagnostics says what is wrong in the file; another
 * negative errno when the file cannot be read, which the parser reports at the path; -ESPIPE: it is
 * not a regular file.
 * @name: of the policy, as policy_parse() has it
 */
struct policy_files {
	int (*load)(void *data, const char *name, struct set *set, struct diagnostics *diagnostics);
	void *data;
};

#endif
