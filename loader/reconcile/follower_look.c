// SPDX-License-Identifier: GPL-2.0-only
/* A look at what is there: which veths, and which of them need something. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "follower_state.h"
#include "log.h"
#include "util.h"

/* So long one look may take before others get their turn: signals, the engine, metrics. */
#define LOOK_NS (100ull * 1000 * 1000)

/* --- what is there --- */

/* Takes in what a link says; whether that may matter. */
static bool update(struct veth *veth, const struct link *link)
{
	const struct link *old = &veth->link;
	bool changed = !old->ifindex || old->master != link->master ||
		       old->peer_nsid != link->peer_nsid || old->xdp_id != link->xdp_id ||
		       old->xdp_mode != link->xdp_mode || strcmp(old->name, link->name) != 0;

	/* Another container's now. On its way out it has no namespace for a while. */
	if (veth->container[0] && link->peer_nsid >= 0 && link->peer_nsid != veth->container_nsid)
		veth->container[0] = '\0';
	veth->link = *link;
	return changed;
}

static void note(struct follower *f, const struct link *link)
{
	struct veth *veth;

	if (strcmp(link->kind, "veth") != 0 || !link->master)
		return;
	veth = veths_get(&f->veths, link->ifindex);
	if (!veth)
		return; /* no memory: the next look at all finds it */
	veth->listed = true;
	if (update(veth, link))
		veth->dirty = true;
}

static void remove_unlisted(struct follower *f)
{
	for (size_t i = f->veths.count; i-- > 0;) {
		if (f->veths.items[i].listed)
			continue;
		f->gone = true;
		veths_remove(&f->veths, f->veths.items[i].ifindex);
	}
}

int follower_list_veths(struct follower *f)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(f->nl, &links, &count);

	if (error)
		return error;
	for (size_t i = 0; i < f->veths.count; i++)
		f->veths.items[i].listed = false;
	for (size_t i = 0; i < count; i++)
		note(f, &links[i]);
	remove_unlisted(f);
	return 0;
}

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

static bool needs_residents(const struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++) {
		const struct veth *veth = &f->veths.items[i];

		if (veth->dirty && !veth->container[0] && veth->link.peer_nsid >= 0)
			return true;
	}
	return false;
}

/* Those that are held come first: somebody waits. */
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

static void tidy_neighbours(struct look *look)
{
	int count = gate_tidy_others(look->follower->gate, look->session);

	look->follower->neighbour_gone = false;
	if (count)
		log_event(count < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
			  "let go what a process held that is gone", "interfaces",
			  count < 0 ? NULL : log_number(count), "why",
			  count < 0 ? error_message(count) : NULL, NULL);
	error_clear();
}

/* Veths first: of who starts, the kernel says so a while before its veth can be used. */
static void look_at_dirty(struct look *look)
{
	struct follower *f = look->follower;
	uint64_t end = clock_monotonic_ns() + LOOK_NS;
	struct veth *veth;

	if (f->neighbour_gone)
		tidy_neighbours(look);
	while (clock_monotonic_ns() < end && (veth = next_dirty(f))) {
		veth->dirty = false;
		follow_veth(look, veth);
	}
	if (!veth && f->starting_count)
		follow_prepare(look, f->starting[--f->starting_count]);
}

int follower_in_session(struct follower *f, void (*each)(struct look *look))
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) struct namespace_container *namespace_containers = NULL;
	struct look look = { .follower = f, .session = &session };
	int error = session_open(&session, true); /* removes what is left of those that are gone */

	if (!error && needs_residents(f))
		error = namespace_containers_read(session.nl, -1, &namespace_containers,
						  &look.namespace_container_count);
	if (error)
		return error;
	session.judged = follow_judged;
	session.unjudged = follow_unjudged;
	session.judged_data = &look;
	look.namespace_containers = namespace_containers;
	f->gone = false;
	each(&look);
	return 0;
}

int follower_look(struct follower *f, bool *more)
{
	int error = follower_list_veths(f);

	mark_due(f);
	if (!error && (next_dirty(f) || f->starting_count || f->gone || f->neighbour_gone))
		error = follower_in_session(f, look_at_dirty);
	*more = next_dirty(f) || f->starting_count;
	return error;
}
