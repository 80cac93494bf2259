// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "attachment.h"
#include "claims.h"
#include "error.h"
#include "util.h"
#include "veth_container.h"

/* --- who says that it is theirs --- */

/* It runs, and where its first process is the engine will tell in a moment: at our start. */
static bool is_to_come(const struct engine *engine, const struct container *container)
{
	return container->running && !container->pid && !engine_synced(engine);
}

static struct claimant describe(const struct follower *f, const struct veth *veth, const char *id)
{
	const struct container *container = engine_container(f->engine, id);

	if (!container) {
		if (missing_ask(&f->missing, id))
			engine_want(f->engine, id);
		return (struct claimant){ .missing = missing_has(&f->missing, id) };
	}
	return (struct claimant){
		.container = container,
		.shares = container_network_owner(container),
		.pid_known = container->pid,
		.pid_here = container->pid &&
			    nl_netns_id(f->nl, container->pid, -1) == veth->link.peer_nsid,
		.pid_to_come = is_to_come(f->engine, container),
	};
}

/* The claims of all processes behind the veth. */
static void collect(const struct reconcile_pass *pass, const struct veth *veth,
		    struct claims *claims)
{
	const struct namespace_container *items = pass->namespace_containers;
	size_t count = pass->namespace_container_count, length;

	for (size_t i = 0; i < count; i += length) {
		struct claimant chain[NAMESPACE_CONTAINER_DEPTH];

		for (length = 0; i + length < count && items[i + length].depth == length; length++)
			if (items[i].nsid == veth->link.peer_nsid)
				chain[length] =
					describe(pass->follower, veth, items[i + length].container);
		if (items[i].nsid == veth->link.peer_nsid)
			claims_add(claims, chain, length, items[i].first, items[i].disputed);
	}
	error_clear();
}

bool veth_is_named(const struct reconcile_pass *pass, const struct veth *veth)
{
	for (size_t i = 0; i < pass->namespace_container_count; i++)
		if (pass->namespace_containers[i].nsid == veth->link.peer_nsid &&
		    !missing_has(&pass->follower->missing, pass->namespace_containers[i].container))
			return true;
	return false;
}

/* --- a container that runs and whose veth is not found --- */

struct search {
	const struct follower *f;
	uint32_t bridge;
	char network[sizeof(((struct owner *)NULL)->network)];
	const struct container *except, *found;
};

static bool has_veth(const struct search *search, const struct container *container)
{
	const struct veths *veths = &search->f->veths;

	for (size_t i = 0; i < veths->count; i++)
		if (veths->items[i].link.master == search->bridge &&
		    !strcmp(veths->items[i].container, container->id))
			return true;
	return false;
}

static bool is_connected(const struct container *container, const char *network)
{
	for (size_t i = 0; i < container->network_count; i++)
		if (!strcmp(container->networks[i], network))
			return true;
	return false;
}

/* For engine_each(): ends with the first one. */
static int check_container(void *data, const struct container *container)
{
	struct search *search = data;

	if (container == search->except || !container->running ||
	    container_network_owner(container) || !is_connected(container, search->network) ||
	    has_veth(search, container))
		return 0;
	search->found = container;
	return 1;
}

const struct container *veth_container_without(const struct follower *f, const struct veth *veth,
					       const struct container *except)
{
	struct search search = { .f = f, .bridge = veth->link.master, .except = except };

	bridges_network(f->bridges, search.bridge, search.network, sizeof(search.network));
	if (search.network[0])
		engine_each(f->engine, check_container, &search);
	return search.found;
}

/* --- whose it is --- */

/* Who we, or our predecessor, attached for. A container may go where nobody lives, and take its end
 * along. */
static void find_recorded(struct reconcile_pass *pass, const struct veth *veth,
			  struct recorded *recorded)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	const struct owner *owner = &attachment.current.owner;
	int error = attachment_open(pass->session, veth->ifindex, &attachment);
	const struct container *container;

	error_clear();
	*recorded = (struct recorded){};
	if (error || !owner_is(owner) || owner->manager != pass->follower->settings.manager)
		return;
	container = engine_container(pass->follower->engine, owner->container);
	recorded->is = true;
	recorded->container = container;
	recorded->running = container && container->running;
}

const struct container *veth_container(struct reconcile_pass *pass, struct veth *veth)
{
	const struct container *found;
	struct recorded recorded;
	struct claims claims = {};

	if (veth->container[0])
		return engine_container(pass->follower->engine, veth->container);
	collect(pass, veth, &claims);
	find_recorded(pass, veth, &recorded);
	found = claims_decide(&claims, &recorded,
			      veth_container_without(pass->follower, veth, claims.visitor));
	if (!found)
		return NULL;
	memcpy(veth->container, found->id, sizeof(veth->container));
	veth->container_nsid = veth->link.peer_nsid;
	veth->faulty = false;
	return found;
}
