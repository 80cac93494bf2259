/* SPDX-License-Identifier: GPL-2.0-only */
/* The hooks of one attachment. */
#ifndef PCTL_CHECKUP_HOOKS_H
#define PCTL_CHECKUP_HOOKS_H

struct attachment;
struct checkup;

void checkup_hooks(struct checkup *checkup, const struct attachment *attachment);

#endif
