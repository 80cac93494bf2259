/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel can do: asked feature by feature, and by loading all three programs. */
#ifndef PCTL_CHECKUP_KERNEL_H
#define PCTL_CHECKUP_KERNEL_H

struct checkup;

void checkup_kernel(struct checkup *checkup);

#endif
