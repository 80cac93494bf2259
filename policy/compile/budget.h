/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How large the tables of one policy may become, and how much work compiling may take. Rules
 * multiply: there is a service for each way in which ranges of ports overlap, and a pair for each
 * service and each block of addresses that it matches on. A policy beyond the budget is refused,
 * with the rules that weigh most.
 */
#ifndef PCTL_BUDGET_H
#define PCTL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct diagnostics;
struct policy;

/* Each rule has a number in PCTL_OUTCOME_ARG, above the slots that no rule owns. */
#define BUDGET_RULES ((1u << 24) - 1 - PCTL_SLOT_RULES)
/* Entries of the maps; a hash entry takes about 64 bytes of the kernel's memory. */
#define BUDGET_SERVICES (1u << 20)
#define BUDGET_PEER_RULES (1u << 22)
#define BUDGET_PAIRS (1u << 20)
#define BUDGET_SOURCES (1u << 20)
#define BUDGET_LIST_RULES (1u << 21)
/* Peer classes fit in PCTL_RESULT_CLASS, source classes in struct pctl_source_page. */
#define BUDGET_PEER_CLASSES (1u << 20)
#define BUDGET_SOURCE_CLASSES (1u << 16)
/* Memory of the compiler itself. Blocks with their lists: 64 bytes each. Classes in lists, and
 * rules that a service has to look at: 4 bytes each. */
#define BUDGET_BLOCKS (1u << 22)
#define BUDGET_MEMBERS (1u << 24)
#define BUDGET_ASKED (1u << 24)
/* Units of work, a few nanoseconds each: about a second. */
#define BUDGET_STEPS (1ull << 28)
/* Tests that policy_check() makes to find shadowed rules. */
#define BUDGET_TESTS (1ull << 22)

struct budget {
	uint64_t steps; /* left */
	const char *exceeded; /* what exceeded the budget, for a message; NULL: nothing */
	uint64_t limit; /* the limit of it; 0: the message has no number */
	uint32_t *blame; /* per rule: how much of what is counted comes from it */
	bool exact; /* the message may print these numbers */
	size_t rules;
};

/* 0 or -ENOMEM. */
int budget_init(struct budget *budget, size_t rules);
void budget_clear(struct budget *budget);

/* Begins to count something else, with no blame yet. @exact: the blame has the same unit as the
 * count of budget_allows(). */
void budget_begin(struct budget *budget, bool exact);

/* Spends work: 0 or -E2BIG. */
int budget_spend(struct budget *budget, uint64_t steps);

/* Whether @count of something (a plural, for messages) is within @limit: 0 or -E2BIG. */
int budget_allows(struct budget *budget, uint64_t count, uint64_t limit, const char *what);

/* The same, where the blame has another unit than @count. */
int budget_allows_roughly(struct budget *budget, uint64_t count, uint64_t limit, const char *what);

static inline void budget_blame(struct budget *budget, size_t rule, uint32_t weight)
{
	budget->blame[rule] += weight;
}

/* Reports what was exceeded, and by which rules. -E2BIG or -ENOMEM. */
int budget_report(const struct budget *budget, const struct policy *policy, const char *name,
		  struct diagnostics *diagnostics);

#endif
