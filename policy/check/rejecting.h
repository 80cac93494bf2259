/* SPDX-License-Identifier: GPL-2.0-only */
/* Warnings of rules that reject what is never answered. */
#ifndef PCTL_REJECTING_H
#define PCTL_REJECTING_H

struct diagnostics;
struct policy;

/* Adds a warning for each of them. 0 or -ENOMEM. */
int rejecting_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

#endif
