/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The constants of kern/abi.h that stand in instructions: where the running kernel keeps the fields
 * of struct sk_buff that tc programs read, by its BTF. It is parsed once in a process (7 ms).
 */
#ifndef PCTL_SKB_CONSTANTS_H
#define PCTL_SKB_CONSTANTS_H

struct bpf_program;

/*
 * Puts the constants into the instructions of a program that is not loaded yet. May be called by
 * several threads. -ENODATA: the kernel has no BTF, or struct sk_buff is not as it should be.
 */
int skb_constants_place(struct bpf_program *program);

#endif
