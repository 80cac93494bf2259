// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "live_addresses.h"
#include "sightings.h"
#include "util.h"

/* How often a veth that is up is asked for addresses: some engines set it up first. About a second;
 * a network may have none. */
#define TRIES 200

/* --- taking --- */

/* fe80::/10. The engine does not tell of them. */
static bool is_link_local(const struct live_member *member)
{
	return member->family == PCTL_IPV6 &&
	       (ntohl(member->address[0]) & 0xffc00000) == 0xfe800000;
}

static void take(struct veth *veth, const struct live_member *members, size_t count)
{
	for (size_t i = 0; i < count && veth->seen_count < MEMBER_SIGHTING_MAX; i++) {
		struct member_address *seen = &veth->seen[veth->seen_count];

		if (is_link_local(&members[i]))
			continue;
		seen->family = members[i].family;
		memcpy(seen->address, members[i].address, sizeof(seen->address));
		veth->seen_count++;
	}
}

bool sighting_take(struct follower *f, struct veth *veth)
{
	_cleanup_(freep) struct live_member *members = NULL;
	size_t count = 0;

	if (!veth->newborn || !veth->held || !veth->container[0] || veth->seen_count)
		return true;
	if (live_addresses_of(f->nl, veth->link.peer_nsid, veth->link.peer, &members, &count)) {
		error_clear(); /* it went meanwhile, or the engine will tell */
		return true;
	}
	take(veth, members, count);
	if (veth->seen_count) {
		f->keeper.dirty = true;
		return true;
	}
	/* Down, nothing passes anyway. */
	return (veth->link.flags & IFF_RUNNING) && veth->see_tries++ >= TRIES;
}

void sighting_drop(struct veth *veth)
{
	veth->seen_count = 0;
	veth->see_tries = 0;
}

/* --- what is known together --- */

struct collection {
	const struct container **items;
	size_t count;
};

static int count_one(void *data, const struct container *container)
{
	(void)container;
	++*(size_t *)data;
	return 0;
}

static int collect(void *data, const struct container *container)
{
	struct collection *collection = data;

	collection->items[collection->count++] = container;
	return 0;
}

/* NULL: its container is not known, or nothing was seen of it. */
static const struct container *seen_container(const struct follower *f, const struct veth *veth)
{
	return veth->seen_count && veth->container[0] ? engine_container(f->engine, veth->container)
						      : NULL;
}

/* The network of its bridge, as the engine calls it; "": it has not told. */
static const char *network_of(const struct follower *f, const struct veth *veth)
{
	char bridge[IF_NAMESIZE];
	const struct network *networks;
	size_t count;

	networks = engine_networks(f->engine, &count);
	if (!if_indextoname(veth->link.master, bridge))
		return "";
	for (size_t i = 0; i < count; i++)
		if (!strcmp(networks[i].bridge, bridge))
			return networks[i].name;
	return "";
}

int sightings_claims(const struct follower *f, struct member_claims *claims)
{
	_cleanup_(freep) struct member_sighting *sightings =
		calloc(f->veths.count + 1, sizeof(*sightings));
	struct collection all = {};
	size_t sighting_count = 0, count = 0;
	int error;

	engine_each(f->engine, count_one, &count);
	all.items = calloc(count + 1, sizeof(struct container *));
	if (!sightings || !all.items) {
		free(all.items);
		return -ENOMEM;
	}
	engine_each(f->engine, collect, &all);
	for (size_t i = 0; i < f->veths.count; i++) {
		const struct veth *veth = &f->veths.items[i];
		const struct container *container = seen_container(f, veth);

		if (container)
			sightings[sighting_count++] = (struct member_sighting){
				.container = container,
				.network = network_of(f, veth),
				.addresses = veth->seen,
				.count = veth->seen_count,
			};
	}
	error = member_claims_find(all.items, all.count, sightings, sighting_count, claims);
	free(all.items);
	return error;
}
