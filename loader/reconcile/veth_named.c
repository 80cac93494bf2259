// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "desired_attachment.h"
#include "error.h"
#include "named_interfaces.h"
#include "util.h"
#include "veth_gate.h"
#include "veth_log.h"
#include "veth_named.h"
#include "veth_reconcile.h"
#include "wait.h"

/* --- whose it is --- */

static const struct named_interfaces *interfaces_of(const struct follower *f,
						    const struct link *link)
{
	const struct configuration *configuration = f->settings.configuration;

	if (!f->settings.desired_of_interfaces || named_interfaces_why_never(link))
		return NULL;
	return named_interfaces_find(configuration->interfaces, configuration->interface_count,
				     link->name);
}

/* Was something attached there for a container? */
static bool is_recorded(const struct reconcile_pass *pass, const struct veth *veth)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	const struct owner *owner = &attachment.current.owner;
	bool recorded =
		pass->session->nl && !attachment_open(pass->session, veth->ifindex, &attachment) &&
		owner_is_container(owner) && owner->manager == pass->follower->settings.manager;

	error_clear();
	return recorded;
}

bool veth_of_engine(const struct reconcile_pass *pass, const struct veth *veth)
{
	const struct follower *f = pass->follower;
	uint32_t bridge = veth->link.master;

	if (!interfaces_of(f, &veth->link))
		return bridge && !veth->named;
	if (bridge && (bridges_kind(f->bridges, bridge) == BRIDGE_FOLLOWED ||
		       bridges_is_listed(f->bridges, bridge)))
		return true;
	return !engine_synced(f->engine) && !veth->named && is_recorded(pass, veth);
}

/* How long it may take until a container's veth is a port of its bridge, and the engine has listed
 * that. */
#define ENGINE_NS (10 * NS_PER_SECOND)

/* May a container of the engine have it all the same? It joins its bridge in a moment, or the
 * engine lists that in a moment. */
static bool is_undecided(const struct follower *f, const struct veth *veth)
{
	uint64_t now = clock_monotonic_ns(), since = veth->held ? veth->hold_ns : f->start_ns;
	uint32_t bridge = veth->link.master;
	bool engine_name = wait_is_engine_name(veth->link.name);

	if (veth->named)
		return false;
	if (!bridge)
		return engine_name && now - since < WAIT_NS;
	if (bridges_kind(f->bridges, bridge) != BRIDGE_UNKNOWN)
		return false;
	if (engine_name || bridges_is_named(f->bridges, bridge))
		return now - since < ENGINE_NS;
	if (engine_synced(f->engine))
		return f->listed_ns <= since && now - since < WAIT_NS;
	return !f->engine_seen && now - f->start_ns < WAIT_START_NS;
}

/* --- waiting --- */

#define LOOK_AGAIN_NS (10 * NS_PER_MS)

static void wait_for_engine(struct reconcile_pass *pass, struct veth *veth)
{
	struct follower *f = pass->follower;

	veth->status = VETH_WAITING;
	veth->retry_ns = clock_monotonic_ns() + LOOK_AGAIN_NS;
	if (!veth->held)
		return;
	if (!veth->noted[0])
		engine_refresh_networks(f->engine);
	veth_gate_note(f, veth, "it is not certain yet that no container of the engine has it");
}

/* No guest has it while both ends are here. The gate's thread holds it when that changes. */
static void wait_for_guest(struct reconcile_pass *pass, struct veth *veth)
{
	static const char why[] = "its other end stays in this network namespace: no guest is "
				  "behind it";

	veth->status = VETH_WAITING;
	veth->retry_ns = 0;
	if (!veth->held)
		return;
	if (clock_monotonic_ns() - veth->hold_ns >= WAIT_NS) {
		veth_log_once(pass, veth, LOG_LEVEL_INFO, "let go", NULL, why);
		veth_let_go(pass, veth);
		return;
	}
	veth_gate_note(pass->follower, veth, "its other end is in this network namespace still");
	veth->retry_ns = veth->hold_ns + WAIT_NS;
}

static bool waits_for_guest(const struct veth *veth)
{
	return !veth->named && !strcmp(veth->link.kind, "veth") && veth->link.peer_nsid < 0;
}

/* --- its policy --- */

static void leave_alone(struct reconcile_pass *pass, struct veth *veth, const char *why)
{
	veth_log_once(pass, veth, LOG_LEVEL_WARNING, "never followed", NULL, why);
	veth->status = VETH_ALONE;
	veth->retry_ns = 0;
	veth_let_go(pass, veth);
}

static void enforce(struct reconcile_pass *pass, struct veth *veth,
		    const struct named_interfaces *interfaces)
{
	_cleanup_(desired_attachment_clear) struct desired_attachment desired = {};
	_cleanup_(desired_policy_unrefp) struct desired_policy *policy = NULL;
	struct follower *f = pass->follower;
	int error = f->settings.desired_of_interfaces(f->settings.data, interfaces, &policy);

	veth->named = true;
	if (error)
		error_set(error, "%s", strerror(-error));
	else
		error = desired_attachment_fill_named(pass, veth, interfaces, policy, &desired);
	if (error) {
		veth_fail(pass, veth, &desired);
		return;
	}
	if (veth->held)
		veth_gate_note(f, veth, "its policy is being put in force");
	veth_apply(pass, veth, NULL, policy, &desired);
}

/* Its name is none that is followed, or no longer. */
static void let_go(struct reconcile_pass *pass, struct veth *veth)
{
	if (!veth->named) {
		veth->status = VETH_ALONE;
		veth->retry_ns = 0;
		veth_let_go(pass, veth);
		return;
	}
	if (veth_release(pass, veth))
		veth_log_once(pass, veth, LOG_LEVEL_ERROR, "cannot take off", NULL,
			      error_message(0));
	else
		veth->named = veth->status == VETH_QUARANTINED;
	error_clear();
}

void veth_named_reconcile(struct reconcile_pass *pass, struct veth *veth)
{
	const struct follower *f = pass->follower;
	const struct named_interfaces *interfaces = interfaces_of(f, &veth->link);
	const char *why = NULL;

	if (interfaces && !veth->named)
		why = named_interfaces_why_never_here(&veth->link);
	if (!interfaces)
		let_go(pass, veth);
	else if (why)
		leave_alone(pass, veth, why);
	else if (is_undecided(f, veth))
		wait_for_engine(pass, veth);
	else if (waits_for_guest(veth))
		wait_for_guest(pass, veth);
	else
		enforce(pass, veth, interfaces);
}

/* --- what is never followed --- */

void veth_named_tell_never(const struct follower *f)
{
	const struct configuration *configuration = f->settings.configuration;
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;

	if (!f->settings.desired_of_interfaces || !configuration->interface_count ||
	    nl_links(f->nl, &links, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *why = named_interfaces_why_never(&links[i]);

		if (why && named_interfaces_find(configuration->interfaces,
						 configuration->interface_count, links[i].name))
			log_event(LOG_LEVEL_WARNING, "never followed", "interface", links[i].name,
				  "why", why, NULL);
	}
	error_clear();
}
