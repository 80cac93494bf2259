/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the kernel, as files below /proc/sys have them. */
#ifndef PCTL_SYSCTL_H
#define PCTL_SYSCTL_H

#define SYSCTL "/proc/sys/"

/* The one number in a file. -1: it is not there or may not be read. */
long sysctl_read(const char *path);

/* The same for a setting of the whole machine that only the first network namespace shows. */
long sysctl_read_global(const char *path);

#endif
