// SPDX-License-Identifier: GPL-2.0-only
#include "checkup_audit.h"
#include "util.h"

static void say_whole(struct findings *findings, const struct attachment *attachment)
{
	const struct owner *owner = &attachment->current.owner;
	bool kept = owner_is(owner) && owner->manager != OWNER_NOBODY;

	findings_add(findings, FINDING_NOTE, "audit", "audited as a whole: nothing is enforced");
	findings_why(findings, "what its policy denies is counted, told as \"would drop\", and "
			       "passes");
	if (kept)
		findings_do(findings, "take the label policyctl.audit or the setting `audit` away, "
				      "when it shall be enforced");
	else
		findings_do(findings, "policyctl apply %s --enforce, when it shall be enforced",
			    attachment->hooks.link.name);
}

/* How many rules and defaults have the word. */
static size_t count_audited(const struct policy *policy)
{
	size_t count = 0;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		count += policy_audits_default(policy, i);
	for (size_t i = 0; i < policy->count; i++)
		count += policy_audits_rule(policy, &policy->rules[i]);
	return count;
}

void checkup_audit(struct checkup *checkup, const struct attachment *attachment,
		   const struct policy *policy)
{
	struct findings *findings = &checkup->findings;
	size_t count;

	if (policy->audit) {
		say_whole(findings, attachment);
		return;
	}
	count = count_audited(policy);
	if (!count)
		return;
	if (policy_enforces(policy))
		findings_add(findings, FINDING_NOTE, "audit",
			     "%zu of its rules and defaults say `audit`: they are not enforced",
			     count);
	else
		findings_add(findings, FINDING_NOTE, "audit",
			     "all that denies says `audit`: nothing is enforced");
	findings_why(findings, "what they deny is counted, told as \"would drop\", and passes");
	findings_do(findings, "replace the policy by one without the word, when they shall be");
}
