/* SPDX-License-Identifier: GPL-2.0-only */
/* Outcomes: what the tables of abi.h say about a packet. Part of abi.h. */
#ifndef PCTL_ABI_OUTCOME_H
#define PCTL_ABI_OUTCOME_H

#include <linux/types.h>

/*
 * An outcome: PCTL_LOG, PCTL_TREATED, the action in 6 bits, its argument in the lower 24.
 * PASS, DROP, REJECT, WOULD_DROP and WOULD_REJECT are verdicts, and LEAVE leaves the verdict to the
 * guard. Their argument is the counter slot of the rule (enum pctl_slot where no rule decided), and
 * PCTL_LOG is set if the rule has `log`, PCTL_TREATED if it does more than its verdict
 * (abi_treatments.h). The argument of SELECT is the selector table to look at
 * (enum pctl_selected), that of CLASS an index of `services`.
 */
enum pctl_action {
	PCTL_NONE = 0, /* no entry: look at the next table */
	PCTL_PASS = 1,
	PCTL_DROP = 2,
	PCTL_LEAVE = 3, /* of XDP alone: a rule that matches on VLANs may decide it */
	PCTL_REJECT = 4, /* drop, and tell the sender */
	PCTL_WOULD_DROP = 5, /* `audit`: count and notify as DROP, but pass */
	PCTL_WOULD_REJECT = 6, /* likewise, as REJECT */
	PCTL_SELECT = 8,
	PCTL_CLASS = 9,
};

#define PCTL_OUTCOME(action, arg) (((__u32)(action) << 24) | (__u32)(arg))
#define PCTL_OUTCOME_ACTION(outcome) (((__u32)(outcome) >> 24) & 0x3f)
#define PCTL_OUTCOME_ARG(outcome) ((__u32)(outcome)&0xffffff)
#define PCTL_LOG 0x80000000u /* subscribers are notified, whatever the verdict */
#define PCTL_TREATED 0x40000000u /* `treatments` says what else is done */

/* The rank of an outcome in first-match order: the smallest rank decides. Rules have the rank of
 * their position; slots that no rule owns come after all rules (the subtraction wraps). Undefined
 * for PCTL_NONE. */
#define PCTL_OUTCOME_RANK(outcome) (PCTL_OUTCOME_ARG(outcome) - PCTL_SLOT_RULES)

/* Counter slots that no rule of the policy owns. Rule number i of a policy counts in
 * PCTL_SLOT_RULES + i. Behind the rules are the slots of what exceeds rates: policy_over_slot(). */
enum pctl_slot {
	PCTL_SLOT_DEFAULT = 0, /* no rule matched: the direction's default */
	/* The implicit rules of a default that denies, one slot each. */
	PCTL_SLOT_KEEP_ARP = 1,
	PCTL_SLOT_KEEP_ND = 2,
	PCTL_SLOT_KEEP_MLD = 3,
	PCTL_SLOT_KEEP_IGMP = 4,
	PCTL_SLOT_KEEP_PMTU = 5,
	/* Programs never count here. User space adds the counts of rules that an earlier generation
	 * had and this one has not, so that totals never shrink. */
	PCTL_SLOT_RETIRED_PASSED = 6,
	PCTL_SLOT_RETIRED_DROPPED = 7,
	PCTL_SLOT_RETIRED_REJECTED = 8,
	PCTL_SLOT_RETIRED_WOULD_DROP = 9,
	PCTL_SLOT_RETIRED_WOULD_REJECT = 10,
	PCTL_SLOT_RULES = 11,
};

/* What a program returns for a probe (abi.h): the outcome, without the upper bits of its action,
 * and the reason. What it returns for a packet is no answer, its action is none. */
#define PCTL_ANSWER(outcome, reason)                                            \
	(PCTL_OUTCOME_ARG(outcome) | (PCTL_OUTCOME_ACTION(outcome) & 7) << 24 | \
	 (((__u32)(outcome) >> 31) << 27) | ((__u32)(reason)&15) << 28)
#define PCTL_ANSWER_SLOT(answer) ((answer)&0xffffff)
#define PCTL_ANSWER_ACTION(answer) (((answer) >> 24) & 7) /* enum pctl_action */
#define PCTL_ANSWER_LOG(answer) (((answer) >> 27) & 1)
#define PCTL_ANSWER_REASON(answer) (((answer) >> 28) & 15) /* enum pctl_reason, or */

#endif
