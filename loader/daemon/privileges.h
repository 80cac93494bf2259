/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives up what a process that follows containers does not need. */
#ifndef PCTL_PRIVILEGES_H
#define PCTL_PRIVILEGES_H

/*
 * For good: all capabilities but those that the work takes (which, and why each, stands in the .c
 * file), no-new-privileges, and a seccomp filter that refuses with EPERM what it never does (exec,
 * ptrace, mounts, modules, other namespaces, …). Called when all is open that takes more, and
 * before there are threads: -EBUSY otherwise. What cannot be given up (an old kernel) is told with
 * notice() and is not a failure.
 */
int privileges_drop(void);

#endif
