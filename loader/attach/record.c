// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"
#include "history.h"
#include "record.h"
#include "util.h"

static enum history_event event_of(const struct transition *transition)
{
	static const enum history_event events[] = {
		[PLAN_CHANGE] = HISTORY_CHANGED,
		[PLAN_UNDO] = HISTORY_UNDONE,
		[PLAN_NOT_CONFIRMED] = HISTORY_NOT_CONFIRMED,
		[PLAN_RELEASE] = HISTORY_RELEASED,
	};

	if (transition->target->meta.quarantine)
		return HISTORY_QUARANTINED;
	if (!transition->previous)
		return HISTORY_ATTACHED;
	return transition->plan ? events[transition->plan->purpose] : HISTORY_CHANGED;
}

static struct history_change change_of(const struct session *session, const char *interface,
				       const struct generation *generation)
{
	return (struct history_change){
		.pins = session->pins.path,
		.interface = interface,
		.owner = &generation->owner,
		.mode_choice = generation->meta.mode_choice,
		.confirm_seconds = generation->pending.seconds,
	};
}

/* Into learning, or back from it: for people the policy was the same all the time. */
static bool only_learns(const struct transition *transition)
{
	const struct generation *previous = transition->previous;

	if (transition->target->pending.learning)
		return true;
	return previous && previous->pending.learning &&
	       (!transition->plan || transition->plan->purpose == PLAN_NOT_CONFIRMED ||
		transition->plan->purpose == PLAN_UNDO);
}

void record_transition(const struct session *session, const struct hooks *hooks,
		       const struct transition *transition)
{
	_cleanup_(policy_freep) struct policy *policy = NULL, *old = NULL;
	const struct generation *target = transition->target, *previous = transition->previous;
	struct history_change change = change_of(session, hooks->link.name, target);

	if (only_learns(transition))
		return;
	change.event = event_of(transition);
	change.back_to = transition->plan ? transition->plan->back_to : 0;
	change.policy = transition->policy;
	change.previous = transition->previous_policy;
	if (!change.policy && !generation_policy(target, &policy))
		change.policy = policy;
	if (previous && !change.previous && !generation_policy(previous, &old))
		change.previous = old;
	if (previous) {
		change.previous_mode_choice = previous->meta.mode_choice;
		change.previous_time = previous->meta.changed_at;
	}
	if (change.policy)
		history_write(&change);
	error_clear();
}

void record_confirmed(const struct session *session, const char *interface,
		      const struct generation *generation, const struct pending *pending)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	struct history_change change = change_of(session, interface, generation);

	change.event = HISTORY_CONFIRMED;
	change.confirm_seconds = pending->seconds;
	if (!generation_policy(generation, &policy)) {
		change.policy = policy;
		history_write(&change);
	}
	error_clear();
}

void record_detached(const struct session *session, const struct hooks *hooks,
		     const struct generation *generation)
{
	struct history_change change = change_of(session, hooks->link.name, generation);

	if (generation->pending.learning && generation->pending.nothing_before)
		return;
	change.event = HISTORY_DETACHED;
	history_write(&change);
	error_clear();
}
