// SPDX-License-Identifier: GPL-2.0-only
#include "attachment_pins.h"
#include "error.h"
#include "rcu.h"
#include "rejudge.h"
#include "transition_connections.h"

/* --- adoption --- */

static bool both_track(const struct generation *a, const struct generation *b)
{
	return a && b && a->meta.tracks && b->meta.tracks;
}

/* No program before has opened any connection. */
static bool begins_to_track(const struct transition *transition)
{
	return transition->target->meta.tracks && !transition->newborn &&
	       !both_track(transition->target, transition->previous);
}

/* Back to a policy that was in force before. Connections of then, which the one between had cut,
 * are adopted as well. */
static bool goes_back(const struct transition *transition)
{
	const struct plan *plan = transition->plan;

	return both_track(transition->target, transition->previous) && plan &&
	       (plan->purpose == PLAN_NOT_CONFIRMED || plan->purpose == PLAN_UNDO);
}

static int adopt(struct session *session, const struct hooks *hooks,
		 const struct transition *transition, struct adoption *adoption)
{
	const struct connection_maps maps = connection_maps_of(transition->target);

	return connections_adopt(session->nl, &hooks->link, &maps, transition->target, adoption);
}

static void tell_not_adopted(const char *name, const struct adoption *adoption)
{
	if (adoption->denied)
		notice("%s: %zu open connection%s not adopted, since the policy would not let "
		       "%s begin",
		       name, adoption->denied, adoption->denied == 1 ? " is" : "s are",
		       adoption->denied == 1 ? "it" : "them");
	if (adoption->opened_by_peer)
		notice("%s: %zu open socket%s that a peer has sent to %s not adopted: its next "
		       "packet begins anew",
		       name, adoption->opened_by_peer, adoption->opened_by_peer == 1 ? "" : "s",
		       adoption->opened_by_peer == 1 ? "is" : "are");
	if (adoption->no_room)
		notice("%s: %zu open connection%s not adopted: there is no room in the table, "
		       "`connections N` in the policy makes more",
		       name, adoption->no_room, adoption->no_room == 1 ? " is" : "s are");
}

static void tell_adopted(const char *name, const struct adoption *adoption)
{
	if (adoption->adopted)
		notice("%s: %zu open connection%s adopted", name, adoption->adopted,
		       adoption->adopted == 1 ? " is" : "s are");
}

static void tell(const char *name, const struct adoption *adoption, bool newborn)
{
	if (adoption->error && !newborn)
		notice("%s: connections that are open now are not adopted: %s", name,
		       adoption->why);
	tell_adopted(name, adoption);
	tell_not_adopted(name, adoption);
}

/* --- tables of another size --- */

static int carry(const struct generation *to, const struct generation *from, size_t *left_out)
{
	const struct connection_maps old = connection_maps_of(from), new = connection_maps_of(to);

	return connections_carry(&new, &old, left_out);
}

/* --- judging --- */

static int rejudge(const struct generation *generation, const struct generation *other)
{
	const struct connection_maps maps = connection_maps_of(generation);
	struct rejudged rejudged;
	int error;

	if (!both_track(generation, other))
		return 0;
	error = connections_rejudge(&maps, generation, &rejudged);
	if (!error && rejudged.cut)
		notice("%s: %zu connection%s cut, since the policy would not let %s begin",
		       generation->meta.name, rejudged.cut, rejudged.cut == 1 ? " is" : "s are",
		       rejudged.cut == 1 ? "it" : "them");
	return error;
}

int connections_before(struct session *session, const struct hooks *hooks,
		       const struct transition *transition, struct adoption *adoption)
{
	size_t left_out;
	int error = 0;

	if (both_track(transition->target, transition->previous))
		error = carry(transition->target, transition->previous, &left_out);
	if (!error && (begins_to_track(transition) || goes_back(transition)))
		error = adopt(session, hooks, transition, adoption);
	return error;
}

int connections_behind(struct session *session, const struct hooks *hooks,
		       const struct transition *transition, struct adoption *adoption)
{
	const char *name = hooks->link.name;
	size_t left_out = 0;
	int error = 0;

	if (begins_to_track(transition)) {
		error = adopt(session, hooks, transition, adoption);
		if (!error)
			tell(name, adoption, session->newborn);
		return error;
	}
	if (!both_track(transition->target, transition->previous))
		return 0;
	error = carry(transition->target, transition->previous, &left_out);
	error = error ?: rejudge(transition->target, transition->previous);
	if (!error && goes_back(transition))
		error = adopt(session, hooks, transition, adoption);
	if (!error)
		tell_adopted(name, adoption);
	if (!error && left_out)
		notice("%s: %zu connection%s cut, since the table is smaller now", name, left_out,
		       left_out == 1 ? " is" : "s are");
	return error;
}

int connections_back(const struct generation *previous, const struct generation *target)
{
	size_t left_out;
	int error;

	if (!both_track(previous, target))
		return 0;
	wait_for_running_programs();
	error = attachment_maps_make(previous);
	error = error ?: carry(previous, target, &left_out);
	return error ?: rejudge(previous, target);
}
