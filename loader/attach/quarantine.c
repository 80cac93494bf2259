// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "before.h"
#include "compile.h"
#include "diagnostics.h"
#include "error.h"
#include "ids.h"
#include "netns.h"
#include "policy_parse.h"
#include "print.h"
#include "quarantine.h"
#include "util.h"

int quarantine_plan(const char *text, struct plan *plan)
{
	_cleanup_(plan_free) struct plan new = { .quarantine = true };
	struct diagnostics diagnostics = {};
	int error = policy_parse(QUARANTINE_SOURCE, text, strlen(text), NULL, &new.policy,
				 &diagnostics);

	for (int i = 0; i < PCTL_DIRECTIONS && !error; i++)
		new.policy->defaults[i] = VERDICT_DENY;
	error = error ?: policy_compile(new.policy, QUARANTINE_SOURCE, &new.compiled, &diagnostics);
	diagnostics_clear(&diagnostics);
	if (error)
		return error_set(error, "the policy of the quarantine cannot be read");
	*plan = new;
	new = (struct plan){};
	return 0;
}

bool quarantine_is_on(const struct attachment *attachment)
{
	return attachment->current.meta.quarantine == QUARANTINE_ON;
}

/* --- entering --- */

static bool should_be_native(struct session *session, const struct link *link)
{
	return !strcmp(link->kind, "veth") && link->peer_nsid >= 0 &&
	       netns_may_administer(session->nl, link->peer_nsid) != NETNS_ADMIN_NONE;
}

static int attach(struct session *session, const struct link *link, const struct plan *plan,
		  const struct owner *owner, struct attachment *attachment)
{
	int error = -EOPNOTSUPP;

	if (should_be_native(session, link))
		error = attachment_attach(session, link, MODE_NATIVE, plan, owner, attachment);
	if (!error)
		return 0;
	error_clear();
	return attachment_attach(session, link, MODE_AUTO, plan, owner, attachment);
}

/* The record of the owner while it is in quarantine. NULL: there is none. */
static const struct owner *quarantine_owner(const struct attachment *attachment,
					    const struct owner *given, struct owner *owner)
{
	const struct owner *old = &attachment->current.owner;

	if (!owner_is(old) && !given)
		return NULL;
	*owner = owner_is(old) ? *old : *given;
	owner->held = OWNER_NOT_HELD;
	owner->why[0] = '\0';
	owner_set(owner->source, sizeof(owner->source), QUARANTINE_SOURCE);
	return owner;
}

static int change(struct session *session, struct attachment *attachment, const struct plan *plan,
		  const struct policy *old, const struct owner *owner)
{
	bool kept = attachment->current.owner.manager != OWNER_NOBODY;
	int error;

	if (attachment->current.meta.mode != XDP_MODE_NATIVE && !kept &&
	    should_be_native(session, &attachment->hooks.link)) {
		error = attachment_change_mode(session, attachment, plan, old, owner, MODE_NATIVE);
		if (!error)
			return 0;
		error_clear();
	}
	return attachment_change(session, attachment, plan, old, owner);
}

static int change_or_repair(struct session *session, struct attachment *attachment,
			    struct plan *plan, const struct owner *given)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	bool same = false;
	struct owner owner;
	int error = generation_policy(&attachment->current, &old);

	error = error ?: policy_assign_ids(plan->policy, old);
	error = error ?: policy_same(old, plan->policy, &same);
	if (error)
		return error;
	if (!same || !quarantine_is_on(attachment))
		return change(session, attachment, plan, old,
			      quarantine_owner(attachment, given, &owner));
	error = attachment_repair(session, attachment);
	return error < 0 ? error : 0;
}

int quarantine_enter(struct session *session, const struct link *link, struct plan *plan,
		     const struct owner *owner, struct attachment *attachment)
{
	int error = attachment_open(session, link->ifindex, attachment);
	struct owner record;

	policy_forget_ids(plan->policy);
	if (error == -ENOENT) {
		error_clear();
		return attach(session, link, plan, quarantine_owner(attachment, owner, &record),
			      attachment);
	}
	error = error ?: change_or_repair(session, attachment, plan, owner);
	if (error) {
		attachment_close(attachment);
		*attachment = (struct attachment)ATTACHMENT_EMPTY;
	}
	return error;
}

/* --- leaving --- */

int quarantine_hand_over(struct attachment *attachment)
{
	attachment->current.meta.quarantine = QUARANTINE_RELEASED;
	return generation_save_meta(&attachment->current);
}

int quarantine_leave(struct session *session, struct attachment *attachment, bool *attached)
{
	_cleanup_(generation_close) struct generation before = GENERATION_EMPTY;
	int error = generation_open_before(&attachment->current, &before);

	*attached = error != -ENOENT;
	if (error == -ENOENT && attachment->current.owner.manager != OWNER_NOBODY)
		return error_set(error,
				 "the %s that keeps its policy does not run, and what it had "
				 "before is not known: all stays dropped until it runs, or until "
				 "policyctl detach",
				 owner_manager_name(&attachment->current.owner));
	if (error == -ENOENT) {
		error_clear();
		return attachment_detach(session, attachment);
	}
	return error ?: attachment_bring_back(session, attachment, &before, PLAN_RELEASE);
}
