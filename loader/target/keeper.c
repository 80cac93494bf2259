// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "error.h"
#include "gate.h"
#include "gate_slots.h"
#include "keeper.h"
#include "needs.h"
#include "owner_words.h"
#include "quarantine.h"
#include "quarantine_record.h"
#include "target.h"
#include "unconfirmed.h"

int check_keeper(const struct session *session, const struct attachment *attachment)
{
	const struct owner *owner = &attachment->current.owner;
	const char *interface = attachment->hooks.link.name;

	if (!owner_is(owner) || owner->manager == OWNER_NOBODY)
		return 0;
	if (gate_keeper_lives(&session->pins, owner, NULL))
		return error_set(-EPERM,
				 "the %s keeps the policy of %s (from: %s) and would put it back: "
				 "change it there, or drop all at once with policyctl quarantine "
				 "%s",
				 owner_manager_name(owner), owner_subject(owner), owner->source,
				 interface);
	notice("%s: the %s that kept the policy of %s does not run; when it does, it puts its own "
	       "back",
	       interface, owner_manager_name(owner), owner_subject(owner));
	return 0;
}

int check_set_keeper(const struct session *session, const struct policy *policy)
{
	const struct set *set;

	if (gates_live(session->pins.path))
		return 0;
	if (policy_needs_engine(policy, &set))
		return error_set(-EPERM,
				 "the set @%s names containers, and nothing runs that keeps its "
				 "members current: start policyctl daemon, or policyctl sidecar "
				 "CONTAINER, and try again",
				 set->name);
	if (policy_needs_host(policy, &set))
		notice("@%s has the addresses of now: policyctl daemon, or a sidecar, keeps it "
		       "current",
		       set->name);
	return 0;
}

int check_quarantine(const struct attachment *attachment)
{
	if (!quarantine_is_on(attachment))
		return 0;
	return error_set(-EPERM, "it is in quarantine, which policyctl release %s ends",
			 attachment->hooks.link.name);
}

int check_quarantine_of(const struct session *session, const struct owner *owner)
{
	struct quarantine_record record = {};
	int error = owner_is(owner)
			    ? quarantine_record_read(session->pins.path, owner->container, &record)
			    : -ENOENT;

	quarantine_record_clear(&record);
	if (error == -ENOENT)
		return 0;
	return error_set(-EPERM, "%s is in quarantine, which policyctl release %s%s ends",
			 owner_subject(owner), owner_is_container(owner) ? TARGET_CONTAINER : "",
			 owner_subject(owner));
}

static int check_unconfirmed(const struct attachment *attachment)
{
	const char *interface = attachment->hooks.link.name;

	if (!attachment_unconfirmed(attachment))
		return 0;
	if (attachment->current.pending.learning)
		return error_set(-EPERM,
				 "policyctl learn is at work; policyctl undo %s ends that now",
				 interface);
	return error_set(-EPERM,
			 "its policy waits to be confirmed, %llu s are left: policyctl confirm %s "
			 "keeps it, policyctl undo %s takes it back now",
			 (unsigned long long)pending_left(&attachment->current.pending), interface,
			 interface);
}

int check_detach(const struct session *session, const struct attachment *attachment)
{
	return check_quarantine(attachment) ?: check_keeper(session, attachment);
}

int check_change(const struct session *session, const struct attachment *attachment)
{
	return check_detach(session, attachment) ?: check_unconfirmed(attachment);
}
