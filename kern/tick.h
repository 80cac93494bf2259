/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock of connections and of live sets: PCTL_TICK(). */
#ifndef PCTL_TICK_H
#define PCTL_TICK_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* The last tick that was read, and above it the low half of the jiffies it was read in. It is not
 * read again in the same: that needs no call of a helper. 0: none was read. */
volatile __u64 last_tick;

static __always_inline __u32 current_tick(void)
{
	__u32 jiffies = bpf_jiffies64(), now;
	__u64 last = last_tick;

	if (last && last >> 32 == jiffies)
		return last;
	now = PCTL_TICK(bpf_ktime_get_coarse_ns());
	last_tick = (__u64)jiffies << 32 | now;
	return now;
}

#endif
