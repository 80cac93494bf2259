/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs counted, and how it is carried from one generation to the next. */
#ifndef PCTL_COUNTERS_H
#define PCTL_COUNTERS_H

#include "generation.h"

/* Sums over all CPUs, with what earlier generations counted. */
struct counters {
	uint32_t slots;
	struct pctl_counter *items; /* as in rule_stats, and behind them unknown_stats */
};

/* Reads them; the caller frees. */
int generation_counters(const struct generation *generation, struct counters *counters);
void counters_free(struct counters *counters);

const struct pctl_counter *counters_slot(const struct counters *counters, uint32_t slot,
					 enum pctl_direction direction);
const struct pctl_counter *counters_unknown(const struct counters *counters,
					    enum pctl_reason reason, enum pctl_direction direction);
/* Of rejected packets: those that were answered, and those that were not because of the limit. */
const struct pctl_counter *counters_answers(const struct counters *counters,
					    enum pctl_answered fate, enum pctl_direction direction);

/* Packets that shared a bucket because there were too many peers. */
const struct pctl_counter *counters_shared(const struct counters *counters,
					   enum pctl_direction direction);

/* A line of the counters: a rule, an implicit rule, a default, or what is no longer there. */
enum counter_kind {
	COUNTER_RULE,
	COUNTER_IMPLICIT,
	COUNTER_DEFAULT,
	COUNTER_RATE, /* what exceeds the rate of a rule or default */
	COUNTER_RETIRED,
};

struct counter_row {
	enum counter_kind kind;
	enum verdict verdict;
	bool audit; /* what it denies passes */
	unsigned int directions; /* in which it counts, bits 1 << enum pctl_direction */
	uint32_t slot;
	const struct rule *rule; /* COUNTER_RULE; COUNTER_RATE: NULL is a default */
	const char *name; /* the others: words for it; of an implicit rule, its text */
};

/* Calls `each` for every row of a policy, in the order in which they decide, retired ones last.
 * Stops at the first failure and returns it. */
int counters_rows(const struct policy *policy, int (*each)(const struct counter_row *, void *),
		  void *data);

/*
 * Gives `next`, which enforces `policy`, what `previous` counted: rules that both have (by id) go
 * on, the counts of those that are gone, or whose packets pass now by `audit` or no longer do, stay
 * in the totals. `previous` must no longer run; may be
 * repeated. -ENOMEM or what the kernel says.
 */
int generation_carry(const struct generation *next, const struct policy *policy,
		     const struct generation *previous, const struct policy *old_policy);

#endif
