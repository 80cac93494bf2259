/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How large the tables of one policy may become, and how much work they may be. Rules multiply: a
 * service for each way in which ranges of ports overlap, a pair for each service and each block of
 * addresses it asks for. A policy beyond this is refused, and the rules that weigh most are named.
 */
#ifndef PCTL_BUDGET_H
#define PCTL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct diagnostics;
struct policy;

/* Rules have a number each in PCTL_OUTCOME_ARG, behind the slots that no rule owns. */
#define BUDGET_RULES ((1u << 24) - 1 - PCTL_SLOT_RULES)
/* Entries of the maps; a hash entry takes about 64 bytes of the kernel's memory. */
#define BUDGET_SERVICES (1u << 20)
#define BUDGET_PEER_RULES (1u << 22)
#define BUDGET_PAIRS (1u << 20)
#define BUDGET_SOURCES (1u << 20)
#define BUDGET_LIST_RULES (1u << 21)
/* Classes fit in PCTL_RESULT_CLASS; of source ports, in struct pctl_source_page. */
#define BUDGET_PEER_CLASSES (1u << 20)
#define BUDGET_SOURCE_CLASSES (1u << 16)
/* What the compiler itself has to remember: which blocks stand in which lists, 64 bytes each; which
 * classes are in which lists, and which rules each service has to ask for, 4 bytes each. */
#define BUDGET_BLOCKS (1u << 22)
#define BUDGET_MEMBERS (1u << 24)
#define BUDGET_ASKED (1u << 24)
/* Units of work, a few nanoseconds each: about a second. */
#define BUDGET_STEPS (1ull << 28)
/* Tests that policy_check() makes to find out whether rules are reached. */
#define BUDGET_TESTS (1ull << 22)

struct budget {
	uint64_t steps; /* left */
	const char *exceeded; /* what became too much, for a message; NULL: nothing */
	uint64_t limit; /* how much of it there may be; 0: there is no number to tell */
	uint32_t *blame; /* per rule: how much of what is being counted comes from it … */
	bool exact; /* … and whether that is a number to tell */
	size_t rules;
};

/* 0 or -ENOMEM. */
int budget_init(struct budget *budget, size_t rules);
void budget_clear(struct budget *budget);

/* Begins to count something else: who is to blame is asked afresh.
 * @exact: the blame will be in the same unit as what budget_allows() is asked */
void budget_begin(struct budget *budget, bool exact);

/* Spends work: 0 or -E2BIG. */
int budget_spend(struct budget *budget, uint64_t steps);

/* Whether there may be so many of something, a plural for messages: 0 or -E2BIG. */
int budget_allows(struct budget *budget, uint64_t count, uint64_t limit, const char *what);

/* Likewise, where the blame is not in the unit of @count. */
int budget_allows_roughly(struct budget *budget, uint64_t count, uint64_t limit, const char *what);

static inline void budget_blame(struct budget *budget, size_t rule, uint32_t weight)
{
	budget->blame[rule] += weight;
}

/* Says what was exceeded and by which rules. -E2BIG, or -ENOMEM. */
int budget_report(const struct budget *budget, const struct policy *policy, const char *name,
		  struct diagnostics *diagnostics);

#endif
