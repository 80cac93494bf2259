/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which addresses are members of the live sets that name containers: `container`, `compose`,
 * `label`, `network`. Pure: what the engine says and what was seen comes in, members go out.
 *
 * A member is each address that the engine gave to a container that runs, on each of its networks;
 * in sets of networks, on those alone. A paused container runs. One that shares another's network
 * has no address of its own, nor has one on the host's.
 */
#ifndef PCTL_SET_MEMBERS_H
#define PCTL_SET_MEMBERS_H

#include "container.h"
#include "live_sets.h"

struct member_address {
	enum pctl_family family;
	uint32_t address[4]; /* in network order; of IPv4 the first, the rest 0 */
};

#define MEMBER_SIGHTING_MAX 8 /* addresses of a veth */

/*
 * What the other end of a veth had while all its packets were held, before the engine told. It
 * stands in for what the engine has not said yet: for a container that is being started, or
 * connected to a network.
 */
struct member_sighting {
	const struct container *container;
	const char *network; /* "": not known yet */
	const struct member_address *addresses;
	size_t count;
};

/* Which container has which address, on which network. */
struct member_claim {
	const struct container *container;
	const char *network;
	struct member_address address;
};

struct member_claims {
	struct member_claim *items;
	size_t count;
};

/*
 * All claims. A sighting ends where the engine has told the container's address on that network,
 * and for containers that may have CAP_NET_ADMIN does not count: they choose their addresses. Where
 * a sighting has an address that the engine says another container has on that network, that one
 * has ended, and the engine will tell. 0 or -ENOMEM. Free items.
 */
int member_claims_find(const struct container *const *containers, size_t count,
		       const struct member_sighting *sightings, size_t sighting_count,
		       struct member_claims *claims);

/* The members of a set of one of these kinds, each once, in the order of claims. `origin` is
 * member_origin() of the container. 0 or -ENOMEM. Free *members. */
int members_find(const struct member_claims *claims, enum pctl_live_kind kind, char *const *words,
		 size_t word_count, struct live_member **members, size_t *count);

/* The first 8 digits of its id, as a number: who reads it finds the container by them. */
uint32_t member_origin(const struct container *container);

/* Does a keeper keep sets of this kind by the engine's containers? */
static inline bool members_are_containers(enum pctl_live_kind kind)
{
	return kind >= PCTL_LIVE_CONTAINER && kind <= PCTL_LIVE_NETWORK;
}

#endif
