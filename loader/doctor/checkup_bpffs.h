/* SPDX-License-Identifier: GPL-2.0-only */
/* Which BPF file system the pins are on, why, and whether it can be written. */
#ifndef PCTL_CHECKUP_BPFFS_H
#define PCTL_CHECKUP_BPFFS_H

struct checkup;

void checkup_bpffs(struct checkup *checkup);

/* Does another process hold the lock of the pins? */
void checkup_lock(struct checkup *checkup);

#endif
