/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting what was decided: per CPU, so no atomic operation is needed. */
#ifndef PCTL_ACCOUNT_H
#define PCTL_ACCOUNT_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"

static __always_inline void count(void *map, __u32 index, __u32 packets, __u32 bytes)
{
	struct pctl_counter *counter = bpf_map_lookup_elem(map, &index);

	if (!counter)
		return;
	counter->packets += packets;
	counter->bytes += bytes;
}

/* Counts a packet of `bytes` bytes, worth `packets` on the wire, under its outcome. */
static __always_inline void account(__u8 direction, __u32 outcome, __u32 packets, __u32 bytes)
{
	count(&rule_stats, PCTL_OUTCOME_ARG(outcome) * PCTL_DIRECTIONS + direction, packets, bytes);
}

/* And under the reason why not all of it is known, if there is one. */
static __always_inline void account_unknown(__u8 direction, __u8 reason, __u32 packets, __u32 bytes)
{
	if (reason != PCTL_ALL_KNOWN)
		count(&unknown_stats, reason * PCTL_DIRECTIONS + direction, packets, bytes);
}

#endif
