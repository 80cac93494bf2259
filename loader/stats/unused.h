/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules that decided nothing. The kernel counts what a rule decides, from when it came into force,
 * through changes of the policy; it does not remember when it did so last. So a rule is unused if
 * it has decided nothing in all its time, and that was long enough.
 */
#ifndef PCTL_UNUSED_H
#define PCTL_UNUSED_H

#include "attachment.h"
#include "counters.h"
#include "history.h"

enum rule_use {
	RULE_USED,
	RULE_UNUSED,
	RULE_YOUNG, /* it decided nothing so far, and is in force for less than that */
};

/*
 * Since when a rule counts, in seconds since 1970: the oldest entry of the history from which on it
 * was in force without a break, and not before the attachment; without entries, when the policy in
 * force came.
 */
uint64_t rule_counts_since(const struct meta *meta, const struct policy *policy,
			   const struct rule *rule, const struct history *history);

/* Whether it was used. @index: of the rule; @since: as above; @least: seconds */
enum rule_use rule_use(const struct policy *policy, const struct counters *counters, size_t index,
		       uint64_t since, uint64_t now, uint64_t least);

#endif
