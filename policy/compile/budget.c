/* SPDX-License-Identifier: GPL-2.0-only */
#include "budget.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"

/* How many of the rules to blame a message names. */
#define MAX_NAMED 3

int budget_init(struct budget *budget, size_t rules)
{
	*budget = (struct budget){ .steps = BUDGET_STEPS, .rules = rules };
	budget->blame = calloc(rules + 1, sizeof(*budget->blame));
	return budget->blame ? 0 : -ENOMEM;
}

void budget_clear(struct budget *budget)
{
	free(budget->blame);
	budget->blame = NULL;
}

void budget_begin(struct budget *budget, bool exact)
{
	budget->exact = exact;
	memset(budget->blame, 0, budget->rules * sizeof(*budget->blame));
}

int budget_spend(struct budget *budget, uint64_t steps)
{
	if (steps <= budget->steps) {
		budget->steps -= steps;
		return 0;
	}
	budget->exceeded = "too many cases: their tables would take too long to compute";
	budget->limit = 0;
	return -E2BIG;
}

int budget_allows(struct budget *budget, uint64_t count, uint64_t limit, const char *what)
{
	if (count <= limit)
		return 0;
	budget->exceeded = what;
	budget->limit = limit;
	return -E2BIG;
}

int budget_allows_roughly(struct budget *budget, uint64_t count, uint64_t limit, const char *what)
{
	if (count > limit)
		budget->exact = false;
	return budget_allows(budget, count, limit, what);
}

/* The rule with most blame that is not named yet; budget->rules: there is none. */
static size_t most_to_blame(const struct budget *budget, const size_t *named, unsigned int count)
{
	size_t most = budget->rules;
	bool is_named;

	for (size_t i = 0; i < budget->rules; i++) {
		is_named = false;
		for (unsigned int j = 0; j < count; j++)
			is_named |= named[j] == i;
		if (is_named || !budget->blame[i])
			continue;
		if (most == budget->rules || budget->blame[i] > budget->blame[most])
			most = i;
	}
	return most;
}

/* `: 12 of them come from "…" (line 3), 4 from …`, or without numbers. Malloc'd, NULL without
 * memory. */
static char *name_rules(const struct budget *budget, const struct policy *policy)
{
	_cleanup_(freep) char *text = NULL;
	size_t size, named[MAX_NAMED];
	bool exact = budget->exact && budget->limit, failed = false;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (unsigned int i = 0; i < MAX_NAMED; i++) {
		named[i] = most_to_blame(budget, named, i);
		if (named[i] == budget->rules)
			break;
		_cleanup_(freep) char *rule = describe_rule(policy, named[i]);

		failed |= !rule;
		if (exact)
			fprintf(out, i ? ", %" PRIu32 " from " : ": %" PRIu32 " of them come from ",
				budget->blame[named[i]]);
		else
			fputs(i ? ", " : "; look first at ", out);
		fputs(rule ? rule : "", out);
	}
	failed |= ferror(out);
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(text);
}

int budget_report(const struct budget *budget, const struct policy *policy, const char *name,
		  struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *rules = name_rules(budget, policy);
	size_t worst = most_to_blame(budget, NULL, 0);
	struct place place = { 0 };
	int error;

	if (!rules)
		return -ENOMEM;
	if (!diagnostics)
		return -E2BIG;
	if (worst < budget->rules)
		place = policy->rules[worst].place;
	if (budget->limit)
		error = diagnostics_add(diagnostics, SEVERITY_ERROR, name, place, 1, NULL,
					"the rules of this policy combine to more than %" PRIu64
					" %s%s",
					budget->limit, budget->exceeded, rules);
	else
		error = diagnostics_add(diagnostics, SEVERITY_ERROR, name, place, 1, NULL,
					"the rules of this policy combine to %s%s",
					budget->exceeded, rules);
	return error ? error : -E2BIG;
}
