// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netinet/in.h>

#include "cleanup.h"
#include "learning_policy.h"

/*
 * Where the default passes everything, `allow to established` costs least. Else the rule must not
 * take from the implicit rules what they pass, nor from the default what its rate measures: it is
 * about TCP port 0, which nobody uses.
 */
static int add_rule(struct policy *policy)
{
	const enum pctl_direction direction = PCTL_TO;
	bool wide = policy->defaults[direction] == VERDICT_ALLOW &&
		    !treatment_given(&policy->default_treatments[direction]);
	struct rule rule = {
		.verdict = policy->defaults[direction],
		.audit = policy->default_audits[direction],
		.directions = 1u << direction,
		.established = true,
	};
	size_t capacity = 0, rules = policy->count;
	int error = 0;

	if (!wide)
		error = ranges_add(&rule.protocols, &capacity, (struct range){ 6, 6 });
	capacity = 0;
	if (!wide && !error)
		error = ranges_add(&rule.dports, &capacity, (struct range){ 0, 0 });
	error = error ?: policy_append(policy, &rules, &rule);
	rule_clear(&rule);
	return error;
}

int learning_policy(const struct policy *present, struct policy **policy)
{
	_cleanup_(policy_freep) struct policy *new = present ? policy_copy(present) : policy_new();
	int error = new ? add_rule(new) : -ENOMEM;

	if (error)
		return error;
	new->connections = LEARNING_CONNECTIONS;
	*policy = TAKE_PTR(new);
	return 0;
}
