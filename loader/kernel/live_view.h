/* SPDX-License-Identifier: GPL-2.0-only */
/* The live sets of one generation, for those who tell of them. */
#ifndef PCTL_LIVE_VIEW_H
#define PCTL_LIVE_VIEW_H

#include "generation.h"
#include "live_maps.h"
#include "live_sets.h"

struct live_view {
	const struct set *set; /* the policy's */
	bool asked; /* a rule looks for peers in it; else there is no more of it than its words */
	uint32_t number, flags, count, left_out; /* as in struct live_set */
	struct live_member *members; /* NULL: not read */
	size_t member_count;
};

struct live_views {
	struct live_view items[PCTL_SETS_MAX];
	uint32_t count;
	uint32_t now; /* PCTL_TICK() at which they were read */
};

/* Reads how the sets are, not their members. The policy is to outlive it; live_views_close(). */
int live_views_open(const struct generation *generation, const struct policy *policy,
		    struct live_views *views);
int live_views_read_members(const struct generation *generation, struct live_views *views);
void live_views_close(struct live_views *views);

/* Is membership of an address that is not a member known? */
static inline bool live_view_is_complete(const struct live_view *view)
{
	return (view->flags & (PCTL_LIVE_KNOWN | PCTL_LIVE_INCOMPLETE)) == PCTL_LIVE_KNOWN;
}

/* What the programs say of an address and the set: of packets of a connection and of others. */
struct live_answer {
	bool is_there; /* `member`; it may have expired */
	bool complete; /* of others it is known that they are not members */
	struct pctl_member member;
	enum pctl_membership now, established;
	uint32_t at; /* PCTL_TICK() at which they were asked */
};

/* @number: of the set */
int live_ask(const struct generation *generation, uint32_t number, const struct prefix *address,
	     struct live_answer *answer);

/* A live set in which an address is, or may be. */
struct live_finding {
	const struct set *set;
	struct live_answer answer;
	enum pctl_membership membership; /* OUTSIDE: it has expired */
};

/* The live sets that rules of one policy look for peers in. They are known again when the policy is
 * gone, and its sets with it. */
struct live_asked {
	struct {
		const struct set *set; /* the policy's */
		uint32_t number;
		uint8_t digest[PCTL_LIVE_DIGEST];
	} items[PCTL_SETS_MAX];
	uint32_t count;
};

/* @maps: of its network namespace, open. The policy is to outlive it. */
void live_asked_of(const struct generation *generation, const struct policy *policy,
		   const struct live_maps *maps, struct live_asked *asked);

/* The same, and opens the maps: live_maps_close() them. */
int live_asked_open(const struct generation *generation, const struct policy *policy,
		    struct live_maps *maps, struct live_asked *asked);

/*
 * Finds those that have an address; for packets that are no part of connections.
 * @address: in network order; of IPv4 the first, the rest is not read
 * @findings: room for PCTL_SETS_MAX. Returns how many.
 */
uint32_t live_find(const struct live_maps *maps, const struct live_asked *asked,
		   enum pctl_family family, const uint32_t address[4],
		   struct live_finding *findings);

/* The seconds for which an entry of a set of DNS names is still a member; 0: it has expired. */
uint32_t live_seconds_left(const struct pctl_member *member, uint32_t now);

/* The name by which it was learnt; NULL: none. */
const char *live_member_name(const struct set *set, const struct pctl_member *member);

#endif
