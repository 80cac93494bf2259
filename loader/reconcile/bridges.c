// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bridges.h"
#include "clock.h"
#include "owner.h"
#include "util.h"

/* An engine lists a network as soon as it has made it: behind its bridge and its firewall rules. */
#define LISTED_AFTER_NS (10 * NS_PER_SECOND)

/* So long an engine may take to answer behind our start, and when it starts anew. */
#define ANSWERS_AFTER_NS (10 * NS_PER_SECOND)

struct bridge {
	uint32_t ifindex;
	bool listed; /* by the engine */
	bool followed; /* if it is listed: its network is */
	bool named; /* as engines name their bridges */
	uint64_t since_ns; /* when it was seen first, by clock_monotonic_ns() */
	char network[sizeof(((struct owner *)NULL)->network)];
};

struct bridges {
	pthread_mutex_t lock;
	struct bridge *items;
	size_t count;
	char **networks, **names; /* patterns */
	size_t network_count, name_count;
	bool engine_answers;
	uint64_t expected_ns; /* if it does not answer: until then it is expected to */
};

/* --- patterns --- */

static void patterns_free(char **patterns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(patterns[i]);
	free(patterns);
}

static char **patterns_copy(char *const *patterns, size_t count)
{
	char **copy = calloc(count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(patterns[i]);
		if (!copy[i]) {
			patterns_free(copy, i);
			return NULL;
		}
	}
	return copy;
}

static bool fits(char *const *patterns, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

/* --- life --- */

int bridges_new(struct bridges **bridges)
{
	struct bridges *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	pthread_mutex_init(&new->lock, NULL);
	new->expected_ns = clock_monotonic_ns() + ANSWERS_AFTER_NS;
	*bridges = new;
	return 0;
}

void bridges_free(struct bridges *bridges)
{
	if (!bridges)
		return;
	patterns_free(bridges->networks, bridges->network_count);
	patterns_free(bridges->names, bridges->name_count);
	pthread_mutex_destroy(&bridges->lock);
	free(bridges->items);
	free(bridges);
}

int bridges_configure(struct bridges *bridges, const struct configuration *configuration)
{
	size_t network_count = configuration->network_count;
	size_t name_count = configuration->bridge_count;
	char **networks = patterns_copy(configuration->networks, network_count);
	char **names = patterns_copy(configuration->bridges, name_count);

	if (!networks || !names) {
		if (networks)
			patterns_free(networks, network_count);
		if (names)
			patterns_free(names, name_count);
		return -ENOMEM;
	}
	pthread_mutex_lock(&bridges->lock);
	patterns_free(bridges->networks, bridges->network_count);
	patterns_free(bridges->names, bridges->name_count);
	bridges->networks = networks;
	bridges->network_count = network_count;
	bridges->names = names;
	bridges->name_count = name_count;
	pthread_mutex_unlock(&bridges->lock);
	return 0;
}

void bridges_engine_answers(struct bridges *bridges, bool answers)
{
	pthread_mutex_lock(&bridges->lock);
	if (bridges->engine_answers && !answers)
		bridges->expected_ns = clock_monotonic_ns() + ANSWERS_AFTER_NS;
	bridges->engine_answers = answers;
	pthread_mutex_unlock(&bridges->lock);
}

/* --- kinds --- */

static const struct bridge *find(const struct bridge *items, size_t count, uint32_t ifindex)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].ifindex == ifindex)
			return &items[i];
	return NULL;
}

static const struct network *network_of(const struct network *networks, size_t count,
					const char *bridge)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(networks[i].bridge, bridge))
			return &networks[i];
	return NULL;
}

static struct bridge describe(const struct bridges *bridges, const struct link *link,
			      const struct network *network)
{
	const struct bridge *old = find(bridges->items, bridges->count, link->ifindex);
	struct bridge bridge = {
		.ifindex = link->ifindex,
		.listed = network,
		.named = fits(bridges->names, bridges->name_count, link->name),
		.since_ns = old ? old->since_ns : clock_monotonic_ns(),
	};

	if (network) {
		owner_set(bridge.network, sizeof(bridge.network), network->name);
		bridge.followed = fits(bridges->networks, bridges->network_count, network->name);
	}
	return bridge;
}

static enum bridge_kind kind_of(const struct bridges *bridges, const struct bridge *bridge)
{
	if (bridge && bridge->listed)
		return bridge->followed ? BRIDGE_FOLLOWED : BRIDGE_FOREIGN;
	if (bridge && bridges->engine_answers &&
	    clock_monotonic_ns() - bridge->since_ns >= LISTED_AFTER_NS)
		return BRIDGE_FOREIGN;
	return BRIDGE_UNKNOWN;
}

int bridges_update(struct bridges *bridges, const struct network *networks, size_t network_count,
		   const struct link *links, size_t link_count)
{
	struct bridge *items = calloc(link_count + 1, sizeof(*items));
	size_t count = 0;

	if (!items)
		return -ENOMEM;
	pthread_mutex_lock(&bridges->lock);
	for (size_t i = 0; i < link_count; i++)
		if (!strcmp(links[i].kind, "bridge"))
			items[count++] =
				describe(bridges, &links[i],
					 network_of(networks, network_count, links[i].name));
	free(bridges->items);
	bridges->items = items;
	bridges->count = count;
	pthread_mutex_unlock(&bridges->lock);
	return 0;
}

static void forget(struct bridges *bridges, uint32_t ifindex)
{
	for (size_t i = 0; i < bridges->count; i++)
		if (bridges->items[i].ifindex == ifindex) {
			bridges->items[i] = bridges->items[--bridges->count];
			return;
		}
}

static int add(struct bridges *bridges, const struct bridge *bridge)
{
	struct bridge *grown = reallocarray(bridges->items, bridges->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	bridges->items = grown;
	grown[bridges->count++] = *bridge;
	return 0;
}

int bridges_saw(struct bridges *bridges, const struct link *link, bool gone)
{
	struct bridge bridge;
	int error = 0;

	pthread_mutex_lock(&bridges->lock);
	if (gone) {
		forget(bridges, link->ifindex);
	} else if (!find(bridges->items, bridges->count, link->ifindex)) {
		bridge = describe(bridges, link, NULL);
		error = add(bridges, &bridge);
	}
	pthread_mutex_unlock(&bridges->lock);
	return error;
}

bool bridges_follow(struct bridges *bridges, const char *network)
{
	bool follow;

	pthread_mutex_lock(&bridges->lock);
	follow = fits(bridges->networks, bridges->network_count, network);
	pthread_mutex_unlock(&bridges->lock);
	return follow;
}

enum bridge_kind bridges_kind(struct bridges *bridges, uint32_t ifindex)
{
	enum bridge_kind kind;

	pthread_mutex_lock(&bridges->lock);
	kind = kind_of(bridges, find(bridges->items, bridges->count, ifindex));
	pthread_mutex_unlock(&bridges->lock);
	return kind;
}

bool bridges_is_listed(struct bridges *bridges, uint32_t ifindex)
{
	const struct bridge *bridge;
	bool listed;

	pthread_mutex_lock(&bridges->lock);
	bridge = find(bridges->items, bridges->count, ifindex);
	listed = bridge && bridge->listed;
	pthread_mutex_unlock(&bridges->lock);
	return listed;
}

bool bridges_is_named(struct bridges *bridges, uint32_t ifindex)
{
	const struct bridge *bridge;
	bool named;

	pthread_mutex_lock(&bridges->lock);
	bridge = find(bridges->items, bridges->count, ifindex);
	named = bridge && bridge->named;
	pthread_mutex_unlock(&bridges->lock);
	return named;
}

void bridges_network(struct bridges *bridges, uint32_t ifindex, char *name, size_t size)
{
	const struct bridge *bridge;

	pthread_mutex_lock(&bridges->lock);
	bridge = find(bridges->items, bridges->count, ifindex);
	snprintf(name, size, "%s", bridge ? bridge->network : "");
	pthread_mutex_unlock(&bridges->lock);
}

/* Is this one that the engine may have made, and not listed yet? The lock is taken. */
static bool may_be_of_engine(const struct bridges *bridges, bool named)
{
	return named || bridges->engine_answers || clock_monotonic_ns() < bridges->expected_ns;
}

bool bridges_hold(struct bridges *bridges, struct nl *nl, uint32_t ifindex)
{
	const struct bridge *bridge;
	struct link link;
	bool hold;

	pthread_mutex_lock(&bridges->lock);
	bridge = find(bridges->items, bridges->count, ifindex);
	hold = bridge && (kind_of(bridges, bridge) == BRIDGE_FOLLOWED ||
			  (kind_of(bridges, bridge) == BRIDGE_UNKNOWN &&
			   may_be_of_engine(bridges, bridge->named)));
	pthread_mutex_unlock(&bridges->lock);
	/* A bridge that is gone has no ports. */
	if (bridge || nl_link_get(nl, NULL, ifindex, &link) || strcmp(link.kind, "bridge") != 0)
		return hold;
	pthread_mutex_lock(&bridges->lock);
	hold = may_be_of_engine(bridges, fits(bridges->names, bridges->name_count, link.name));
	pthread_mutex_unlock(&bridges->lock);
	return hold;
}
