// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "attachment_pins.h"
#include "counters.h"
#include "error.h"
#include "event_maps.h"
#include "live_fill.h"
#include "mirror_map.h"
#include "rcu.h"
#include "record.h"
#include "shape_device.h"
#include "shaping.h"
#include "transition.h"
#include "transition_connections.h"
#include "util.h"

void interface_path(const struct session *session, uint32_t ifindex, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%u", session->pins.path, ifindex);
}

void generation_path(const struct session *session, uint32_t ifindex, uint32_t number,
		     char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%u/%u", session->pins.path, ifindex, number);
}

/* Returns how many directories there are, complete or not, or a negative errno. */
static int open_those_listed(struct session *session, uint32_t ifindex, struct generation *newest,
			     struct generation *older)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	interface_path(session, ifindex, path);
	error = pins_numbers(path, &numbers, &count);
	for (size_t i = count; i-- > 0 && !error;) {
		struct generation *slot = newest->number ? older : newest;

		generation_path(session, ifindex, numbers[i], path);
		error = generation_open(path, numbers[i], slot);
		if (error == -ENOENT)
			error = session->pins.held ? generation_unpin(path) : 0;
	}
	return error ?: (int)count;
}

#define TRIES 10

int open_generations(struct session *session, uint32_t ifindex, struct generation *newest,
		     struct generation *older)
{
	int listed = 1;

	/* Without the lock one may be replaced between the list and the look. */
	for (int i = 0; i < TRIES && listed > 0 && !newest->number; i++)
		listed = open_those_listed(session, ifindex, newest, older);
	return listed < 0 ? listed : 0;
}

static int reread(struct session *session, struct hooks *hooks, uint32_t ifindex)
{
	struct hooks now;
	int error = hooks_read(session->nl, ifindex, &now);

	if (error)
		return error_prefix(error, "cannot see what is on the interface");
	hooks_free(hooks);
	*hooks = now;
	return 0;
}

int refresh_hooks(struct session *session, struct hooks *hooks, struct generation *target)
{
	int error = reread(session, hooks, target->meta.ifindex);

	if (error || hooks->qdiscs.clsact[0] || target->meta.made_clsact)
		return error;
	target->meta.made_clsact = 1;
	return generation_save_meta(target);
}

int verify_hooks(struct session *session, struct hooks *hooks, const struct generation *target)
{
	int error = reread(session, hooks, target->meta.ifindex);

	if (!error && !hooks_live(hooks, target))
		error = error_set(-EIO, "the kernel took the programs, but they are not in place");
	return error;
}

static int carry(const struct transition *transition)
{
	_cleanup_(policy_freep) struct policy *policy = NULL, *previous = NULL;
	int error = 0;

	if (!transition->policy)
		error = generation_policy(transition->target, &policy);
	if (!error && !transition->previous_policy)
		error = generation_policy(transition->previous, &previous);
	error = error ?: mirrors_carry(transition->target, transition->previous);
	return error
		       ?: generation_carry(transition->target, transition->policy ?: policy,
					   transition->previous,
					   transition->previous_policy ?: previous);
}

struct judging {
	const struct session *session;
	const struct generation *target;
};

/* Without a guard no program judges what the container sends before XDP does. */
static void tell_judged(void *data)
{
	const struct judging *judging = data;

	if (judging->session->judged && generation_wants(judging->target, HOOK_GUARD))
		judging->session->judged(judging->session->judged_data,
					 judging->target->meta.ifindex);
}

int finish_enforcing(struct session *session, struct hooks *hooks,
		     const struct transition *transition)
{
	struct generation *target = transition->target;
	const struct generation *previous = transition->previous;
	struct judging judging = { session, target };
	struct adoption adoption = {};
	int error = refresh_hooks(session, hooks, target);

	error = error ?: live_fill(session, target);
	error = error ?: connections_before(session, hooks, transition, &adoption);
	error = error ?: shaping_prepare(session->nl, hooks, target);
	error = error ?: hooks_enforce(session->nl, hooks, target, previous, tell_judged, &judging);
	error = error ?: verify_hooks(session, hooks, target);
	if (!error && previous)
		wait_for_running_programs();
	error = error ?: connections_behind(session, hooks, transition, &adoption);
	error = error ?: shaping_tidy(session->nl, hooks, target, previous);
	if (!error && previous)
		error = carry(transition);
	if (error)
		return error;
	target->meta.phase = PHASE_DONE;
	error = generation_save_meta(target);
	event_maps_changed(session->pins.path);
	/* From here on it is done: what is left of the old one goes with the next command. */
	if (!error && previous && generation_unpin(previous->path))
		notice("%s", error_message(0));
	if (!error && attachment_maps_remove(target->path, target))
		notice("%s", error_message(0));
	if (!error)
		record_transition(session, hooks, transition);
	return error;
}

/* Takes off all that a generation has on an interface. */
static int release(struct nl *nl, const struct hooks *hooks, const struct generation *generation)
{
	int error = shaping_unhook(nl, hooks);

	error = error ?: hooks_release(nl, hooks, generation);
	return error ?: shaping_remove(nl, hooks->link.ifindex, generation);
}

bool undo_enforcing(struct session *session, const struct generation *target,
		    const struct generation *previous)
{
	_cleanup_(hooks_free) struct hooks now = {};
	char message[512];
	int error;

	snprintf(message, sizeof(message), "%s", error_message(0));
	error = hooks_read(session->nl, target->meta.ifindex, &now);
	if (!error && !previous && session->unjudged)
		session->unjudged(session->judged_data, target->meta.ifindex);
	if (!error && previous)
		error = shaping_prepare(session->nl, &now, previous);
	if (!error && !previous)
		error = release(session->nl, &now, target);
	else if (!error && hooks_runs_any(&now, target))
		error = hooks_enforce(session->nl, &now, previous, target, NULL, NULL);
	if (!error && previous)
		error = shaping_tidy(session->nl, &now, previous, target);
	if (!error && previous)
		error = connections_back(previous, target);
	error_set(0, "%s%s", message,
		  error ? "; going back failed too, the next command finishes it" : "");
	return !error;
}

int forget(const struct session *session, uint32_t ifindex)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	error = shape_device_remove(session->nl, ifindex);
	interface_path(session, ifindex, path);
	error = error ?: pins_numbers(path, &numbers, &count);
	for (size_t i = 0; i < count && !error; i++) {
		generation_path(session, ifindex, numbers[i], path);
		error = generation_unpin(path);
	}
	generation_path(session, ifindex, 0, path);
	error = error ?: attachment_maps_remove(path, NULL);
	interface_path(session, ifindex, path);
	if (!error && rmdir(path) && errno != ENOENT)
		error = error_set(-errno, "cannot remove %s: %m", path);
	return error;
}

void forget_after_failure(const struct session *session, uint32_t ifindex)
{
	char message[512];

	snprintf(message, sizeof(message), "%s", error_message(0));
	forget(session, ifindex);
	error_set(0, "%s", message);
}

int finish_detaching(struct session *session, const struct hooks *hooks,
		     const struct generation *newest, const struct generation *older)
{
	int error = older->number ? release(session->nl, hooks, older) : 0;

	error = error ?: release(session->nl, hooks, newest);
	event_maps_changed(session->pins.path);
	error = error ?: forget(session, newest->meta.ifindex);
	if (!error)
		record_detached(session, hooks, newest);
	return error;
}
