/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that a policy does not use are not loaded. libbpf appends to a program every function
 * that is called anywhere in it. The verifier removes calls that the constants rule out, but the
 * kernel keeps the memory, and Linux 6.1 verifies each of these functions all the same. So the
 * calls are redirected in the object, before libbpf reads it.
 */
#ifndef PCTL_LEFT_OUT_H
#define PCTL_LEFT_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct policy_bpf__rodata;

/*
 * Redirects the calls to functions of unused features. A mistake about what is used makes the
 * kernel refuse the program (kern/verifier.h).
 * @elf: the object in memory, aligned to 8 bytes
 * @constants: those that the program will have
 * @xdp: it is the XDP program
 * Returns 0, -ENOMEM, or -ENOEXEC: it is no object of ours.
 */
int left_out_redirect(void *elf, size_t size, const struct policy_bpf__rodata *constants, bool xdp);

#endif
