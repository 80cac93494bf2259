/* SPDX-License-Identifier: GPL-2.0-only */
/* Warns of policies that drop answers by default. */
#ifndef PCTL_ANSWERS_WARN_H
#define PCTL_ANSWERS_WARN_H

#include "traits.h"

struct diagnostics;

/* Each warning names the rule that lets the answers pass. @name: of the policy, for messages.
 * 0 or -ENOMEM. */
int answers_warn(const struct traits *traits, const char *name, struct diagnostics *diagnostics);

#endif
