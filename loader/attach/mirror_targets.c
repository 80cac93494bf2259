// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "error.h"
#include "mirror_paths.h"
#include "mirror_targets.h"
#include "transition.h"
#include "util.h"

void mirrors_look(struct nl *nl, struct mirror_views *views)
{
	for (uint32_t i = 0; i < views->count; i++) {
		struct mirror_view *view = &views->items[i];
		struct link link;

		if (view->at.state != PCTL_MIRROR_LIVE)
			continue;
		if (nl_link_get(nl, NULL, view->at.ifindex, &link) ||
		    strcmp(link.name, view->at.name) != 0)
			view->at.state = PCTL_MIRROR_GONE;
		else
			view->down = !(link.flags & IFF_UP);
	}
	error_clear();
}

static bool names(const struct policy *policy, const char *name)
{
	struct mirror_list list;

	policy_mirrors(policy, &list);
	for (size_t i = 0; i < list.count; i++)
		if (!strcmp(list.items[i].name, name))
			return true;
	return false;
}

static int refuse(const struct link *link, const char *name, const struct mirror_path *path)
{
	switch (path->state) {
	case PCTL_MIRROR_LIVE:
		return 0;
	case PCTL_MIRROR_JUDGED:
		return error_set(-ELOOP,
				 "mirror %s: it or its other end has a policy, and copies are not "
				 "judged again: mirror to an interface that nothing is attached to",
				 name);
	case PCTL_MIRROR_LOOP:
		return error_set(-ELOOP, "mirror %s: %s: copies would come back to %s", name,
				 path->why, link->name);
	default:
		return error_set(-ENODEV,
				 "mirror %s: there is no interface of this name in this network "
				 "namespace",
				 name);
	}
}

int mirrors_check(struct session *session, const struct link *link, const struct policy *policy,
		  const struct policy *old)
{
	_cleanup_(mirror_world_clear) struct mirror_world world = {};
	struct mirror_list list;
	int error = 0;

	policy_mirrors(policy, &list);
	if (list.count)
		error = mirror_world_read(session, &world);
	for (size_t i = 0; i < list.count && !error; i++) {
		const char *name = list.items[i].name;
		struct mirror_path path;

		if (old && names(old, name))
			continue;
		mirror_path_find(&world, link->ifindex, name, &path);
		error = refuse(link, name, &path);
	}
	return error;
}

/* --- looking again --- */

static void tell(const struct mirror_world *world, uint32_t ifindex,
		 const struct pctl_mirror *before, const struct pctl_mirror *now)
{
	const struct link *link = mirror_world_link(world, ifindex);
	const char *name = link ? link->name : "?";

	if (now->state == PCTL_MIRROR_LIVE && before->state == PCTL_MIRROR_NEW)
		return; /* as it was said to be */
	if (now->state == PCTL_MIRROR_LIVE)
		notice("%s: copies go to %s (ifindex %u)", name, now->name, now->ifindex);
	else if (before->state != now->state)
		notice("%s: no copies go to %s: %s", name, now->name, mirror_state_words(now));
}

static int renew_map(const struct mirror_world *world, uint32_t ifindex, int fd)
{
	struct pctl_mirror targets[PCTL_MIRRORS_MAX];
	uint32_t count = 0;
	int error = mirrors_read(fd, targets, &count);

	for (uint32_t i = 0; i < count && !error; i++) {
		struct pctl_mirror now = targets[i];
		struct mirror_path path;

		mirror_path_find(world, ifindex, now.name, &path);
		now.state = path.state;
		now.ifindex = path.state == PCTL_MIRROR_LIVE ? path.ifindex : 0;
		if (now.state == targets[i].state && now.ifindex == targets[i].ifindex)
			continue;
		error = mirrors_write(fd, i, &now);
		if (!error)
			tell(world, ifindex, &targets[i], &now);
	}
	return error;
}

/* A change under way has two generations. */
static int renew_attachment(struct session *session, const struct mirror_world *world,
			    uint32_t ifindex)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	interface_path(session, ifindex, path);
	error = pins_numbers(path, &numbers, &count);
	for (size_t i = 0; i < count && !error; i++) {
		_cleanup_(closep) int fd = -1;

		generation_path(session, ifindex, numbers[i], path);
		error = mirrors_open(path, &fd);
		if (error == -ENOENT) {
			error_clear();
			error = 0;
			continue;
		}
		error = error ?: renew_map(world, ifindex, fd);
	}
	return error;
}

int mirrors_renew(struct session *session)
{
	_cleanup_(mirror_world_clear) struct mirror_world world = {};
	int error = 0;

	if (!session->mirrors || !session->pins.held)
		return 0;
	error = mirror_world_read(session, &world);
	for (size_t i = 0; i < world.judged_count && !error; i++)
		error = renew_attachment(session, &world, world.judged[i].ifindex);
	return error;
}

bool mirrors_are_made(const char *path)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	bool made = false;

	pins_numbers(path, &ifindexes, &count);
	for (size_t i = 0; i < count && !made; i++) {
		_cleanup_(freep) uint32_t *numbers = NULL;
		char below[PATH_MAX];
		size_t generations = 0;

		snprintf(below, sizeof(below), "%s/%u", path, ifindexes[i]);
		pins_numbers(below, &numbers, &generations);
		for (size_t j = 0; j < generations && !made; j++) {
			snprintf(below, sizeof(below), "%s/%u/%u/" MIRRORS_PIN, path, ifindexes[i],
				 numbers[j]);
			made = !access(below, F_OK);
		}
	}
	error_clear();
	return made;
}
