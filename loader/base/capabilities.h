/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the caller is allowed to do. policyctl needs CAP_BPF (programs, maps, pins), CAP_NET_ADMIN
 * (XDP and tc attachment), CAP_PERFMON (the verifier otherwise refuses the programs' pointer
 * arithmetic) and, to mount bpffs or look into other network namespaces, CAP_SYS_ADMIN.
 */
#ifndef PCTL_CAPABILITIES_H
#define PCTL_CAPABILITIES_H

#include <stdbool.h>

/* Checks for what every command that talks to the kernel needs. -EPERM names what is missing. */
int capabilities_check(void);

/* Has the caller this capability (CAP_… of <linux/capability.h>)? */
bool capabilities_have(int capability);

/*
 * Puts a failed system call into words, "what: reason", and where the reason is a missing
 * capability or too little locked memory, says so. Returns `error`.
 */
int capabilities_explain(int error, const char *what);

#endif
