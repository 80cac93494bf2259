/* SPDX-License-Identifier: GPL-2.0-only */
/* Warnings of rates that TCP does not get along with. */
#ifndef PCTL_LIMITS_WARN_H
#define PCTL_LIMITS_WARN_H

struct diagnostics;
struct policy;

/* Adds a warning for each of them. 0 or -ENOMEM. */
int limits_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

#endif
