/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Later fragments take the verdict of their first one, where that one was seen.
 *
 * Without it a deny rule for one UDP port would drop the later fragments of all UDP datagrams. It
 * cannot pass denied traffic: a receiver needs the first fragment to use a later one, and the first
 * one had to pass with its ports known.
 */
#ifndef PCTL_FRAGMENT_H
#define PCTL_FRAGMENT_H

#include "maps.h"
#include "outcome.h"
#include "parse.h"

/* Is it a fragment, and are fragments tracked in this direction? */
static __always_inline bool is_tracked(const struct packet *p, __u8 direction)
{
	return config.track_fragments[direction] && p->fragment != FRAGMENT_NONE;
}

/* The outcome for a tracked fragment. @outcome: what its own fields match */
static __always_inline __u32 follow_fragments(struct packet *p, __u8 direction, __u32 outcome)
{
	struct pctl_fragment *first, seen = {};

	if (direction == PCTL_TO)
		p->datagram.family |= PCTL_FRAGMENT_TO;
	if (config.vlans[direction])
		p->datagram.vlan = p->vlan;
	if (p->fragment == FRAGMENT_LATER) {
		/* The first one says nothing about the destination of this one. */
		if (PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS || p->source_routed)
			return outcome;
		first = bpf_map_lookup_elem(&fragments, &p->datagram);
		if (!first ||
		    bpf_ktime_get_ns() - first->seen_ns > PCTL_FRAGMENT_SECONDS * 1000000000ull)
			return outcome;
		/* The first one passed by `audit` alone. This one follows it if it would be dropped
		 * else. If not, it is counted as without `audit`, when the first one is dropped. */
		if (is_audited(first->outcome) && is_audited(outcome))
			return outcome;
		p->reason = PCTL_REASON_NONE; /* the fields of the first one are its fields */
		return first->outcome;
	}
	if (p->reason != PCTL_REASON_NONE || !passes(outcome)) {
		bpf_map_delete_elem(&fragments, &p->datagram);
		return outcome;
	}
	seen.outcome = outcome;
	seen.seen_ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&fragments, &p->datagram, &seen, BPF_ANY);
	return outcome;
}

#endif
