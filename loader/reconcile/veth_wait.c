// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "clock.h"
#include "error.h"
#include "util.h"
#include "veth_container.h"
#include "veth_gate.h"
#include "veth_log.h"
#include "veth_named.h"
#include "veth_wait.h"
#include "wait.h"

/* --- one veth --- */

static const char *name_without_veth(const struct follower *f, const struct veth *veth)
{
	const struct container *container = veth_container_without(f, veth, NULL);

	return container ? container->name : NULL;
}

static void describe(const struct reconcile_pass *pass, const struct veth *veth, struct wait *wait)
{
	struct follower *f = pass->follower;

	*wait = (struct wait){
		.bridge = bridges_kind(f->bridges, veth->link.master),
		.may_be_followed = bridges_hold(f->bridges, f->nl, veth->link.master),
		.here = (veth->link.peer_nsid < 0),
		.engine_name = wait_is_engine_name(veth->link.name),
		.named = veth_is_named(pass, veth),
		.starting = !f->engine_seen && clock_monotonic_ns() - f->start_ns < WAIT_START_NS,
		.engine_answers = engine_synced(f->engine),
		.listed = (f->listed_ns > veth->hold_ns),
		.podman = engine_is_podman(f->engine),
		.without_veth = name_without_veth(f, veth),
		.held_ns = clock_monotonic_ns() - veth->hold_ns,
	};
	error_clear();
}

/* Often at first: a container's first process comes a moment behind its network. */
static uint64_t next_look(const struct veth *veth, uint64_t now)
{
	uint64_t held = now - veth->hold_ns;
	uint64_t next = now + (held < NS_PER_SECOND ? 10 : 500) * NS_PER_MS;
	uint64_t end = veth->hold_ns + WAIT_NS;

	return now < end && next > end ? end : next;
}

/* For `list` and `doctor` at once, for the log if it takes long. @held_ns: as of the moment at
 * which `why` held; a moment later it may be let go. */
static void say(struct follower *f, struct veth *veth, uint64_t held_ns, const char *why)
{
	const struct reconcile_pass pass = { .follower = f };

	veth_gate_note(f, veth, why);
	if (held_ns >= WAIT_NS)
		veth_log_once(&pass, veth, LOG_LEVEL_WARNING, "held", NULL, why);
}

void veth_wait(struct reconcile_pass *pass, struct veth *veth)
{
	char why[WAIT_WHY];
	struct wait wait;

	describe(pass, veth, &wait);
	if (!wait_is_over(&wait, why)) {
		say(pass->follower, veth, wait.held_ns, why);
		veth->retry_ns = next_look(veth, clock_monotonic_ns());
		return;
	}
	veth_log_once(pass, veth, LOG_LEVEL_INFO, "let go", NULL, why);
	veth_let_go(pass, veth);
}

/* --- all --- */

void veths_wait(struct reconcile_pass *pass)
{
	const struct veths *veths = &pass->follower->veths;

	for (size_t i = 0; i < veths->count; i++) {
		struct veth *veth = &veths->items[i];

		if (veth->held && veth->dirty && !veth->container[0] &&
		    veth_of_engine(pass, veth) && clock_monotonic_ns() - veth->hold_ns >= WAIT_NS)
			veth_wait(pass, veth);
	}
}

void veths_held_because(struct follower *f, const char *why)
{
	for (size_t i = 0; i < f->veths.count; i++) {
		struct veth *veth = &f->veths.items[i];

		if (veth->held)
			say(f, veth, clock_monotonic_ns() - veth->hold_ns, why);
	}
}
