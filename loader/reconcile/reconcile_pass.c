// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "log.h"
#include "reconcile_pass.h"
#include "sightings.h"
#include "util.h"
#include "veth_gate.h"
#include "veth_reconcile.h"
#include "veth_wait.h"

/* Then signals, the engine and metrics get their turn. */
#define PASS_NS (100 * NS_PER_MS)

/* --- listing --- */

/* Takes in what the kernel says of a link. Returns whether that may matter. */
static bool update(struct veth *veth, const struct link *link)
{
	const struct link *old = &veth->link;
	bool changed = !old->ifindex || old->master != link->master ||
		       old->peer_nsid != link->peer_nsid || old->xdp_id != link->xdp_id ||
		       old->xdp_mode != link->xdp_mode || strcmp(old->name, link->name) != 0 ||
		       (veth->held && ((old->flags ^ link->flags) & IFF_RUNNING));

	/* It went to another container. On its way out it is in no namespace for a while. */
	if (veth->container[0] && link->peer_nsid >= 0 && link->peer_nsid != veth->container_nsid) {
		veth->container[0] = '\0';
		sighting_drop(veth);
	}
	veth->link = *link;
	return changed;
}

bool reconcile_may_follow(const struct follower *f, const struct link *link)
{
	return (link->master && !strcmp(link->kind, "veth")) || watched_names_have(f->names, link);
}

void reconcile_note_new(struct follower *f, const struct link *link)
{
	struct veth *veth;

	if (bridges_kind(f->bridges, link->master) != BRIDGE_FOLLOWED &&
	    !watched_names_have(f->names, link))
		return;
	veth = veths_get(&f->veths, link->ifindex);
	if (veth)
		veth->heard_ns = clock_monotonic_ns();
}

static void take_in(struct follower *f, const struct link *link)
{
	struct veth *veth = veths_find(&f->veths, link->ifindex);

	/* What was followed is looked at once more, to be let go. */
	if (!reconcile_may_follow(f, link) &&
	    !(veth && (veth->named || (veth->held && veth->watched))))
		return;
	/* The list may be ahead of the kernel's messages. */
	if (f->ready && !veth)
		reconcile_note_new(f, link);
	veth = veths_get(&f->veths, link->ifindex);
	if (!veth)
		return; /* no memory: the next pass finds it */
	veth->listed = true;
	if (update(veth, link))
		veth->dirty = true;
}

static void remove_unlisted(struct follower *f)
{
	for (size_t i = f->veths.count; i-- > 0;) {
		if (f->veths.items[i].listed)
			continue;
		f->veth_gone = f->keeper.dirty = true;
		gate_forget(f->gate, f->veths.items[i].ifindex);
		veths_remove(&f->veths, f->veths.items[i].ifindex);
	}
}

int reconcile_list_veths(struct follower *f)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(f->nl, &links, &count);

	if (error)
		return error;
	for (size_t i = 0; i < f->veths.count; i++)
		f->veths.items[i].listed = false;
	for (size_t i = 0; i < count; i++)
		take_in(f, &links[i]);
	remove_unlisted(f);
	return 0;
}

/* --- choosing --- */

static void mark_due(struct follower *f)
{
	uint64_t now = clock_monotonic_ns();

	for (size_t i = 0; i < f->veths.count; i++) {
		struct veth *veth = &f->veths.items[i];

		if (veth->retry_ns && veth->retry_ns <= now) {
			veth->retry_ns = 0;
			veth->dirty = true;
		}
	}
}

/* To read all processes takes a while: only if a veth needs to know its container. */
static bool needs_container(const struct follower *f, const struct veth *veth)
{
	return veth->dirty && !veth->container[0] && !veth->named && veth->link.peer_nsid >= 0 &&
	       (veth->held || bridges_kind(f->bridges, veth->link.master) == BRIDGE_FOLLOWED);
}

static bool needs_namespace_containers(const struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		if (needs_container(f, &f->veths.items[i]))
			return true;
	return false;
}

/* Held ones come first: a container waits behind each. */
static struct veth *next_dirty(struct follower *f)
{
	struct veth *found = NULL;

	for (size_t i = 0; i < f->veths.count; i++) {
		struct veth *veth = &f->veths.items[i];

		if (veth->dirty && (!found || (veth->held && !found->held)))
			found = veth;
	}
	return found;
}

/* --- the pass --- */

static void lift_dead_gates(struct reconcile_pass *pass)
{
	int count = gate_tidy_others(pass->follower->gate, pass->session);

	pass->follower->neighbour_gone = false;
	if (count)
		log_event(count < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
			  "let go what a dead process held", "interfaces",
			  count < 0 ? NULL : log_number(count), "why",
			  count < 0 ? error_message(count) : NULL, NULL);
	error_clear();
}

/* Veths first. Policies for containers that start come behind: the kernel's message comes long
 * before the container can use its veth. */
static void reconcile_dirty(struct reconcile_pass *pass)
{
	struct follower *f = pass->follower;
	uint64_t end = clock_monotonic_ns() + PASS_NS;
	struct veth *veth;

	if (f->neighbour_gone)
		lift_dead_gates(pass);
	while (clock_monotonic_ns() < end && (veth = next_dirty(f))) {
		veth->dirty = false;
		veth_reconcile(pass, veth);
	}
	set_keeper_refresh(pass);
	if (!veth && f->starting_count)
		veth_prepare(pass, f->starting[--f->starting_count]);
}

int reconcile_in_session(struct follower *f, void (*each)(struct reconcile_pass *pass))
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) struct namespace_container *namespace_containers = NULL;
	struct reconcile_pass pass = { .follower = f, .session = &session };
	int error = 0;

	if (needs_namespace_containers(f))
		error = namespace_containers_read(f->nl, -1, &namespace_containers,
						  &pass.namespace_container_count);
	if (error)
		return error;
	pass.namespace_containers = namespace_containers;
	veths_wait(&pass);
	error = session_open(&session,
			     PINS_CREATE); /* forgets attachments of veths that are gone */
	if (error)
		return error;
	session.judged = veth_gate_judged;
	session.unjudged = veth_gate_unjudged;
	session.judged_data = &pass;
	session.make = loads_make;
	session.make_data = f->loads;
	f->veth_gone = f->links_changed = false;
	each(&pass);
	return 0;
}

int reconcile_pass(struct follower *f, bool *more)
{
	int error = reconcile_list_veths(f);

	mark_due(f);
	if (!error && (next_dirty(f) || f->starting_count || f->veth_gone || f->neighbour_gone ||
		       f->links_changed || set_keeper_is_due(f)))
		error = reconcile_in_session(f, reconcile_dirty);
	*more = next_dirty(f) || f->starting_count;
	return error;
}
