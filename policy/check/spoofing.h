/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules with `spoofed` that cannot mean what they say. */
#ifndef PCTL_SPOOFING_H
#define PCTL_SPOOFING_H

struct policy;
struct diagnostics;

/*
 * Warns of `spoofed` behind rules that let whole protocols pass, of a second rule with it, and of
 * `own` without it. @name: of the policy, in messages. 0 or -ENOMEM.
 */
int spoofing_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

#endif
