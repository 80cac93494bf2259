/* SPDX-License-Identifier: GPL-2.0-only */
/* The file system that the store needs. */
#ifndef PCTL_CHECKUP_BPFFS_H
#define PCTL_CHECKUP_BPFFS_H

#include <limits.h>
#include <stdbool.h>

struct findings;

/* Puts into *where on which directory a BPF file system has to be mounted for the store; is one? */
bool bpffs_find(char where[PATH_MAX]);

void checkup_bpffs(struct findings *findings);

#endif
