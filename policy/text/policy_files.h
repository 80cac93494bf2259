/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets that stand in files. */
#ifndef PCTL_POLICY_FILES_H
#define PCTL_POLICY_FILES_H

#include "sets.h"

struct diagnostics;

/*
 * How the parser reads sets from files: it opens none itself.
 * @load: gets a set with name, path and place. It fills in path (absolute, replacing the one in the
 * text), counts and digest. If it reads the addresses, with prefixes_parse(), it fills in prefixes
 * and loaded too. Returns 0; -EINVAL when *diagnostics says what is wrong in the file; -ESPIPE when
 * it is not a regular file; another negative errno when it cannot be read. The parser reports the
 * last two at the path.
 * @name: of the policy, as policy_parse() has it
 */
struct policy_files {
	int (*load)(void *data, const char *name, struct set *set, struct diagnostics *diagnostics);
	void *data;
};

#endif
