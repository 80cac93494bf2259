/* SPDX-License-Identifier: GPL-2.0-only */
/* What an outcome (abi_outcome.h) means for its packet. */
#ifndef PCTL_KERN_OUTCOME_H
#define PCTL_KERN_OUTCOME_H

#include <stdbool.h>

#include "maps.h"

/* WOULD_DROP or WOULD_REJECT. Policies without `audit`, and maps that were filled by hand, have
 * none: there such an outcome drops. */
static __always_inline bool is_audited(__u32 outcome)
{
	return config.audits && (PCTL_OUTCOME_ACTION(outcome) == PCTL_WOULD_DROP ||
				 PCTL_OUTCOME_ACTION(outcome) == PCTL_WOULD_REJECT);
}

/* A denial that is enforced. */
static __always_inline bool drops(__u32 outcome)
{
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_DROP ||
	       PCTL_OUTCOME_ACTION(outcome) == PCTL_REJECT;
}

/* Does its packet pass? */
static __always_inline bool passes(__u32 outcome)
{
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS || is_audited(outcome);
}

/* Does its rule do more than its verdict? A policy without such a rule has none of that code. */
static __always_inline bool is_treated(__u32 outcome)
{
	return treating.what && outcome & PCTL_TREATED;
}

/* Is it no verdict of XDP, if the guard is behind it? */
static __always_inline bool is_left_to_guard(__u32 outcome)
{
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_LEAVE ||
	       (treating.what & PCTL_TREATS_DENIED && outcome & PCTL_TREATED);
}

/* Of two outcomes for one packet, both of which it must pass: a denial that is enforced, else one
 * that is not, else the first. */
static __always_inline __u32 stricter(__u32 first, __u32 second)
{
	if (drops(second) && !drops(first))
		return second;
	return is_audited(second) && !is_audited(first) && !drops(first) ? second : first;
}

#endif
