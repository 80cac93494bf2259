/* SPDX-License-Identifier: GPL-2.0-only */
/* Are programs compiled to machine code? */
#ifndef PCTL_CHECKUP_JIT_H
#define PCTL_CHECKUP_JIT_H

struct checkup;

/* Is this program? 1 or 0; -1: the kernel does not say. */
int program_is_jited(int program);

/* The setting, and what the trial of the programs showed: after checkup_kernel(). */
void checkup_jit(struct checkup *checkup);

#endif
