// SPDX-License-Identifier: GPL-2.0-only
/* One veth: whose it is, what he shall have, what became of it. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "reconcile.h"
#include "error.h"
#include "follow_tell.h"
#include "follower_state.h"
#include "ids.h"
#include "reconcile.h"
#include "util.h"

/* About two seconds of them: who is not known then is no container that starts. */
#define WAIT_TRIES 110

/* --- the gate --- */

static void let_go(const struct look *look, struct veth *veth)
{
	struct follower *f = look->follower;

	if (!veth->held)
		return;
	if (gate_lift(f->gate, f->nl, veth->ifindex, veth->made_clsact))
		follow_tell_once(look, veth, LOG_LEVEL_ERROR, "cannot let go", NULL,
				 error_message(0));
	else
		veth->held = false;
	error_clear();
}

static void hold(const struct look *look, struct veth *veth)
{
	struct follower *f = look->follower;
	bool made;
	int error;

	if (veth->held && !veth->shaken)
		return;
	veth->shaken = false;
	error = gate_hold(f->gate, f->nl, veth->ifindex, &made);
	if (!error && veth->held)
		follow_tell(look, veth, LOG_LEVEL_WARNING, "put back", NULL, 0,
			    "somebody had taken off what holds it");
	veth->made_clsact = veth->made_clsact || made;
	veth->held = error >= 0;
	if (error < 0 && error != -ENODEV)
		follow_tell_once(look, veth, LOG_LEVEL_ERROR, "cannot hold", NULL,
				 error_message(error));
	error_clear();
}

/* --- waiting --- */

/* Often at first: a container's first process comes a moment behind its network. */
static void look_again(struct veth *veth)
{
	unsigned int ms = veth->tries < 100 ? 10 : veth->tries < 300 ? 100 : 1000;

	veth->status = VETH_WAITING;
	veth->tries++;
	veth->retry_ns = clock_monotonic_ns() + ms * NS_PER_MS;
}

static void settle(struct veth *veth, enum veth_status status)
{
	veth->status = status;
	veth->tries = 0;
	veth->retry_ns = 0;
}

/* --- what he shall have --- */

static void fill_owner(const struct look *look, const struct veth *veth,
		       const struct container *container, const struct desired_policy *desired,
		       struct owner *owner)
{
	*owner = (struct owner){
		.version = OWNER_VERSION,
		.manager = look->follower->settings.manager,
		.mode_chosen = look->follower->settings.configuration->mode_auto,
	};
	snprintf(owner->container, sizeof(owner->container), "%s", container->id);
	snprintf(owner->name, sizeof(owner->name), "%s", container->name);
	bridges_network(look->follower->bridges, veth->link.master, owner->network,
			sizeof(owner->network));
	snprintf(owner->source, sizeof(owner->source), "%s", desired->source);
}

/* Has it a policy of ours that is one, not a hold? */
static bool has_policy(struct look *look, const struct veth *veth, enum owner_hold *held)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	bool attached = !attachment_open(look->session, veth->ifindex, &attachment);

	error_clear();
	*held = attachment.current.owner.held;
	return attached && !*held;
}

/* Which of the two choices is for it: did it ask for something wrong from its start on? What became
 * of it since does not change that. */
static bool is_faulty_later(struct veth *veth, bool has, enum owner_hold held)
{
	if (!veth->faulty)
		veth->faulty_later = has || held == OWNER_HELD_LATER;
	veth->faulty = true;
	return veth->faulty_later;
}

static int desire_default(struct look *look, const struct container *container,
			  struct desired_policy *instead, struct desired_attachment *want)
{
	struct container bare = *container;
	int error;

	bare.label_count = 0;
	error = look->follower->settings.desired(look->follower->settings.data, &bare, instead);
	if (!error && instead->kind == DESIRED_FAULTY)
		return -ENOENT;
	want->plan = instead->plan;
	snprintf(want->owner.source, sizeof(want->owner.source), "%s", instead->source);
	return error;
}

/* Something is wrong with what he asks for. */
static void desire_faulty(struct look *look, struct veth *veth, const struct container *container,
			  const struct desired_policy *desired, struct desired_policy *instead,
			  struct desired_attachment *want)
{
	const struct configuration *configuration = look->follower->settings.configuration;
	enum owner_hold held;
	bool has = has_policy(look, veth, &held), later = is_faulty_later(veth, has, held);
	enum faulty_choice choice = later ? configuration->faulty_change : configuration->faulty;

	snprintf(want->owner.why, sizeof(want->owner.why), "%s", desired->why);
	if (choice == FAULTY_DEFAULT && !desire_default(look, container, instead, want))
		return;
	want->keep = has && choice == FAULTY_KEEP;
	want->plan = look->follower->settings.hold;
	want->owner.held = later ? OWNER_HELD_LATER : OWNER_HELD_FROM_START;
}

/* --- what became of it --- */

static void count(struct follower *f, const struct veth *veth, enum reconciled done)
{
	struct follower_counts *counts = &f->counts;

	counts->attached += done == RECONCILED_ATTACHED;
	counts->changed += done == RECONCILED_CHANGED;
	counts->repaired += done == RECONCILED_REPAIRED || done == RECONCILED_RENEWED;
	counts->detached += done == RECONCILED_DETACHED;
	if (done == RECONCILED_ATTACHED && veth->heard_ns)
		histogram_add(&counts->policy, (veth->judged_ns - veth->heard_ns) / 1e9);
}

static enum veth_status status_of(const struct desired_attachment *want, enum reconciled done)
{
	if (done == RECONCILED_OTHERS)
		return VETH_OTHERS;
	if (done == RECONCILED_KEPT)
		return VETH_ENFORCED;
	if (!want->plan)
		return VETH_ALONE;
	return want->owner.held ? VETH_HELD : VETH_ENFORCED;
}

static void finish(struct look *look, struct veth *veth, const struct container *container,
		   const struct desired_policy *desired, const struct desired_attachment *want,
		   enum reconciled done)
{
	bool faulty = desired->kind == DESIRED_FAULTY;
	bool others = done == RECONCILED_OTHERS;
	bool news = faulty && !others && follow_is_new(veth, "faulty", desired->why);
	bool quiet = done == RECONCILED_KEPT || (done == RECONCILED_SAME && want->owner.held);
	size_t rules = want->plan ? want->plan->policy->count : 0;

	if (done == RECONCILED_ATTACHED && !veth->judged_ns)
		veth->judged_ns = clock_monotonic_ns();
	veth->mode = want->mode;
	count(look->follower, veth, done);
	if (news || (!faulty && (done == RECONCILED_ATTACHED || done == RECONCILED_CHANGED)))
		follow_tell_details(veth, container, desired);
	if (!others && (!quiet || news))
		follow_tell(look, veth, follow_level(done, want), follow_words(done, want),
			    &want->owner, rules, desired->why);
	veth->heard_ns = 0; /* what is told from now on has nothing to do with its coming */
	if (!faulty && !others)
		veth->told[0] = '\0';
	let_go(look, veth);
	settle(veth, status_of(want, done));
}

/* Somebody else's attachment. */
static void tell_of_others(const struct look *look, struct veth *veth,
			   const struct desired_attachment *want, const struct owner *found)
{
	static const char *const words[] = {
		[OWNER_NOBODY] = "it was attached by hand",
		[OWNER_DAEMON] = "the daemon keeps its policy",
		[OWNER_SIDECAR] = "a sidecar keeps its policy",
	};
	unsigned int manager = owner_is(found) ? found->manager : OWNER_NOBODY;

	follow_tell_once(look, veth, LOG_LEVEL_WARNING, follow_words(RECONCILED_OTHERS, want),
			 &want->owner, manager < ARRAY_SIZE(words) ? words[manager] : NULL);
}

/* Nothing of the container gets through until it works. */
static void fail(struct look *look, struct veth *veth, const struct desired_attachment *want)
{
	enum owner_hold held;

	look->follower->counts.failures++;
	follow_tell_once(look, veth, LOG_LEVEL_ERROR, "cannot enforce", &want->owner,
			 error_message(0));
	error_clear();
	if (want->plan && !has_policy(look, veth, &held))
		hold(look, veth);
	look_again(veth);
	veth->status = VETH_FAILED;
	veth->retry_ns = clock_monotonic_ns() + 1000 * NS_PER_MS;
}

void follow_judged(void *data, uint32_t ifindex)
{
	struct look *look = data;
	struct veth *veth = veths_find(&look->follower->veths, ifindex);

	if (!veth)
		return;
	veth->judged_ns = clock_monotonic_ns();
	let_go(look, veth);
}

void follow_unjudged(void *data, uint32_t ifindex)
{
	struct look *look = data;
	struct veth *veth = veths_find(&look->follower->veths, ifindex);

	if (!veth)
		return;
	veth->judged_ns = 0;
	hold(look, veth);
}

/* What it would be given if its veth were there. */
void follow_prepare(struct look *look, const char *id)
{
	_cleanup_(generation_close) struct generation prepared = GENERATION_EMPTY;
	_cleanup_(desired_policy_clear) struct desired_policy desired = {};
	const struct veth nowhere = {};
	struct follower *f = look->follower;
	const struct container *container = engine_container(f->engine, id);
	enum mode_choice mode;
	struct owner owner;
	bool any;

	if (!container || f->settings.desired(f->settings.data, container, &desired) ||
	    desired.kind != DESIRED_POLICY)
		return;
	mode = follow_mode(f, container, &any);
	fill_owner(look, &nowhere, container, &desired, &owner);
	policy_forget_ids(desired.plan->policy);
	if (!attachment_prepare(look->session, mode, desired.plan, &owner, &prepared))
		prepared_add(&f->prepared, id, desired.plan, mode, &prepared);
	error_clear(); /* the attach will say so */
}

static void give(struct look *look, struct veth *veth, const struct container *container,
		 const struct desired_policy *desired, struct desired_attachment *want)
{
	enum reconciled done;
	struct owner found;
	int error = reconcile(look->session, &veth->link, want, &done, &found);

	if (error == -EUCLEAN) {
		hold(look, veth);
		want->renew = true;
		error = reconcile(look->session, &veth->link, want, &done, &found);
	}
	if (error == -ENODEV)
		error_clear(); /* it went meanwhile, and the kernel's message is on its way */
	else if (error)
		fail(look, veth, want);
	if (error)
		return;
	if (done == RECONCILED_OTHERS)
		tell_of_others(look, veth, want, &found);
	finish(look, veth, container, desired, want, done);
}

static void follow_container(struct look *look, struct veth *veth,
			     const struct container *container)
{
	_cleanup_(desired_policy_clear) struct desired_policy desired = {}, instead = {};
	_cleanup_(generation_close) struct generation prepared = GENERATION_EMPTY;
	struct follower *f = look->follower;
	struct desired_attachment want = {};
	int error = f->settings.desired(f->settings.data, container, &desired);

	want.mode = follow_mode(f, container, &want.any_mode);
	if (error) {
		error_set(error, "%s", strerror(-error));
		fail(look, veth, &want);
		return;
	}
	if (desired.kind == DESIRED_BY_OTHERS) {
		let_go(look, veth);
		settle(veth, VETH_OTHERS);
		return;
	}
	fill_owner(look, veth, container, &desired, &want.owner);
	want.plan = desired.plan;
	veth->faulty = veth->faulty && desired.kind == DESIRED_FAULTY;
	if (desired.kind == DESIRED_FAULTY)
		desire_faulty(look, veth, container, &desired, &instead, &want);
	else if (prepared_take(&f->prepared, container->id, want.plan, want.mode, &prepared))
		want.prepared = &prepared;
	give(look, veth, container, &desired, &want);
}

/* Who has put something on in our name: we, our predecessor, or another one's sidecar? */
static bool is_ours(const struct follower *f, const struct veth *veth)
{
	return f->settings.manager == OWNER_DAEMON || veth->status == VETH_ENFORCED ||
	       veth->status == VETH_HELD;
}

int follow_release(struct look *look, struct veth *veth)
{
	const struct desired_attachment want = {
		.owner = { .version = OWNER_VERSION, .manager = look->follower->settings.manager },
	};
	enum reconciled done;
	struct owner found;
	int error;

	if (!is_ours(look->follower, veth)) {
		let_go(look, veth);
		settle(veth, VETH_OTHERS);
		return 0;
	}
	error = reconcile(look->session, &veth->link, &want, &done, &found);
	if (!error && done == RECONCILED_DETACHED)
		follow_tell(look, veth, LOG_LEVEL_INFO, follow_words(done, &want), &found, 0, NULL);
	let_go(look, veth);
	if (!error)
		settle(veth, VETH_ALONE);
	return error == -ENODEV ? 0 : error;
}

/* An engine takes a fraction of a second to move the other end into a container. */
#define ON_ITS_WAY_NS (10 * 1000 * NS_PER_MS)

/* It may be on its way into a container that cannot run yet. If it stays here, somebody has made it
 * for himself. */
static void hold_on_its_way(struct look *look, struct veth *veth)
{
	struct follower *f = look->follower;
	bool followed = bridges_hold(f->bridges, f->nl, veth->link.master);

	error_clear();
	if (veth->link.peer_nsid >= 0 || veth->container[0] || !followed)
		return;
	if (!veth->stays_ns)
		veth->stays_ns = clock_monotonic_ns() + ON_ITS_WAY_NS;
	if (clock_monotonic_ns() < veth->stays_ns) {
		hold(look, veth);
		veth->retry_ns = veth->stays_ns;
	} else if (veth->held) {
		follow_tell_once(look, veth, LOG_LEVEL_WARNING, "let go", NULL,
				 "its other end stays in this network namespace: no container is "
				 "behind it");
		let_go(look, veth);
	}
}

/* The engine does not know it yet, or it has no process yet. Somebody may also have made a port of
 * his own: that is held until it goes, if it came while we were there, and left alone if not. */
static void wait_for_container(struct look *look, struct veth *veth)
{
	if (veth->container[0] || (!veth->held && veth->tries > WAIT_TRIES))
		return;
	look_again(veth);
	if (veth->held && veth->tries > WAIT_TRIES)
		follow_tell_once(look, veth, LOG_LEVEL_WARNING, "held", NULL,
				 "no container that the engine knows is behind it");
}

void follow_veth(struct look *look, struct veth *veth)
{
	const struct container *container;

	if (veth->held)
		hold(look, veth);
	switch (bridges_kind(look->follower->bridges, veth->link.master)) {
	case BRIDGE_FOREIGN:
		if (follow_release(look, veth))
			follow_tell_once(look, veth, LOG_LEVEL_ERROR, "cannot take off", NULL,
					 error_message(0));
		error_clear();
		return;
	case BRIDGE_UNKNOWN:
		hold_on_its_way(look, veth);
		look_again(veth);
		return;
	case BRIDGE_FOLLOWED:
		break;
	}
	if (veth->link.peer_nsid < 0) {
		hold_on_its_way(look, veth);
		veth->status = VETH_WAITING; /* for the kernel's message */
		return;
	}
	if (veth->stays_ns && !veth->container[0])
		hold(look, veth); /* it went its way after all, after we let it go */
	veth->stays_ns = 0;
	container = follow_whose(look, veth);
	if (container)
		follow_container(look, veth, container);
	else
		wait_for_container(look, veth);
}
