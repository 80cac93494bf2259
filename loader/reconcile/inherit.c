// SPDX-License-Identifier: GPL-2.0-only
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
