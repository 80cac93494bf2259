// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "attachment.h"
#include "error.h"
#include "ids.h"
#include "live_fill.h"
#include "mirror_targets.h"
#include "own_addresses.h"
#include "shape_classes.h"
#include "shaped.h"
#include "shaping.h"
#include "stacked.h"
#include "transition.h"
#include "util.h"

void attachment_close(struct attachment *attachment)
{
	generation_close(&attachment->current);
	hooks_free(&attachment->hooks);
}

bool attachment_live(const struct attachment *attachment)
{
	return hooks_live(&attachment->hooks, &attachment->current);
}

int attachment_list(const struct session *session, uint32_t **ifindexes, size_t *count)
{
	if (session->pins.lock >= 0)
		return pins_numbers(session->pins.path, ifindexes, count);
	*ifindexes = NULL;
	*count = 0;
	return 0;
}

static void swap_generations(struct generation *a, struct generation *b)
{
	struct generation c = *a;

	*a = *b;
	*b = c;
}

int attachment_open(struct session *session, uint32_t ifindex, struct attachment *attachment)
{
	_cleanup_(generation_close) struct generation older = GENERATION_EMPTY;
	struct attachment new = ATTACHMENT_EMPTY;
	int error;

	if (session->pins.lock < 0)
		return -ENOENT;
	error = open_generations(session, ifindex, &new.current, &older);
	if (!error && !new.current.number)
		error = -ENOENT;
	error = error ?: hooks_read(session->nl, ifindex, &new.hooks);
	if (error) {
		attachment_close(&new);
		return error;
	}
	if (!session->pins.held && older.number && hooks_live(&new.hooks, &older))
		swap_generations(&new.current, &older); /* a change to the newest is under way */
	*attachment = new;
	return 0;
}

/* --- attach, change, detach --- */

static int make(struct session *session, const struct generation_input *input, const char *path,
		uint32_t number, struct generation *generation)
{
	if (session->make)
		return session->make(session->make_data, input, path, number, generation);
	return generation_make(input, path, number, generation);
}

/* Daemon and sidecar, `undo` and an expired `--confirm` put a policy in force although a target of
 * its copies is not there. Other changes are refused. */
static int check_mirrors(struct session *session, const struct link *link, const struct plan *plan,
			 const struct policy *old)
{
	if (session->make || plan->purpose != PLAN_CHANGE)
		return 0;
	return mirrors_check(session, link, plan->policy, old);
}

/* What a generation remembers of its interface. */
static void fill_meta(const struct hooks *hooks, struct meta *meta)
{
	const struct link *link = &hooks->link;

	meta->made_clsact = !hooks->qdiscs.clsact[0] || hooks_held_only(hooks);
	meta->attached_at = time(NULL);
	meta->changed_at = time(NULL);
	meta->ifindex = link->ifindex;
	meta->peer = link->peer;
	memcpy(meta->name, link->name, sizeof(meta->name));
	memcpy(meta->mac, link->mac, sizeof(meta->mac));
}

static struct meta new_meta(enum mode_choice choice, enum xdp_mode mode, const char *kind)
{
	return (struct meta){
		.phase = PHASE_ENFORCING,
		.mode = mode,
		.mode_choice = choice,
		.veth = !strcmp(kind, "veth"),
		.guarded = hooks_are_guarded(kind, mode),
	};
}

/* Pins the first generation of an interface and brings it into force. */
static int bring_into_force(struct session *session, struct attachment *new, bool newborn)
{
	const struct transition transition = { .target = &new->current, .newborn = newborn };
	uint32_t ifindex = new->hooks.link.ifindex;
	char path[PATH_MAX];
	int error;

	interface_path(session, ifindex, path);
	if (mkdir(path, 0700))
		return error_set(-errno, "cannot create %s: %m", path);
	error = generation_pin(&new->current, NULL);
	session->mirrors = session->mirrors || new->current.meta.mirror_count;
	error = error ?: mirrors_renew(session); /* nobody's copies go to what will be judged */
	error = error ?: finish_enforcing(session, &new->hooks, &transition);
	if (error && undo_enforcing(session, &new->current, NULL))
		forget_after_failure(session, ifindex);
	return error;
}

static int attach_in_mode(struct session *session, const struct link *link, enum mode_choice choice,
			  enum xdp_mode mode, struct generation_input input,
			  struct attachment *attachment)
{
	_cleanup_(attachment_close) struct attachment new = ATTACHMENT_EMPTY;
	struct pending pending = input.plan->pending;
	char path[PATH_MAX], gateway[IF_NAMESIZE];
	struct pctl_own own;
	int error;

	error = hooks_read(session->nl, link->ifindex, &new.hooks);
	error = error ?: hooks_check(&new.hooks, mode, NULL, NULL);
	error = error
			?: shaping_check(session->nl, &new.hooks,
					 shape_directions(input.plan->compiled), NULL);
	if (!error && mode != XDP_MODE_NONE)
		error = stacked_check_lower(session->nl, &new.hooks.link)
				?: stacked_check_upper(session->nl, &new.hooks.link);
	error = error ?: own_addresses_find(session->nl, &new.hooks.link, input.plan->policy, &own);
	error = error ?: check_mirrors(session, &new.hooks.link, input.plan, NULL);
	error = error ?: live_gateway(session, &new.hooks.link, input.plan->policy, gateway);
	if (error)
		return error;
	generation_path(session, link->ifindex, 1, path);
	input.gateway = gateway;
	input.bridge = new.hooks.link.master;
	input.meta = new_meta(choice, mode, new.hooks.link.kind);
	fill_meta(&new.hooks, &input.meta);
	input.own = &own;
	pending.nothing_before = true;
	input.pending = &pending;
	error = make(session, &input, path, 1, &new.current);
	error = error ?: bring_into_force(session, &new, false);
	if (error)
		return error;
	*attachment = new;
	new = (struct attachment)ATTACHMENT_EMPTY;
	return 0;
}

enum xdp_mode attachment_mode_of(const struct link *link, enum mode_choice choice)
{
	switch (choice) {
	case MODE_NONE:
		return XDP_MODE_NONE;
	case MODE_NATIVE:
		return XDP_MODE_NATIVE;
	case MODE_GENERIC:
		return XDP_MODE_GENERIC;
	case MODE_AUTO:
		break;
	}
	return strcmp(link->kind, "veth") ? XDP_MODE_NATIVE : XDP_MODE_GENERIC;
}

int attachment_prepare(struct session *session, enum mode_choice mode, const struct plan *plan,
		       const struct owner *owner, struct generation *prepared)
{
	const struct generation_input input = {
		.plan = plan,
		.owner = owner,
		.shared = session->pins.path,
		.meta = new_meta(mode, attachment_mode_of(&(struct link){ .kind = "veth" }, mode),
				 "veth"),
	};
	int error = policy_assign_ids(plan->policy, NULL);

	return error ?: make(session, &input, "", 1, prepared);
}

int attachment_attach_prepared(struct session *session, const struct link *link,
			       struct generation *prepared, const struct owner *owner,
			       struct attachment *attachment)
{
	_cleanup_(attachment_close) struct attachment new = ATTACHMENT_EMPTY;
	char path[PATH_MAX];
	int error;

	new.current = *prepared;
	*prepared = (struct generation)GENERATION_EMPTY;
	error = hooks_read(session->nl, link->ifindex, &new.hooks);
	error = error ?: hooks_check(&new.hooks, new.current.meta.mode, NULL, NULL);
	error = error ?: shaping_check(session->nl, &new.hooks, new.current.meta.shapes, NULL);
	if (!error && new.current.meta.mode != XDP_MODE_NONE)
		error = stacked_check_master(session->nl, &new.hooks.link);
	if (error)
		return error;
	generation_path(session, link->ifindex, 1, path);
	if (snprintf(new.current.path, sizeof(new.current.path), "%s", path) >=
	    (int)sizeof(new.current.path))
		return -ENAMETOOLONG;
	fill_meta(&new.hooks, &new.current.meta);
	new.current.owner = *owner;
	error = generation_save_owner(&new.current);
	error = error ?: generation_save_meta(&new.current);
	error = error ?: bring_into_force(session, &new, true);
	if (error)
		return error;
	*attachment = new;
	new = (struct attachment)ATTACHMENT_EMPTY;
	return 0;
}

/* Native mode is not there: the driver has none, or not for this device as it is set up. */
static bool lacks_native(int error)
{
	return error == -EOPNOTSUPP || error == -EINVAL || error == -ERANGE;
}

int attachment_attach(struct session *session, const struct link *link, enum mode_choice choice,
		      const struct plan *plan, const struct owner *owner,
		      struct attachment *attachment)
{
	const struct generation_input input = {
		.plan = plan,
		.owner = owner,
		.shared = session->pins.path,
	};
	enum xdp_mode mode = attachment_mode_of(link, choice);
	int error = policy_assign_ids(plan->policy, NULL);

	error = error ?: attach_in_mode(session, link, choice, mode, input, attachment);
	if (mode != XDP_MODE_NATIVE || choice == MODE_NATIVE || !lacks_native(error))
		return error;
	error_clear();
	return attach_in_mode(session, link, choice, XDP_MODE_GENERIC, input, attachment);
}

/* Is `current` itself only there for a while? Then what it took the place of is handed on: by a
 * quarantine over changes of its own, by a command over its own second step, and by a quarantine
 * that ends what waits to be confirmed. */
static bool hands_on(const struct generation *current, const struct plan *plan)
{
	if (plan->quarantine)
		return current->meta.quarantine || pending_is(&current->pending);
	return pending_is(&current->pending) && current->pending.token == plan->pending.token;
}

/* A quarantine keeps what it took the place of, and so does what waits to be confirmed. *opened: to
 * be closed by the caller. *before: NULL: there is none to keep. */
static int find_before(const struct generation *current, const struct plan *plan,
		       struct generation *opened, const struct generation **before)
{
	int error;

	*before = NULL;
	if (!plan->quarantine && !pending_is(&plan->pending))
		return 0;
	if (!hands_on(current, plan)) {
		*before = current;
		return 0;
	}
	error = generation_open_before(current, opened);
	if (!error)
		*before = opened;
	return error == -ENOENT ? 0 : error;
}

/* What was found when a policy first asked for it stays: the container may have changed its
 * addresses since. The caller may have found it anew (policy->own_found). */
static int find_own(struct session *session, const struct attachment *attachment,
		    const struct policy *policy, const struct policy *old, struct pctl_own *own)
{
	*own = policy->own_found;
	if (own->known)
		return 0;
	if (attachment->current.own.known && prefixes_equal(&policy->own, &old->own)) {
		*own = attachment->current.own;
		return 0;
	}
	return own_addresses_find(session->nl, &attachment->hooks.link, policy, own);
}

static int load_next(struct session *session, const struct attachment *attachment,
		     const struct plan *plan, const struct policy *old, const struct owner *owner,
		     enum mode_choice choice, enum xdp_mode mode, struct generation *next)
{
	_cleanup_(generation_close) struct generation opened = GENERATION_EMPTY;
	const struct generation *current = &attachment->current, *before;
	struct generation_input input = {
		.plan = plan,
		.meta = current->meta,
		.previous = current,
		.owner = owner,
		.shared = session->pins.path,
	};
	struct pending pending = plan->pending;
	char path[PATH_MAX], gateway[IF_NAMESIZE];
	struct pctl_own own;
	int error = find_own(session, attachment, plan->policy, old, &own);

	error = error ?: live_gateway(session, &attachment->hooks.link, plan->policy, gateway);
	if (error)
		return error;
	input.own = &own;
	input.gateway = gateway;
	input.bridge = attachment->hooks.link.master;
	input.meta.phase = PHASE_ENFORCING;
	input.meta.changed_at = time(NULL);
	input.meta.mode = mode;
	input.meta.mode_choice = choice;
	input.meta.guarded = hooks_are_guarded(attachment->hooks.link.kind, mode);
	if (!attachment->hooks.qdiscs.clsact[0])
		input.meta.made_clsact = 1; /* it was deleted, and is made anew */
	generation_path(session, current->meta.ifindex, current->number + 1, path);
	error = find_before(current, plan, &opened, &before);
	pending.nothing_before = !before;
	input.pending = &pending;
	error = error ?: make(session, &input, path, current->number + 1, next);
	if (error)
		return error;
	error = generation_pin(next, before);
	if (error)
		generation_close(next);
	return error;
}

static int change(struct session *session, struct attachment *attachment, const struct plan *plan,
		  const struct policy *old, const struct owner *owner, enum mode_choice choice,
		  enum xdp_mode mode)
{
	_cleanup_(generation_close) struct generation next = GENERATION_EMPTY;
	const struct transition transition = {
		.target = &next,
		.plan = plan,
		.policy = plan->policy,
		.previous = &attachment->current,
		.previous_policy = old,
	};
	int error;

	error = hooks_check(&attachment->hooks, mode, NULL, &attachment->current);
	error = error
			?: shaping_check(session->nl, &attachment->hooks,
					 shape_directions(plan->compiled), &attachment->current);
	if (!error && mode != XDP_MODE_NONE)
		error = stacked_check_upper(session->nl, &attachment->hooks.link);
	error = error ?: check_mirrors(session, &attachment->hooks.link, plan, old);
	error = error ?: load_next(session, attachment, plan, old, owner, choice, mode, &next);
	if (error)
		return error;
	session->mirrors = session->mirrors || next.meta.mirror_count;
	error = mirrors_renew(session);
	error = error ?: finish_enforcing(session, &attachment->hooks, &transition);
	if (error) {
		if (undo_enforcing(session, &next, &attachment->current))
			generation_unpin(next.path);
		return error;
	}
	if (pending_is(&attachment->current.pending) &&
	    attachment->current.pending.token != next.pending.token)
		pending_wake(&attachment->current.pending);
	generation_close(&attachment->current);
	attachment->current = next;
	next = (struct generation)GENERATION_EMPTY;
	return 0;
}

int attachment_change(struct session *session, struct attachment *attachment,
		      const struct plan *plan, const struct policy *old, const struct owner *owner)
{
	const struct meta *meta = &attachment->current.meta;

	return change(session, attachment, plan, old, owner, meta->mode_choice, meta->mode);
}

int attachment_change_mode(struct session *session, struct attachment *attachment,
			   const struct plan *plan, const struct policy *old,
			   const struct owner *owner, enum mode_choice choice)
{
	enum xdp_mode mode = attachment_mode_of(&attachment->hooks.link, choice);
	int error = change(session, attachment, plan, old, owner, choice, mode);

	if (mode != XDP_MODE_NATIVE || choice == MODE_NATIVE || !lacks_native(error))
		return error;
	error_clear();
	return change(session, attachment, plan, old, owner, choice, XDP_MODE_GENERIC);
}

int attachment_repair(struct session *session, struct attachment *attachment)
{
	int error;

	if (attachment_live(attachment) && shaping_is_complete(session->nl, &attachment->current))
		return 0;
	error = refresh_hooks(session, &attachment->hooks, &attachment->current);
	if (!error && generation_wants(&attachment->current, HOOK_XDP) &&
	    !hooks_runs(&attachment->hooks, &attachment->current, HOOK_XDP))
		error = stacked_check_upper(session->nl, &attachment->hooks.link);
	error = error
			?: shaping_check(session->nl, &attachment->hooks,
					 attachment->current.meta.shapes, &attachment->current);
	error = error ?: shaping_prepare(session->nl, &attachment->hooks, &attachment->current);
	error = error
			?: hooks_enforce(session->nl, &attachment->hooks, &attachment->current,
					 NULL, NULL, NULL);
	error = error ?: verify_hooks(session, &attachment->hooks, &attachment->current);
	return error ?: 1;
}

int attachment_detach(struct session *session, struct attachment *attachment)
{
	_cleanup_(generation_close) struct generation newest = GENERATION_EMPTY;
	_cleanup_(generation_close) struct generation older = GENERATION_EMPTY;
	int error = open_generations(session, attachment->current.meta.ifindex, &newest, &older);

	if (!error && attachment->hooks.link.xdp_id)
		error = stacked_check_upper(session->nl, &attachment->hooks.link);
	if (error) {
		attachment_close(attachment);
		return error;
	}
	newest.meta.phase = PHASE_DETACHING;
	error = generation_save_meta(&newest);
	error = error ?: finish_detaching(session, &attachment->hooks, &newest, &older);
	error = error ?: mirrors_renew(session); /* others may mirror to it from here on */
	if (!error && pending_is(&newest.pending))
		pending_wake(&newest.pending);
	attachment_close(attachment);
	return error;
}
