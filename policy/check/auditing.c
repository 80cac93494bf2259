/* SPDX-License-Identifier: GPL-2.0-only */
#include "auditing.h"

#include <errno.h>
#include <stdio.h>

#include "budget.h"
#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "shadow.h"

/* More warnings are not read. */
#define MAX_WARNINGS 20

struct checker {
	const struct reachable *reachable;
	const struct traits *traits;
	const char *name;
	struct diagnostics *diagnostics;
};

static int warn(const struct checker *checker, size_t index, const char *what, const char *advice)
{
	const struct policy *policy = checker->traits->policy;
	_cleanup_(freep) char *rule = describe_rule(policy, index);

	if (!rule)
		return -ENOMEM;
	return diagnostics_add(checker->diagnostics, SEVERITY_WARNING, checker->name,
			       policy->rules[index].place, 1, NULL,
			       "%s lets pass what %s drops: with `audit` too the first match "
			       "decides%s",
			       rule, what, advice);
}

static int warn_of_rule(const struct checker *checker, size_t index, size_t other)
{
	_cleanup_(freep) char *text = describe_rule(checker->traits->policy, other);

	return text ? warn(checker, index, text, "; put it behind that rule") : -ENOMEM;
}

static int warn_of_default(const struct checker *checker, size_t index)
{
	const struct policy *policy = checker->traits->policy;
	char text[32];

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		if (!(policy->rules[index].directions & 1u << i) ||
		    !verdict_denies(policy->defaults[i]) || policy_audits_default(policy, i))
			continue;
		snprintf(text, sizeof(text), "`default %s %s`", policy_direction_name(i),
			 policy_verdict_name(policy->defaults[i]));
		return warn(checker, index, text, "");
	}
	return 0;
}

/* 1: it warned; 0, -ENOMEM. */
static int check(const struct checker *checker, size_t index)
{
	size_t before = checker->diagnostics->count, found;
	int error =
		shadow_find_enforced(checker->reachable, checker->traits, index, index + 1, &found);

	if (!error && found < checker->traits->count)
		error = warn_of_rule(checker, index, found);
	else if (!error)
		error = warn_of_default(checker, index);
	return error ?: checker->diagnostics->count > before;
}

int auditing_warn(const struct reachable *reachable, const struct traits *traits, const char *name,
		  struct diagnostics *diagnostics)
{
	const struct checker checker = { reachable, traits, name, diagnostics };
	const struct policy *policy = traits->policy;
	uint64_t tests = BUDGET_TESTS;
	int warnings = 0, result;

	if (!policy_enforces(policy))
		return 0;
	for (size_t i = 0; i < policy->count && warnings < MAX_WARNINGS; i++) {
		/* What `spoofed` passes is dropped where another rule says so. */
		if (!policy_audits_rule(policy, &policy->rules[i]) || policy->rules[i].spoofed)
			continue;
		if (tests < policy->count)
			return 0;
		tests -= policy->count;
		result = check(&checker, i);
		if (result < 0)
			return result;
		warnings += result;
	}
	return 0;
}
