// SPDX-License-Identifier: GPL-2.0-only
/* Containers as targets: what the engine says of one, and why it may have no veth here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container_lookup.h"
#include "engine_ask.h"
#include "error.h"
#include "namespace_containers.h"
#include "target_container.h"

#define NETWORKS_TIMEOUT_MS 10000
#define HINT_TIMEOUT_MS 500 /* twice: a hint is not worth more */

/* --- which networks --- */

static const struct network *network_called(const struct target *target, const char *name)
{
	for (size_t i = 0; i < target->network_count; i++)
		if (!strcmp(target->networks[i].name, name))
			return &target->networks[i];
	return NULL;
}

/* Lists the networks of the container on which it has no veth here: "lan (macvlan), …". Returns how
 * many there are. */
static size_t without_veth(const struct target *target, char *text, size_t size)
{
	const struct container *container = &target->container;
	size_t found = 0, used = 0;

	*text = '\0';
	for (size_t i = 0; i < container->network_count; i++) {
		const struct network *network = network_called(target, container->networks[i]);

		if (!network || !network->driver || !strcmp(network->driver, "bridge"))
			continue;
		if (used < size)
			used += snprintf(text + used, size - used, "%s%s (%s)", found ? ", " : "",
					 network->name, network->driver);
		found++;
	}
	return found;
}

void target_notice_uncovered(const struct target *target)
{
	char networks[256];

	if (target->several && without_veth(target, networks, sizeof(networks)))
		notice("%s: also on %s, where it has no veth here: nothing is judged there",
		       target->name, networks);
}

int target_container_without_veth(const struct target *target)
{
	char networks[256];
	size_t count = without_veth(target, networks, sizeof(networks));

	if (!target->container.network_count)
		return error_set(TARGET_ABSENT, "it is on no network, so it has no veth");
	if (count == target->container.network_count)
		return error_set(
			TARGET_ABSENT,
			"it is on %s, where a container has no veth in this network namespace",
			networks);
	return error_set(TARGET_ABSENT,
			 "no veth of this network namespace leads to it: its networks are in "
			 "another one");
}

/* --- the engine --- */

/* Refuses a container that shares the network namespace of another one, and names that one. */
static int shares(const struct target *target, const char *id)
{
	struct container other = {};
	char name[128];

	snprintf(name, sizeof(name), "%.12s", id);
	if (!engine_ask_container(target->socket, id, &other) && other.name)
		snprintf(name, sizeof(name), "%s", other.name);
	container_clear(&other);
	return error_set(TARGET_ABSENT, "it shares the network of %s: use " TARGET_CONTAINER "%s",
			 name, name);
}

static int check_network(const struct target *target)
{
	const char *mode = target->container.network_mode;
	const char *owner = container_network_owner(&target->container);

	if (owner)
		return shares(target, owner);
	if (!strcmp(mode, "host"))
		return error_set(TARGET_ABSENT,
				 "it is on the host's network: it has no veth, and its packets "
				 "cannot be told from the host's");
	if (!strcmp(mode, "none"))
		return error_set(TARGET_ABSENT, "it has no network (none), so it has no veth");
	if (!target->container.running || !target->container.pid)
		return error_set(TARGET_ABSENT,
				 "it is not running: it has a veth, to which a policy can be "
				 "attached, only as long as it runs");
	return TARGET_FOUND;
}

bool target_container_is_there(const struct target *target)
{
	char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE];
	size_t count = process_containers(target->container.pid, ids);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(ids[i], target->container.id))
			return true;
	return false;
}

int target_container_ask(struct target *target)
{
	const char *name = target->name + strlen(TARGET_CONTAINER);
	int result = engine_ask_container(target->socket, name, &target->container);

	if (result == -ENOENT)
		return TARGET_ABSENT;
	result = result ?: check_network(target);
	if (!result && !target_container_is_there(target))
		return error_set(-ESRCH,
				 "its process %d, as the engine numbers it, is not to be seen "
				 "here: policyctl has to run in the engine's pid namespace",
				 target->container.pid);
	return result
		       ?: engine_ask_networks(target->socket, NETWORKS_TIMEOUT_MS,
					      &target->networks, &target->network_count);
}

bool target_container_exists(const char *name)
{
	struct container *items = NULL;
	char socket[ENDPOINT_SIZE];
	bool found = false;
	size_t count = 0;

	if (*name && !endpoint_find(NULL, socket))
		engine_ask_containers(socket, HINT_TIMEOUT_MS, &items, &count);
	for (size_t i = 0; i < count && !found; i++)
		found = !strcmp(items[i].name ?: "", name) ||
			(strlen(name) >= CONTAINER_SHORT_ID &&
			 !strncmp(items[i].id, name, strlen(name)));
	containers_free(items, count);
	error_clear();
	return found;
}

void target_owner(const struct target *target, const struct link *link, struct owner *owner)
{
	*owner = (struct owner){};
	if (target->container.id[0])
		owner_of_container(owner, &target->container, target->networks,
				   target->network_count, link);
}
