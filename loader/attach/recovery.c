// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "mirror_targets.h"
#include "netns.h"
#include "recovery.h"
#include "transition.h"
#include "unconfirmed.h"
#include "util.h"

static void forget_gone(struct session *session, const struct generation *generation)
{
	const struct meta *meta = &generation->meta;
	char where[PATH_MAX];
	struct link again;
	const struct program *xdp = &generation->programs[HOOK_XDP];
	int found = netns_release_xdp(xdp->id, xdp->fd, where, sizeof(where));

	if (found == -EPERM) /* the daemon has no CAP_SYS_ADMIN, and does not look there */
		found = 0;
	if (found == 0 && !nl_link_get(session->nl, meta->name, 0, &again))
		notice("%s was made anew (ifindex %u, now %u): the policy went with the old one, "
		       "its state is removed",
		       meta->name, meta->ifindex, again.ifindex);
	else if (found > 0)
		notice("%s (ifindex %u) moved to another network namespace: XDP program taken off "
		       "%s, state removed",
		       meta->name, meta->ifindex, where);
	else if (found < 0)
		notice("%s (ifindex %u) is gone: state removed; if it moved to another network "
		       "namespace its XDP program went along, and looking there failed: %s",
		       meta->name, meta->ifindex, error_message(found));
	else
		notice("%s (ifindex %u) is gone: state removed", meta->name, meta->ifindex);
	error_clear();
	if (forget(session, meta->ifindex))
		notice("%s", error_message(0));
}

/* The change was undone, since it could not be finished: forgets its generation and says why. */
static int settle_back(struct session *session, const struct generation *newest,
		       const struct generation *previous, int error)
{
	notice("%s: an interrupted %s could not be finished and was undone: %s", newest->meta.name,
	       previous ? "apply" : "attach", error_message(error));
	return previous ? generation_unpin(newest->path) : forget(session, newest->meta.ifindex);
}

static int settle_present(struct session *session, struct hooks *hooks, struct generation *newest,
			  struct generation *older)
{
	const struct generation *previous = older->number ? older : NULL;
	const char *name = hooks->link.name;
	int error;

	switch (newest->meta.phase) {
	case PHASE_ENFORCING:
		error = finish_enforcing(
			session, hooks,
			&(struct transition){ .target = newest, .previous = previous });
		if (!error)
			notice("%s: finished an interrupted %s", name,
			       previous ? "apply" : "attach");
		else if (undo_enforcing(session, newest, previous))
			error = settle_back(session, newest, previous, error);
		break;
	case PHASE_DETACHING:
		error = finish_detaching(session, hooks, newest, older);
		if (!error)
			notice("%s: finished an interrupted detach", name);
		break;
	default:
		error = previous ? generation_unpin(previous->path) : 0;
	}
	return error ? error_prefix(error, "%s", name) : 0;
}

static int settle(struct session *session, uint32_t ifindex)
{
	_cleanup_(generation_close) struct generation newest = GENERATION_EMPTY;
	_cleanup_(generation_close) struct generation older = GENERATION_EMPTY;
	_cleanup_(hooks_free) struct hooks hooks = {};
	int error;

	error = open_generations(session, ifindex, &newest, &older);
	if (error)
		return error_prefix(error, "ifindex %u", ifindex);
	if (!newest.number)
		return forget(session, ifindex);
	error = hooks_read(session->nl, ifindex, &hooks);
	if (error == -ENODEV || (!error && hooks_of_another_interface(&hooks, &newest))) {
		error_clear();
		forget_gone(session, &newest);
		return 0;
	}
	return error ?: settle_present(session, &hooks, &newest, &older);
}

/* The common case, for little: one generation, done, which waits for nothing, and the interface is
 * still the same one. */
static bool is_settled(struct session *session, uint32_t ifindex, const struct link *links,
		       size_t link_count)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	struct meta meta;

	interface_path(session, ifindex, path);
	if (pins_numbers(path, &numbers, &count) || count != 1)
		return false;
	generation_path(session, ifindex, numbers[0], path);
	if (generation_peek(path, &meta))
		return false;
	session->mirrors = session->mirrors || meta.mirror_count;
	if (meta.phase != PHASE_DONE || pending_is_pinned(path))
		return false;
	for (size_t i = 0; i < link_count; i++)
		if (links[i].ifindex == ifindex)
			return !memcmp(links[i].mac, meta.mac, sizeof(meta.mac)) &&
			       links[i].peer == meta.peer;
	return false;
}

int session_recover(struct session *session)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0, link_count = 0;
	int error = 0;

	if (session->pins.lock >= 0)
		error = pins_numbers(session->pins.path, &ifindexes, &count);
	if (!error && count)
		error = nl_links(session->nl, &links, &link_count);
	for (size_t i = 0; i < count && !error; i++) {
		if (is_settled(session, ifindexes[i], links, link_count))
			continue;
		session->mirrors = true; /* it may be, of this one */
		if (settle(session, ifindexes[i]))
			notice("%s", error_message(0));
		error_clear();
		unconfirmed_recover(session, ifindexes[i]);
	}
	if (!error && mirrors_renew(session)) {
		notice("%s", error_message(0));
		error_clear();
	}
	return error;
}
