// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include <string.h>

#include "clock.h"
#include "error.h"
#include "veth_gate.h"
#include "veth_log.h"
#include "sightings.h"

void veth_gate_note(struct follower *f, struct veth *veth, const char *why)
{
	struct hold hold = { .ifindex = veth->ifindex };

	if (!strncmp(veth->noted, why, sizeof(veth->noted) - 1))
		return;
	snprintf(veth->noted, sizeof(veth->noted), "%s", why);
	memcpy(hold.name, veth->link.name, sizeof(hold.name));
	hold.since_ns = clock_boot_ns() - (clock_monotonic_ns() - veth->hold_ns);
	snprintf(hold.why, sizeof(hold.why), "%s", why);
	if (gate_note(f->gate, &hold))
		notice("%s", error_message(0));
	error_clear();
}

#define SIGHTING_MS 5

/* Sets that name containers have the addresses of this one, as far as there are such sets. */
static bool is_known_to_sets(struct reconcile_pass *pass, struct veth *veth)
{
	struct follower *f = pass->follower;
	bool seen;

	if (!veth->container[0])
		return true;
	seen = sighting_take(f, veth);
	set_keeper_refresh(pass);
	if (!seen && f->keeper.count)
		veth->retry_ns = clock_monotonic_ns() + SIGHTING_MS * NS_PER_MS;
	return seen || !f->keeper.count;
}

void veth_let_go(struct reconcile_pass *pass, struct veth *veth)
{
	struct follower *f = pass->follower;

	if (!veth->held || !is_known_to_sets(pass, veth))
		return;
	if (gate_lift(f->gate, f->nl, veth->ifindex, veth->made_clsact))
		veth_log_once(pass, veth, LOG_LEVEL_ERROR, "cannot let go", NULL, error_message(0));
	else
		veth->held = false;
	veth->noted[0] = '\0';
	error_clear();
}

void veth_hold(const struct reconcile_pass *pass, struct veth *veth)
{
	struct follower *f = pass->follower;
	bool made;
	int error;

	if (veth->held && !veth->filters_changed)
		return;
	veth->filters_changed = false;
	error = gate_hold(f->gate, f->nl, veth->ifindex, &made);
	if (!error && veth->held)
		veth_log(pass, veth, LOG_LEVEL_WARNING, "put back", NULL, 0,
			 "another process took the gate off");
	veth->made_clsact = veth->made_clsact || made;
	if (!veth->held)
		veth->hold_ns = clock_monotonic_ns();
	veth->held = error >= 0;
	if (error < 0 && error != -ENODEV)
		veth_log_once(pass, veth, LOG_LEVEL_ERROR, "cannot hold", NULL,
			      error_message(error));
	error_clear();
}

void veth_gate_judged(void *data, uint32_t ifindex)
{
	struct reconcile_pass *pass = data;
	struct veth *veth = veths_find(&pass->follower->veths, ifindex);

	if (!veth)
		return;
	veth->judged_ns = clock_monotonic_ns();
	veth_let_go(pass, veth);
}

void veth_gate_unjudged(void *data, uint32_t ifindex)
{
	struct reconcile_pass *pass = data;
	struct veth *veth = veths_find(&pass->follower->veths, ifindex);

	if (!veth)
		return;
	veth->judged_ns = 0;
	veth_hold(pass, veth);
}
