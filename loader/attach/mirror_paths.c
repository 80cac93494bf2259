// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "error.h"
#include "mirror_paths.h"
#include "transition.h"
#include "util.h"

/* --- what there is --- */

void mirror_world_clear(struct mirror_world *world)
{
	free(world->links);
	free(world->judged);
	*world = (struct mirror_world){};
}

const struct link *mirror_world_link(const struct mirror_world *world, uint32_t ifindex)
{
	for (size_t i = 0; i < world->link_count; i++)
		if (world->links[i].ifindex == ifindex)
			return &world->links[i];
	return NULL;
}

static const struct link *link_called(const struct mirror_world *world, const char *name)
{
	for (size_t i = 0; i < world->link_count; i++)
		if (!strcmp(world->links[i].name, name))
			return &world->links[i];
	return NULL;
}

static const struct mirror_judged *judged_at(const struct mirror_world *world, uint32_t ifindex)
{
	for (size_t i = 0; i < world->judged_count; i++)
		if (world->judged[i].ifindex == ifindex)
			return &world->judged[i];
	return NULL;
}

/* Of the newest generation that has some. */
static int read_targets(struct session *session, struct mirror_judged *judged)
{
	struct pctl_mirror targets[PCTL_MIRRORS_MAX];
	_cleanup_(freep) uint32_t *numbers = NULL;
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	interface_path(session, judged->ifindex, path);
	error = pins_numbers(path, &numbers, &count);
	while (count-- > 0 && !error && fd < 0) {
		generation_path(session, judged->ifindex, numbers[count], path);
		error = mirrors_open(path, &fd);
		if (error == -ENOENT) {
			error_clear();
			error = 0;
		}
	}
	if (!error && fd >= 0)
		error = mirrors_read(fd, targets, &judged->count);
	for (uint32_t i = 0; i < judged->count && !error; i++)
		memcpy(judged->names[i], targets[i].name, sizeof(judged->names[i]));
	return error;
}

int mirror_world_read(struct session *session, struct mirror_world *world)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	int error = nl_links(session->nl, &world->links, &world->link_count);

	error = error ?: attachment_list(session, &ifindexes, &count);
	if (error)
		return error;
	world->judged = calloc(count + 1, sizeof(*world->judged));
	if (!world->judged)
		return -ENOMEM;
	for (size_t i = 0; i < count && !error; i++) {
		world->judged[i].ifindex = ifindexes[i];
		error = read_targets(session, &world->judged[i]);
		world->judged_count++;
	}
	return error;
}

/* --- the way of copies, until nothing new is reached --- */

enum side {
	LEAVES, /* the host sends it through this link */
	ARRIVES, /* it comes in here */
	SIDES,
};

struct walk {
	const struct mirror_world *world;
	bool *seen; /* by link and side */
	size_t *queue;
	size_t next, end;
};

static void reach(struct walk *walk, const struct link *link, enum side side)
{
	size_t place = link ? (size_t)(link - walk->world->links) * SIDES + side : 0;

	if (!link || walk->seen[place])
		return;
	walk->seen[place] = true;
	walk->queue[walk->end++] = place;
}

static void reach_targets(struct walk *walk, const struct link *link)
{
	const struct mirror_judged *judged = judged_at(walk->world, link->ifindex);

	for (uint32_t i = 0; judged && i < judged->count; i++)
		reach(walk, link_called(walk->world, judged->names[i]), LEAVES);
}

static void reach_ports(struct walk *walk, uint32_t master, uint32_t but)
{
	for (size_t i = 0; i < walk->world->link_count; i++) {
		const struct link *port = &walk->world->links[i];

		if (port->master == master && port->ifindex != but)
			reach(walk, port, LEAVES);
	}
}

/* A veth leads to its other end; what is above another link (VLAN, macvlan) sends through that. */
static void leave(struct walk *walk, const struct link *link)
{
	bool veth = !strcmp(link->kind, "veth");

	reach_ports(walk, link->ifindex, 0);
	if (link->peer && link->peer_nsid < 0 && link->peer != link->ifindex)
		reach(walk, mirror_world_link(walk->world, link->peer), veth ? ARRIVES : LEAVES);
}

static void arrive(struct walk *walk, const struct link *link)
{
	if (!link->master)
		return;
	reach_ports(walk, link->master, link->ifindex);
	reach(walk, mirror_world_link(walk->world, link->master), ARRIVES);
}

/* Do copies through @target come by @from? Without memory they do. */
static bool comes_back(const struct mirror_world *world, const struct link *from,
		       const struct link *target)
{
	size_t places = world->link_count * SIDES, place = (size_t)(from - world->links) * SIDES;
	_cleanup_(freep) bool *seen = calloc(places, sizeof(*seen));
	_cleanup_(freep) size_t *queue = calloc(places, sizeof(*queue));
	struct walk walk = { .world = world, .seen = seen, .queue = queue };

	if (!seen || !queue)
		return true;
	reach(&walk, target, LEAVES);
	while (walk.next < walk.end) {
		size_t at = walk.queue[walk.next++];
		const struct link *link = &world->links[at / SIDES];

		reach_targets(&walk, link);
		if (at % SIDES == LEAVES)
			leave(&walk, link);
		else
			arrive(&walk, link);
	}
	return seen[place + LEAVES] || seen[place + ARRIVES];
}

/* Would a policy judge copies, before they are anywhere else? */
static bool is_judged(const struct mirror_world *world, const struct link *target)
{
	bool pair = !strcmp(target->kind, "veth") && target->peer_nsid < 0;

	return judged_at(world, target->ifindex) || (pair && judged_at(world, target->peer));
}

static const char *loop_words(const struct mirror_world *world, const struct link *from,
			      const struct link *target)
{
	if (target == from)
		return "it is the interface itself";
	if (target->ifindex == from->master)
		return "it is the bridge that the interface is a port of";
	if (target->master && target->master == from->master)
		return "it is a port of the same bridge";
	return comes_back(world, from, target) ? "it leads there" : NULL;
}

void mirror_path_find(const struct mirror_world *world, uint32_t from, const char *name,
		      struct mirror_path *path)
{
	const struct link *source = mirror_world_link(world, from);
	const struct link *target = link_called(world, name);
	const char *loop;

	*path = (struct mirror_path){ .state = PCTL_MIRROR_GONE };
	if (!source || !target)
		return;
	path->ifindex = target->ifindex;
	loop = loop_words(world, source, target);
	if (loop) {
		path->state = PCTL_MIRROR_LOOP;
		snprintf(path->why, sizeof(path->why), "%s", loop);
	} else {
		path->state = is_judged(world, target) ? PCTL_MIRROR_JUDGED : PCTL_MIRROR_LIVE;
	}
}
