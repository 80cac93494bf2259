/* SPDX-License-Identifier: GPL-2.0-only */
#include "spoofing.h"

#include <errno.h>

#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "own.h"

/* A rule for some ports, types or peers may be meant as an exception; one for whole protocols is
 * hardly ever. */
static bool is_wide(const struct rule *rule)
{
	return rule->verdict == VERDICT_ALLOW && rule->directions & 1u << PCTL_FROM &&
	       !rule->dports.count && !rule->sports.count && !rule->types.count &&
	       !rule->ethertypes.count && !rule->vlans.count && !peers_given(&rule->peers);
}

static int warn(const struct policy *policy, size_t index, const char *name,
		struct diagnostics *diagnostics, const char *text)
{
	_cleanup_(freep) char *rule = describe_rule(policy, index);

	if (!rule)
		return -ENOMEM;
	return diagnostics_add(diagnostics, SEVERITY_WARNING, name, policy->rules[index].place, 1,
			       NULL, text, rule);
}

int spoofing_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	size_t index;
	int error = 0;

	if (!policy_asks_for_own(policy, &index)) {
		if (!policy->own.count)
			return 0;
		return diagnostics_add(
			diagnostics, SEVERITY_WARNING, name, policy->own_place, 1, NULL,
			"`own` changes nothing without the rule `deny from spoofed`");
	}
	for (size_t i = 0; i < index && !error; i++)
		if (is_wide(&policy->rules[i]))
			error = warn(
				policy, i, name, diagnostics,
				"%s comes before `deny from spoofed`: what it lets pass may be "
				"spoofed; put the rule with `spoofed` first");
	for (size_t i = index + 1; i < policy->count && !error; i++)
		if (policy->rules[i].spoofed)
			error = warn(policy, i, name, diagnostics,
				     "%s is never reached: an earlier rule says the same");
	return error;
}
