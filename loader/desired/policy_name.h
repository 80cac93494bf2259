/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of policies: NAME is the file NAME.policy of the policy directory. */
#ifndef PCTL_POLICY_NAME_H
#define PCTL_POLICY_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define POLICY_NAME_MAX 64
#define POLICY_NAME_SUFFIX ".policy"
#define POLICY_NAME_RULE "letters, digits, '.', '_' and '-', not '.' first, 64 at most"

/* A name is no path: a label cannot name a file outside of the policy directory. */
bool policy_name_is_good(const char *name, size_t length);

/* The length of a name that is written with its suffix, as that of a file, without it; 0: it has
 * none. */
size_t policy_name_without_suffix(const char *name);

#endif
