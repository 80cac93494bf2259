// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "clock.h"
#include "error.h"
#include "follower_state.h"
#include "inherit.h"
#include "reconcile_pass.h"
#include "util.h"

/* By clock_monotonic_ns(): that a daemon starts anew does not make a hold longer. */
static uint64_t held_since(const struct follower *f, uint32_t ifindex)
{
	uint64_t since = gate_holds_since(f->gate, ifindex), now = clock_monotonic_ns();
	uint64_t held = since ? clock_boot_ns() - since : 0;

	return held < now ? now - held : now;
}

static void inherit(struct follower *f, struct veth *veth)
{
	_cleanup_(hooks_free) struct hooks hooks = {};
	bool made;

	if (hooks_read(f->nl, veth->ifindex, &hooks) || !hooks_held(&hooks) ||
	    gate_hold(f->gate, f->nl, veth->ifindex, &made) < 0)
		return;
	veth->held = veth->dirty = true;
	veth->hold_ns = held_since(f, veth->ifindex);
	veth->made_clsact = made || hooks_held_only(&hooks);
}

static void inherit_orphan(struct follower *f, const struct link *link)
{
	_cleanup_(hooks_free) struct hooks hooks = {};
	struct veth *veth;

	if (hooks_read(f->nl, link->ifindex, &hooks) || !hooks_held(&hooks))
		return;
	veth = veths_get(&f->veths, link->ifindex);
	if (!veth)
		return;
	veth->watched = true;
	inherit(f, veth);
}

static int inherit_orphans(struct follower *f)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(f->nl, &links, &count);

	for (size_t i = 0; i < count && !error; i++)
		if (!reconcile_may_follow(f, &links[i]) &&
		    (!strcmp(links[i].kind, "veth") || !strcmp(links[i].kind, "tun")))
			inherit_orphan(f, &links[i]);
	return error;
}

int inherit_named(struct follower *f, struct session *session)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	int error = 0;

	if (!f->settings.desired_of_interfaces)
		return 0;
	error = attachment_list(session, &ifindexes, &count);
	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
		const struct owner *owner = &attachment.current.owner;
		struct veth *veth = NULL;

		if (!attachment_open(session, ifindexes[i], &attachment) &&
		    owner_is_interface(owner) && owner->manager == f->settings.manager)
			veth = veths_get(&f->veths, ifindexes[i]);
		if (veth)
			veth->named = true;
	}
	error_clear();
	return error ?: inherit_orphans(f);
}

int inherit_gates(struct follower *f)
{
	int error = reconcile_list_veths(f);

	for (size_t i = 0; i < f->veths.count && !error; i++) {
		struct veth *veth = &f->veths.items[i];

		if (!veth->held && veth->status == VETH_WAITING && !veth->judged_ns)
			inherit(f, veth);
	}
	error_clear();
	return error;
}
