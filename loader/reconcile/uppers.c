// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "follower_state.h"
#include "log.h"
#include "net_admin.h"
#include "stacked.h"
#include "uppers.h"
#include "util.h"

/* Who makes thousands shall not fill the log: so many of a namespace in one look. */
#define LOGGED_AT_ONCE 16

#define MESSAGE "unjudged device"
#define WHY                                                                            \
	"a container has a device above the host's: no policy judges what passes it; " \
	"stop the container, or take CAP_NET_ADMIN from it"

struct look {
	struct follower *f;
	int32_t *done; /* ids of namespaces */
	size_t done_count;
};

/* --- what was found --- */

/* Remembers a device. False: it was known already, or there is no memory, and the next look finds
 * it. */
static bool is_new(struct uppers *uppers, const struct upper *upper)
{
	struct upper *grown;

	for (size_t i = 0; i < uppers->count; i++) {
		struct upper *known = &uppers->items[i];

		if (known->nsid == upper->nsid && known->ifindex == upper->ifindex &&
		    known->lower == upper->lower && !strcmp(known->container, upper->container)) {
			known->seen = true;
			return false;
		}
	}
	grown = reallocarray(uppers->items, uppers->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	uppers->items = grown;
	grown[uppers->count++] = *upper;
	return true;
}

static void say(struct follower *f, const struct container *container, const struct link *link)
{
	struct link lower = {};
	char id[CONTAINER_SHORT_ID + 1];

	snprintf(id, sizeof(id), "%.*s", CONTAINER_SHORT_ID, container->id);
	if (link->peer && nl_link_get(f->nl, NULL, link->peer, &lower))
		error_clear();
	log_event(LOG_LEVEL_ERROR, MESSAGE, "container", container->name, "id", id, "device",
		  link->name, "kind", link->kind[0] ? link->kind : NULL, "above",
		  lower.name[0] ? lower.name : NULL, "why", WHY, NULL);
}

static void say_more(const struct container *container, size_t more)
{
	log_event(LOG_LEVEL_ERROR, MESSAGE, "container", container->name, "more",
		  log_number((long long)more), "why", WHY, NULL);
}

static void note(struct follower *f, const struct container *container, int32_t nsid,
		 const struct link *links, size_t count)
{
	const char *owner = container_network_owner(container);
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		struct upper upper = { .nsid = nsid,
				       .ifindex = links[i].ifindex,
				       .lower = links[i].peer,
				       .seen = true };

		snprintf(upper.container, sizeof(upper.container), "%s", owner ?: container->id);
		if (is_new(&f->uppers, &upper) && ++found <= LOGGED_AT_ONCE)
			say(f, container, &links[i]);
	}
	f->counts.uppers += found;
	if (found > LOGGED_AT_ONCE)
		say_more(container, found - LOGGED_AT_ONCE);
}

/* --- looking --- */

static bool begin(struct look *look, int32_t nsid)
{
	int32_t *grown;

	for (size_t i = 0; i < look->done_count; i++)
		if (look->done[i] == nsid)
			return false;
	grown = reallocarray(look->done, look->done_count + 1, sizeof(*grown));
	if (!grown)
		return false;
	look->done = grown;
	grown[look->done_count++] = nsid;
	return true;
}

static void look_into(struct look *look, const struct container *container, int32_t nsid)
{
	_cleanup_(freep) struct link *links = NULL;
	struct follower *f = look->f;
	size_t count = 0;
	int error;

	if (nsid < 0 || !begin(look, nsid))
		return;
	error = stacked_from(f->nl, nsid, &links, &count);
	/* -EINVAL: the namespace has gone meanwhile. */
	if (error && error != -EINVAL && !f->uppers.failed) {
		f->uppers.failed = true;
		log_event(LOG_LEVEL_WARNING, "cannot look for unjudged devices", "container",
			  container->name, "why", error_message(error), NULL);
	}
	error_clear();
	note(f, container, nsid, links, count);
}

/* Its first process tells where it lives, also without a veth that is followed. It may have gone
 * elsewhere and left its end of the veth. */
static int look_at(void *data, const struct container *container)
{
	const char *owner = container_network_owner(container);
	struct look *look = data;
	struct follower *f = look->f;

	if (!container->running || net_admin_of_one(f->engine, container) == NET_ADMIN_NONE)
		return 0;
	if (container->pid)
		look_into(look, container, nl_netns_id(f->nl, container->pid, -1));
	for (size_t i = 0; i < f->veths.count; i++)
		if (!strcmp(f->veths.items[i].container, owner ?: container->id))
			look_into(look, container, f->veths.items[i].link.peer_nsid);
	error_clear();
	return 0;
}

static void forget_unseen(struct uppers *uppers)
{
	size_t kept = 0;

	for (size_t i = 0; i < uppers->count; i++)
		if (uppers->items[i].seen)
			uppers->items[kept++] = uppers->items[i];
	uppers->count = kept;
}

void uppers_look(struct follower *f)
{
	struct look look = { .f = f };

	for (size_t i = 0; i < f->uppers.count; i++)
		f->uppers.items[i].seen = false;
	engine_each(f->engine, look_at, &look);
	forget_unseen(&f->uppers);
	free(look.done);
	f->uppers.looked_ns = clock_monotonic_ns();
}

void uppers_clear(struct uppers *uppers)
{
	free(uppers->items);
	*uppers = (struct uppers){};
}
