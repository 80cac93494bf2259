/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_SHAPE_H
#define PCTL_CHECKUP_SHAPE_H

#include "attachment.h"
#include "checkup.h"

/* Do packets wait where the policy says `shape`? */
void checkup_shape(struct checkup *checkup, const struct attachment *attachment);

/* Has the kernel what that takes? A note if not: other rules do without it. */
void checkup_shape_kernel(struct checkup *checkup, const char *release);

#endif
