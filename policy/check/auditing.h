/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules with `audit` that pass what would be dropped without them. */
#ifndef PCTL_AUDITING_H
#define PCTL_AUDITING_H

#include "reachable.h"

struct diagnostics;

/* Warns of the first ones. @name: of the policy, in messages. 0 or -ENOMEM. */
int auditing_warn(const struct reachable *reachable, const struct traits *traits, const char *name,
		  struct diagnostics *diagnostics);

#endif
