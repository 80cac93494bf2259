// SPDX-License-Identifier: GPL-2.0-only
#include "checkup_sets.h"
#include "error.h"
#include "live_view.h"
#include "util.h"

static void check_set(struct findings *findings, const struct live_view *view)
{
	const char *name = view->set->name;

	if (live_view_is_complete(view)) {
		findings_add(findings, FINDING_OK, "live-sets", "@%s has %u member%s", name,
			     view->count, view->count == 1 ? "" : "s");
	} else if (view->flags & PCTL_LIVE_KNOWN) {
		findings_add(findings, FINDING_WARNING, "live-sets",
			     "@%s is full: %u members did not fit in", name, view->left_out);
		findings_why(findings, "whether an address that is not a member should be one is "
				       "unknown: rules that deny @SET drop it");
		findings_do(findings, view->set->live == PCTL_LIVE_DNS
					      ? "name fewer hosts in one set; it is complete again "
						"when those that did not fit in would have expired"
					      : "name less in one set");
	} else {
		findings_add(findings, FINDING_WARNING, "live-sets",
			     "the members of @%s are not known", name);
		findings_why(findings, "neither daemon nor sidecar has filled it: rules that allow "
				       "it pass nobody, rules that deny it drop everybody");
		findings_do(findings, "start policyctl daemon, or policyctl sidecar");
	}
}

void checkup_sets(struct checkup *checkup, const struct attachment *attachment)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(live_views_close) struct live_views views = {};
	int error;

	if (!generation_has_live(&attachment->current))
		return;
	error = generation_policy(&attachment->current, &policy);
	error = error ?: live_views_open(&attachment->current, policy, &views);
	if (error) {
		findings_add(&checkup->findings, FINDING_WARNING, "live-sets", "%s",
			     error_message(error));
		error_clear();
		return;
	}
	for (uint32_t i = 0; i < views.count; i++)
		if (views.items[i].asked)
			check_set(&checkup->findings, &views.items[i]);
}
