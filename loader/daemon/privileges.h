/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives up the privileges that a process that follows containers does not need. */
#ifndef PCTL_PRIVILEGES_H
#define PCTL_PRIVILEGES_H

/*
 * For good. Keeps only the capabilities that the work takes (the .c file says why each), sets
 * no-new-privileges, and installs a seccomp filter. The filter refuses with EPERM what this process
 * never does: exec, ptrace, mounts, modules, other namespaces, …
 * To be called when everything that takes more is open, and before there are threads: -EBUSY
 * otherwise. What cannot be given up, on an old kernel, is a notice() and not a failure.
 */
int privileges_drop(void);

/*
 * The same for the process that looks into network namespaces (lookout.h). Keeps CAP_SYS_ADMIN,
 * CAP_SYS_PTRACE and CAP_NET_ADMIN, and only the system calls that it makes: others get EPERM. It
 * may open files for reading, no sockets but netlink, and enter network namespaces, no others. What
 * cannot be given up is a failure.
 */
int privileges_drop_to_look(void);

#endif
