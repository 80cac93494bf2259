// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "attachment.h"
#include "error.h"
#include "util.h"
#include "veth_container.h"

/* How sure it is that a container whose processes are in a network has it from the engine. */
enum claim {
	CLAIM_NONE,
	CLAIM_VISITOR, /* its first process is elsewhere: others went there (nsenter) */
	CLAIM_LIKELY, /* the engine did not tell of its first process yet */
	CLAIM_SURE,
};

/* It runs, and where its first process is the engine will tell in a moment: at our start. */
static bool is_to_come(const struct engine *engine, const struct container *container)
{
	return container->running && !container->pid && !engine_synced(engine);
}

static enum claim claim_of(const struct follower *f, const struct veth *veth,
			   const struct container *container)
{
	if (container_network_owner(container))
		return CLAIM_NONE;
	if (!container->pid)
		return is_to_come(f->engine, container) ? CLAIM_NONE : CLAIM_LIKELY;
	return nl_netns_id(f->nl, container->pid, -1) == veth->link.peer_nsid ? CLAIM_SURE
									      : CLAIM_VISITOR;
}

/* The best claim among those who live there. *unknown: is there one that the engine did not tell of
 * yet? */
static const struct container *find_resident(struct reconcile_pass *pass, const struct veth *veth,
					     enum claim *best, bool *unknown)
{
	struct engine *engine = pass->follower->engine;
	const struct container *found = NULL;

	for (size_t i = 0; i < pass->namespace_container_count; i++) {
		const struct namespace_container *namespace_container =
			&pass->namespace_containers[i];
		const struct container *container;
		enum claim claim;

		if (namespace_container->nsid != veth->link.peer_nsid)
			continue;
		container = engine_container(engine, namespace_container->container);
		if (!container &&
		    missing_ask(&pass->follower->missing, namespace_container->container))
			engine_want(engine, namespace_container->container);
		*unknown = *unknown || !container || is_to_come(engine, container);
		claim = container ? claim_of(pass->follower, veth, container) : CLAIM_NONE;
		if (claim <= *best)
			continue;
		found = container;
		*best = claim;
	}
	error_clear();
	return found;
}

bool veth_is_named(const struct reconcile_pass *pass, const struct veth *veth)
{
	for (size_t i = 0; i < pass->namespace_container_count; i++)
		if (pass->namespace_containers[i].nsid == veth->link.peer_nsid &&
		    !missing_has(&pass->follower->missing, pass->namespace_containers[i].container))
			return true;
	return false;
}

/* Who we, or our predecessor, attached for. A container may go where nobody lives, and take its end
 * along. */
static const struct container *find_recorded(struct reconcile_pass *pass, const struct veth *veth)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	const struct owner *owner = &attachment.current.owner;
	int error = attachment_open(pass->session, veth->ifindex, &attachment);

	error_clear();
	if (error || !owner_is(owner) || owner->manager != pass->follower->settings.manager)
		return NULL;
	return engine_container(pass->follower->engine, owner->container);
}

const struct container *veth_container(struct reconcile_pass *pass, struct veth *veth)
{
	const struct container *found, *recorded;
	enum claim claim = CLAIM_NONE;
	bool unknown = false;

	if (veth->container[0])
		return engine_container(pass->follower->engine, veth->container);
	found = find_resident(pass, veth, &claim, &unknown);
	if (claim < CLAIM_LIKELY) {
		recorded = find_recorded(pass, veth);
		found = recorded || unknown ? recorded : found;
	}
	if (!found)
		return NULL;
	memcpy(veth->container, found->id, sizeof(veth->container));
	veth->container_nsid = veth->link.peer_nsid;
	veth->faulty = false;
	return found;
}
