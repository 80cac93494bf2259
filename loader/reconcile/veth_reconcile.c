// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "attachment_text.h"
#include "clock.h"
#include "desired_attachment.h"
#include "error.h"
#include "ids.h"
#include "needs.h"
#include "net_admin.h"
#include "own.h"
#include "reconcile.h"
#include "util.h"
#include "veth_container.h"
#include "veth_gate.h"
#include "veth_log.h"
#include "veth_named.h"
#include "veth_reconcile.h"
#include "veth_wait.h"

/* --- status --- */

static void retry_in(struct veth *veth, unsigned int ms)
{
	veth->retry_ns = clock_monotonic_ns() + ms * NS_PER_MS;
}

static void settle(struct veth *veth, enum veth_status status)
{
	veth->status = status;
	veth->tries = 0;
	veth->retry_ns = 0;
}

/* --- the result --- */

static void count(struct follower *f, const struct veth *veth, enum reconciled done)
{
	struct follower_counts *counts = &f->counts;

	counts->attached += done == RECONCILED_ATTACHED;
	counts->changed += done == RECONCILED_CHANGED;
	counts->repaired += done == RECONCILED_REPAIRED || done == RECONCILED_RENEWED;
	counts->detached += done == RECONCILED_DETACHED;
	if (done == RECONCILED_ATTACHED && veth->heard_ns)
		histogram_add(&counts->policy, ns_to_seconds(veth->judged_ns - veth->heard_ns));
}

static enum veth_status status_of(const struct desired_attachment *desired, enum reconciled done)
{
	if (done == RECONCILED_OTHERS)
		return VETH_OTHERS;
	if (done == RECONCILED_QUARANTINE || desired_is_quarantine(desired))
		return VETH_QUARANTINED;
	if (done == RECONCILED_KEPT)
		return VETH_ENFORCED;
	if (!desired->plan)
		return VETH_ALONE;
	return desired->owner.held ? VETH_HELD : VETH_ENFORCED;
}

static void log_done(struct reconcile_pass *pass, struct veth *veth,
		     const struct container *container, const struct desired_policy *policy,
		     const struct desired_attachment *desired, enum reconciled done)
{
	bool faulty = policy->kind == DESIRED_FAULTY && !desired_is_quarantine(desired);
	bool is_new = faulty && veth_trouble_is_new(veth, "faulty", policy->why);
	bool same = done == RECONCILED_SAME;
	bool quiet = done == RECONCILED_KEPT || (same && desired->owner.held) ||
		     (same && desired_is_quarantine(desired) && veth->status == VETH_QUARANTINED);
	size_t rules = desired->plan ? desired->plan->policy->count : 0;

	if (is_new || (!faulty && !desired_is_quarantine(desired) &&
		       (done == RECONCILED_ATTACHED || done == RECONCILED_CHANGED)))
		veth_log_details(veth, container, policy);
	if (!quiet || is_new)
		veth_log(pass, veth, reconciled_level(done, desired),
			 reconciled_message(done, desired), &desired->owner, rules,
			 faulty ? policy->why : desired->owner.why);
	if (!faulty)
		veth->told[0] = '\0';
}

/* Once for each veth. Without a policy too: it can change devices of others. */
static void warn_of_net_admin(const struct reconcile_pass *pass, struct veth *veth,
			      const struct container *container,
			      const struct desired_attachment *desired)
{
	if (!container || veth->warned || desired->owner.held ||
	    net_admin_of(pass->follower->engine, container) != NET_ADMIN_OF_HOST)
		return;
	veth->warned = true;
	veth_log(pass, veth, LOG_LEVEL_WARNING, "not confined", &desired->owner, 0,
		 ATTACHMENT_ADMIN_OF_HOST ": " ATTACHMENT_ADMIN_WHY);
}

static void finish(struct reconcile_pass *pass, struct veth *veth,
		   const struct container *container, const struct desired_policy *policy,
		   const struct desired_attachment *desired, enum reconciled done)
{
	if (done == RECONCILED_ATTACHED && !veth->judged_ns)
		veth->judged_ns = clock_monotonic_ns();
	veth->mode = desired->mode;
	count(pass->follower, veth, done);
	if (done == RECONCILED_QUARANTINE)
		veth_log_once(pass, veth, LOG_LEVEL_WARNING, reconciled_message(done, desired),
			      &desired->owner, "policyctl release ends it");
	else if (done != RECONCILED_OTHERS)
		log_done(pass, veth, container, policy, desired, done);
	warn_of_net_admin(pass, veth, container, desired);
	veth->heard_ns = 0; /* later records have nothing to do with its arrival */
	settle(veth, status_of(desired, done));
	veth_let_go(pass, veth);
}

/* The attachment has another manager. */
static void log_others(const struct reconcile_pass *pass, struct veth *veth,
		       const struct desired_attachment *desired, const struct owner *found)
{
	static const char *const words[] = {
		[OWNER_NOBODY] = "it was attached by hand",
		[OWNER_DAEMON] = "the daemon keeps its policy",
		[OWNER_SIDECAR] = "a sidecar keeps its policy",
	};
	unsigned int manager = owner_is(found) ? found->manager : OWNER_NOBODY;

	if (desired_is_quarantine(desired)) {
		veth_log_once(pass, veth, LOG_LEVEL_WARNING, "in quarantine", &desired->owner,
			      "by hand: policyctl release ends it");
		return;
	}
	veth_log_once(pass, veth, LOG_LEVEL_WARNING, reconciled_message(RECONCILED_OTHERS, desired),
		      &desired->owner, manager < ARRAY_SIZE(words) ? words[manager] : NULL);
}

/* No packet of the container passes until it works. */
void veth_fail(struct reconcile_pass *pass, struct veth *veth,
	       const struct desired_attachment *desired)
{
	enum owner_hold held;

	pass->follower->counts.failures++;
	veth_log_once(pass, veth, LOG_LEVEL_ERROR, "cannot enforce", &desired->owner,
		      error_message(0));
	error_clear();
	if (desired->plan && !veth_has_policy(pass, veth, &held))
		veth_hold(pass, veth);
	if (veth->held)
		veth_gate_note(pass->follower, veth, veth->told);
	veth->status = VETH_FAILED;
	retry_in(veth, 1000);
}

/* Its policy is being loaded. No packet passes meanwhile, unless another policy judges. */
static void wait_for_load(struct reconcile_pass *pass, struct veth *veth,
			  const struct desired_attachment *desired)
{
	struct follower *f = pass->follower;
	enum owner_hold held;

	error_clear();
	if (!veth->held && desired->plan && !veth_has_policy(pass, veth, &held))
		veth_hold(pass, veth);
	if (veth->held)
		veth_gate_note(f, veth, "its policy is being loaded");
	if (loads_age(f->loads, desired->owner.container) > LOAD_SLOW_NS)
		veth_log_once(pass, veth, LOG_LEVEL_WARNING, "waiting for its policy",
			      &desired->owner, "the kernel is still checking its programs");
	veth->status = VETH_WAITING;
	retry_in(veth, 2100);
}

/* --- a container that is known --- */

/* What it needs is only known when its veth is there: its addresses, its bridge. */
static bool needs_veth(const struct policy *policy)
{
	return policy_asks_for_own(policy, NULL) || policy_learns(policy) ||
	       policy_needs_gateway(policy);
}

void veth_prepare(struct reconcile_pass *pass, const char *id)
{
	_cleanup_(generation_close) struct generation prepared = GENERATION_EMPTY;
	_cleanup_(desired_policy_unrefp) struct desired_policy *policy = NULL;
	struct follower *f = pass->follower;
	const struct container *container = engine_container(f->engine, id);
	struct container asked;
	enum mode_choice mode;
	struct owner owner;
	bool any;

	if (!container)
		return;
	asked = *container;
	asked.on_network = container->network_count == 1 ? container->networks[0] : NULL;
	if (f->settings.desired(f->settings.data, &asked, &policy) ||
	    policy->kind != DESIRED_POLICY)
		return;
	if (needs_veth(policy->plan.policy))
		return;
	mode = desired_mode(f, container, &any);
	desired_owner(f, container, 0, policy, &owner);
	policy_forget_ids(policy->plan.policy);
	if (!attachment_prepare(pass->session, mode, &policy->plan, &owner, &prepared))
		prepared_add(&f->prepared, id, policy, mode, &prepared);
	error_clear(); /* the attach will fail the same way, and log it */
}

void veth_apply(struct reconcile_pass *pass, struct veth *veth, const struct container *container,
		const struct desired_policy *policy, struct desired_attachment *desired)
{
	enum reconciled done;
	struct owner found;
	int error;

	pass->session->newborn = veth->newborn && veth->held;
	pass->follower->keeper.dirty = true; /* a new policy may bring sets along */
	error = reconcile(pass->session, &veth->link, desired, &done, &found);
	if (error == -EUCLEAN) {
		veth_hold(pass, veth);
		desired->renew = true;
		error = reconcile(pass->session, &veth->link, desired, &done, &found);
	}
	if (error == -EINPROGRESS)
		wait_for_load(pass, veth, desired);
	else if (error == -ENODEV)
		error_clear(); /* it went meanwhile, and the kernel's message is on its way */
	else if (error)
		veth_fail(pass, veth, desired);
	if (error)
		return;
	if (done == RECONCILED_OTHERS)
		log_others(pass, veth, desired, &found);
	finish(pass, veth, container, policy, desired, done);
}

static void reconcile_container(struct reconcile_pass *pass, struct veth *veth,
				const struct container *whole)
{
	char network[sizeof(((struct owner *)NULL)->network)] = "";
	struct container asked = *whole;
	const struct container *container = &asked;
	_cleanup_(desired_attachment_clear) struct desired_attachment desired = {};
	_cleanup_(desired_policy_unrefp) struct desired_policy *policy = NULL;
	_cleanup_(generation_close) struct generation prepared = GENERATION_EMPTY;
	struct follower *f = pass->follower;
	int error;

	bridges_network(f->bridges, veth->link.master, network, sizeof(network));
	asked.on_network = network;
	error = f->settings.desired(f->settings.data, container, &policy);
	if (error) {
		error_set(error, "%s", strerror(-error));
		veth_fail(pass, veth, &desired);
		return;
	}
	if (policy->kind == DESIRED_BY_OTHERS) {
		settle(veth, VETH_OTHERS);
		veth_let_go(pass, veth);
		return;
	}
	if (veth->held)
		veth_gate_note(f, veth, "its policy is being put in force");
	gate_keep(f->gate, container->id);
	error = desired_attachment_fill(pass, veth, container, policy, &desired);
	if (error) {
		veth_fail(pass, veth, &desired);
		return;
	}
	if (policy->kind == DESIRED_POLICY && !desired_is_quarantine(&desired) &&
	    !desired.owner.held &&
	    prepared_take(&f->prepared, container->id, policy, desired.mode, &prepared))
		desired.prepared = &prepared;
	veth_apply(pass, veth, container, policy, &desired);
}

/* --- a veth that is none of ours --- */

/* Did this follower, or the one before it, attach what has our manager? A sidecar's attachments may
 * be another sidecar's. */
static bool may_detach(const struct follower *f, const struct veth *veth)
{
	return f->settings.manager == OWNER_DAEMON || veth->status == VETH_ENFORCED ||
	       veth->status == VETH_HELD || veth->status == VETH_QUARANTINED;
}

int veth_release(struct reconcile_pass *pass, struct veth *veth)
{
	const struct desired_attachment desired = {
		.owner = { .version = OWNER_VERSION, .manager = pass->follower->settings.manager },
	};
	enum reconciled done;
	struct owner found;
	int error;

	if (!may_detach(pass->follower, veth)) {
		settle(veth, VETH_OTHERS);
		veth_let_go(pass, veth);
		return 0;
	}
	error = reconcile(pass->session, &veth->link, &desired, &done, &found);
	if (!error && done == RECONCILED_DETACHED)
		veth_log(pass, veth, LOG_LEVEL_INFO, reconciled_message(done, &desired), &found, 0,
			 NULL);
	if (!error)
		settle(veth, done == RECONCILED_QUARANTINE ? VETH_QUARANTINED : VETH_ALONE);
	veth_let_go(pass, veth);
	return error == -ENODEV ? 0 : error;
}

/* --- a container that is not known yet --- */

/* About a second of them, and then a minute: a container that starts is known by then. */
#define QUICK_TRIES 100
#define TRIES 160

/* Who is behind it is not known. One that is not held came before this process, or was let go: it
 * is looked at for a while. Later the engine's events tell. */
static void wait_for_container(struct reconcile_pass *pass, struct veth *veth)
{
	veth->status = VETH_WAITING;
	if (veth->container[0])
		return;
	if (veth->held)
		veth_wait(pass, veth);
	else if (veth->tries++ < TRIES)
		retry_in(veth, veth->tries < QUICK_TRIES ? 10 : 1000);
}

static void reconcile_foreign(struct reconcile_pass *pass, struct veth *veth)
{
	if (veth->held && !veth->container[0])
		veth_wait(pass, veth);
	if (veth_release(pass, veth))
		veth_log_once(pass, veth, LOG_LEVEL_ERROR, "cannot take off", NULL,
			      error_message(0));
	error_clear();
}

/* The engine has not listed its bridge. */
static void reconcile_unknown(struct reconcile_pass *pass, struct veth *veth)
{
	veth->status = VETH_WAITING;
	if (veth->held && !veth->noted[0])
		engine_refresh_networks(pass->follower->engine);
	if (veth->held && !veth->container[0])
		veth_wait(pass, veth);
	else if (engine_synced(pass->follower->engine))
		retry_in(veth, 1000); /* it may be foreign then: no event tells */
}

static void reconcile_followed(struct reconcile_pass *pass, struct veth *veth)
{
	const struct container *container;

	if (veth->link.peer_nsid < 0) { /* the kernel tells when it goes into another one */
		veth->status = VETH_WAITING;
		if (veth->held && !veth->container[0])
			veth_wait(pass, veth);
		return;
	}
	container = veth_container(pass, veth);
	if (container)
		reconcile_container(pass, veth, container);
	else
		wait_for_container(pass, veth);
}

void veth_reconcile(struct reconcile_pass *pass, struct veth *veth)
{
	if (veth->held)
		veth_hold(pass, veth);
	if (!veth_of_engine(pass, veth)) {
		veth_named_reconcile(pass, veth);
		return;
	}
	veth->named = false;
	switch (bridges_kind(pass->follower->bridges, veth->link.master)) {
	case BRIDGE_FOREIGN:
		reconcile_foreign(pass, veth);
		break;
	case BRIDGE_UNKNOWN:
		reconcile_unknown(pass, veth);
		break;
	case BRIDGE_FOLLOWED:
		reconcile_followed(pass, veth);
		break;
	}
}
