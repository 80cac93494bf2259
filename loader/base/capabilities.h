/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the caller is allowed to do. policyctl needs CAP_BPF (programs, maps, pins), CAP_NET_ADMIN
 * (XDP and tc attachment), CAP_PERFMON (the verifier otherwise refuses the programs' pointer
 * arithmetic) and, to mount bpffs or look into other network namespaces, CAP_SYS_ADMIN.
 */
#ifndef PCTL_CAPABILITIES_H
#define PCTL_CAPABILITIES_H

#include <stdbool.h>

/* Checks the capabilities that every command needs that talks to the kernel. -EPERM with a message
 * that names the missing ones. */
int capabilities_check(void);

/* Has the caller this capability (CAP_… of <linux/capability.h>)? */
bool capabilities_have(int capability);

/*
 * Sets the message for a failed system call, "what: reason". The reason names missing capabilities,
 * and the limit of locked memory where that may be the cause. Returns `error`.
 */
int capabilities_explain(int error, const char *what);

#endif
