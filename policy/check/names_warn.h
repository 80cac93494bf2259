/* SPDX-License-Identifier: GPL-2.0-only */
/* Warnings of DNS names as peers whose connections end with the TTL. */
#ifndef PCTL_NAMES_WARN_H
#define PCTL_NAMES_WARN_H

struct diagnostics;
struct policy;

/* Adds a warning, if there is such a rule: the first one. 0 or -ENOMEM. */
int names_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

#endif
