/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting verdicts. The counters are per CPU, so no atomic operation is needed. */
#ifndef PCTL_ACCOUNT_H
#define PCTL_ACCOUNT_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "verifier.h"

static __always_inline void count(struct pctl_counter *counter, __u32 packets, __u32 bytes)
{
	if (!counter)
		return;
	counter->packets += packets;
	counter->bytes += bytes;
}

/* Counts a frame of `bytes` bytes under its outcome. @packets: how many packets it counts as */
static __always_inline void account(__u8 direction, __u32 outcome, __u32 packets, __u32 bytes)
{
	__u32 number = PCTL_OUTCOME_ARG(outcome) * PCTL_DIRECTIONS + direction;
	__u32 index = number / PCTL_BLOCK_COUNTERS;
	struct pctl_counter_block *block = bpf_map_lookup_elem(&rule_stats, &index);

	if (block)
		count(&block->counters[bounded(number, PCTL_BLOCK_COUNTERS - 1)], packets, bytes);
}

/* And under the reason why a field is unknown, if there is one. */
static __always_inline void account_unknown(__u8 direction, __u8 reason, __u32 packets, __u32 bytes)
{
	__u32 index = reason * PCTL_DIRECTIONS + direction;

	if (reason != PCTL_REASON_NONE)
		count(bpf_map_lookup_elem(&unknown_stats, &index), packets, bytes);
}

/* And its answer. @fate: enum pctl_answered */
static __always_inline void account_answer(__u8 direction, __u32 fate, __u32 bytes)
{
	__u32 index = (PCTL_REASON_MAX + fate) * PCTL_DIRECTIONS + direction;

	count(bpf_map_lookup_elem(&unknown_stats, &index), 1, bytes);
}

/* And that it shared a bucket with packets of other peers. */
static __always_inline void account_shared(__u8 direction, __u32 bytes)
{
	__u32 index = PCTL_SHARED_COUNTER * PCTL_DIRECTIONS + direction;

	count(bpf_map_lookup_elem(&unknown_stats, &index), 1, bytes);
}

#endif
