// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "labels.h"
#include "log.h"
#include "unenforceable.h"
#include "util.h"

static const struct network *find_network(const struct engine *engine, const char *name)
{
	size_t count;
	const struct network *networks = engine_networks(engine, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(networks[i].name, name))
			return &networks[i];
	return NULL;
}

/* A network whose containers are not reached through a veth. */
static const struct network *other_network(const struct engine *engine,
					   const struct container *container)
{
	for (size_t i = 0; i < container->network_count; i++) {
		const struct network *network = find_network(engine, container->networks[i]);

		if (network && strcmp(network->driver, "bridge") != 0)
			return network;
	}
	return NULL;
}

/* Why no policy of its own can hold for a container, or for some of its networks. */
static bool has_no_veth(const struct engine *engine, const struct container *container, char *why,
			size_t size)
{
	const char *mode = container->network_mode, *owner = container_network_owner(container);
	const struct network *other;

	if (!strcmp(mode, "host")) {
		snprintf(why, size, "it is on the host's network: there is no veth");
		return true;
	}
	if (owner) {
		snprintf(why, size,
			 "it shares the network of %.12s: the policy of that container holds",
			 owner);
		return true;
	}
	other = strcmp(mode, "none") != 0 ? other_network(engine, container) : NULL;
	if (!other)
		return false;
	snprintf(why, size, "network %s is of driver %s: %s", other->name, other->driver,
		 !strcmp(other->driver, "overlay")
			 ? "its veth leads to a bridge in a network namespace of dockerd's"
			 : "there is no veth");
	return true;
}

/* Is it on a network that is not followed, though its labels, or a sidecar, ask for a policy? */
static bool is_left_out(const struct follower *f, const struct container *container, char *why,
			size_t size)
{
	struct container asked = *container;

	for (size_t i = 0; i < container->network_count; i++) {
		asked.on_network = container->networks[i];
		if (bridges_follow(f->bridges, container->networks[i]) ||
		    (f->settings.manager == OWNER_DAEMON && !container_is_labelled(&asked)))
			continue;
		snprintf(why, size, "network %s is none of those that are followed",
			 container->networks[i]);
		return true;
	}
	return false;
}

static bool should_have_policy_on(const struct follower *f, const struct container *container)
{
	_cleanup_(desired_policy_unrefp) struct desired_policy *policy = NULL;
	int error = f->settings.desired(f->settings.data, container, &policy);

	return !error && (policy->kind == DESIRED_POLICY || policy->kind == DESIRED_FAULTY);
}

/* On any of its networks. */
static bool should_have_policy(const struct follower *f, const struct container *container)
{
	struct container asked = *container;
	bool should = should_have_policy_on(f, &asked);

	for (size_t i = 0; i < container->network_count && !should; i++) {
		asked.on_network = container->networks[i];
		should = should_have_policy_on(f, &asked);
	}
	return should;
}

int unenforceable_log(void *data, const struct container *container)
{
	const struct follower *f = data;
	char why[256];

	if (container->running &&
	    (has_no_veth(f->engine, container, why, sizeof(why)) ||
	     is_left_out(f, container, why, sizeof(why))) &&
	    should_have_policy(f, container))
		log_event(LOG_LEVEL_WARNING, "not enforceable", "container", container->name, "why",
			  why, NULL);
	return 0;
}
