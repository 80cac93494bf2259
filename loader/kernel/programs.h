/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading the programs, which is most of the time that an attach takes: at the same time, as far as
 * there are CPUs. */
#ifndef PCTL_PROGRAMS_H
#define PCTL_PROGRAMS_H

#include "generation.h"

struct policy_bpf;

/*
 * Loads the program of each hook in wanted[], to work with the maps and constants of `skeleton`,
 * which was loaded without any program. The descriptors go to fds[], by enum hook, for the caller
 * to close; -1 where none is wanted.
 * @frags: the XDP program says that it takes frames in pieces
 * Returns 0 or what the kernel says to the first that failed, with no descriptor left open;
 * -ENODATA: see skb_constants.h.
 */
int programs_load(const struct policy_bpf *skeleton, const bool wanted[HOOK_COUNT], bool frags,
		  int fds[HOOK_COUNT]);

#endif
