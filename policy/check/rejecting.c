/* SPDX-License-Identifier: GPL-2.0-only */
#include "rejecting.h"

#include <errno.h>
#include <netinet/in.h>

#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"

/* What the rule is about, if none of its packets is answered; else NULL. */
static const char *never_answered(const struct rule *rule)
{
	if (rule->arp)
		return "ARP";
	if (rule->ethertypes.count)
		return "a frame that is not IP";
	return rule_single_protocol(rule) == IPPROTO_AH ? "ah" : NULL;
}

int rejecting_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	int error = 0;

	for (size_t i = 0; i < policy->count && !error; i++) {
		const struct rule *rule = &policy->rules[i];
		const char *what = never_answered(rule);
		_cleanup_(freep) char *text = NULL;

		if (rule->verdict != VERDICT_REJECT || !what)
			continue;
		text = describe_rule(policy, i);
		if (!text)
			return -ENOMEM;
		error = diagnostics_add(diagnostics, SEVERITY_WARNING, name, rule->place, 1, NULL,
					"%s does no more than `deny`: nothing answers %s", text,
					what);
	}
	return error;
}
