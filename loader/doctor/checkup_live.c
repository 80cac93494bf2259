// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "checkup.h"
#include "checkup_audit.h"
#include "checkup_live.h"
#include "checkup_names.h"
#include "error.h"
#include "trial.h"
#include "util.h"

static bool may_pass(const struct policy *policy, enum pctl_direction direction)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].directions & (1u << direction) &&
		    (!verdict_denies(policy->rules[i].verdict) ||
		     policy_audits_rule(policy, &policy->rules[i])))
			return true;
	return !verdict_denies(policy->defaults[direction]) ||
	       policy_audits_default(policy, direction);
}

static void add_trial(struct checkup *checkup, const struct policy *policy,
		      enum pctl_direction direction, const struct trial *trial)
{
	static const char *const checks[] = {
		[PCTL_FROM] = "live-from",
		[PCTL_TO] = "live-to",
	};
	struct findings *findings = &checkup->findings;
	bool from = direction == PCTL_FROM;
	bool missed_drop = !trial->dropped && policy_enforces(policy) & 1u << direction;
	bool missed_pass = !trial->passed && may_pass(policy, direction);

	if (trial->wrong[0]) {
		findings_add(findings, FINDING_FAULT, checks[direction], "%s", trial->wrong);
		findings_why(findings, "what is in the kernel is not the policy that show prints");
		findings_do(findings,
			    "policyctl explain %s %.*s tells more; keep that and the output of "
			    "policyctl show, report it, then detach and attach again",
			    findings->subject, (int)(strstr(trial->wrong, ": ") - trial->wrong),
			    trial->wrong);
		return;
	}
	findings_add(findings, missed_drop || missed_pass ? FINDING_NOTE : FINDING_OK,
		     checks[direction],
		     "of %zu packets given to the programs %zu dropped (%s), %zu passed (%s), as "
		     "the rules say",
		     trial->asked, trial->dropped,
		     trial->dropped ? trial->dropped_example
		     : missed_drop  ? "none found that the rules deny"
				    : "nothing is denied here",
		     trial->passed,
		     trial->passed ? trial->passed_example
		     : missed_pass ? "none found that the rules allow"
				   : "the policy allows nothing here");
	if (missed_drop || missed_pass)
		findings_why(findings,
			     "%s was not tried: the packets tried are made from the first %d rules "
			     "%s the container",
			     missed_drop ? "a drop" : "a pass", TRIAL_MAX, from ? "from" : "to");
	if (missed_drop || missed_pass)
		findings_do(findings, "send such a packet, and see policyctl stats %s count it",
			    findings->subject);
}

void checkup_live(struct checkup *checkup, const struct attachment *attachment)
{
	_cleanup_(explainer_close) struct explainer explainer = {};
	struct findings *findings = &checkup->findings;
	int error = explainer_open(attachment, &explainer);

	if (error) {
		findings_add(findings, FINDING_WARNING, "pins", "%s", error_message(error));
		findings_why(findings, "it cannot be shown, changed, or tried with packets any "
				       "more");
		findings_do(findings,
			    "policyctl detach %s, and attach again with its policy from a file",
			    attachment->hooks.link.name);
		error_clear();
		return;
	}
	checkup_audit(checkup, attachment, explainer.policy);
	checkup_names(checkup, attachment, explainer.policy);
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct trial trial;

		if (trial_run(&explainer, d, &trial))
			findings->lost = true;
		else
			add_trial(checkup, explainer.policy, d, &trial);
	}
}
