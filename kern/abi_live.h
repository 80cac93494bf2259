/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets: their members change while the policy stays. Part of abi.h, which includes it. */
#ifndef PCTL_ABI_LIVE_H
#define PCTL_ABI_LIVE_H

/*
 * All attachments of a network namespace share two maps. `live_sets` has an element for each live
 * set that some policy names; sets with the same definition are one. `live_members` has the members
 * of all of them. A change of a member is one write, and in force at once.
 *
 * Members of sets of DNS names are written by the programs, when an answer passes to a container.
 * All others are written by user space.
 */
#define PCTL_LIVE_SETS 1024 /* elements of `live_sets` */
#define PCTL_LIVE_MEMBERS 65536 /* elements of `live_members` */
/* Of one set. 16 sets that are full fill the map: what one container makes resolvers answer cannot
 * take the room of all others. */
#define PCTL_LIVE_SET_MEMBERS 4096

enum pctl_live_kind {
	PCTL_LIVE_FREE = 0, /* the element is not used */
	PCTL_LIVE_DNS = 1,
	PCTL_LIVE_CONTAINER = 2,
	PCTL_LIVE_COMPOSE = 3,
	PCTL_LIVE_LABEL = 4,
	PCTL_LIVE_NETWORK = 5,
	PCTL_LIVE_HOST = 6, /* @host: all addresses of this network namespace */
	PCTL_LIVE_GATEWAY = 7, /* @gateway: those of the bridge of one attachment */
	PCTL_LIVE_KINDS = 8,
};

enum pctl_live_flags {
	/* Its members are known. Without it, membership is unknown for every address that is not a
	 * member. Sets of DNS names always have it. */
	PCTL_LIVE_KNOWN = 1,
	/* A member did not fit in: membership is unknown for every address that is not one. */
	PCTL_LIVE_INCOMPLETE = 2,
};

#define PCTL_LIVE_DIGEST 32 /* bytes: SHA-256 of the definition */

/* Value of `live_sets`. */
struct pctl_live_set {
	__u8 digest[PCTL_LIVE_DIGEST];
	__u32 kind; /* enum pctl_live_kind */
	__u32 flags; /* enum pctl_live_flags */
	__u32 members; /* in `live_members`; programs add with atomic instructions */
	__u32 left_out; /* how many members did not fit in */
	/* DNS, if INCOMPLETE: PCTL_TICK() at which the last that did not fit in would expire. */
	__u32 incomplete_until;
	__u32 swept; /* PCTL_TICK() at which a program last looked for members that make room */
};

/* Of struct pctl_classes.live: a set of DNS names that only questions are compared with. */
#define PCTL_LIVE_NAMES 0xffffffff

/* In place of what a packet asks DNS for: nothing, as a TCP segment without payload. The names of
 * every list match it, negated or not. */
#define PCTL_ASKS_NOTHING 0xffffffff

/* A set that is full is swept by programs once in this time. */
#define PCTL_LIVE_SWEEP_TICKS PCTL_TICKS(10)

/* Key of `live_members`. */
struct pctl_member_key {
	__u32 set; /* index of `live_sets` */
	__u32 family; /* enum pctl_family */
	__u32 address[4]; /* in network order; of IPv4 the first, the rest 0 */
};

/* Value of `live_members`. */
struct pctl_member {
	/* PCTL_TICK(); 0: it stays until it is removed. Afterwards it is a member for packets of
	 * connections alone. */
	__u32 until;
	__u32 used; /* PCTL_TICK() at which a packet of a connection last asked for it, roughly */
	__u32 name; /* DNS: index of the set's name by which it was learnt */
	__u32 origin; /* of the keeper's own, e.g. which container; 0: none */
};

/* A connection may be silent for so long and still need its member: as the longest time-out. In a
 * set that is full it has less. */
#define PCTL_MEMBER_KEPT PCTL_TIMEOUT_TCP
#define PCTL_MEMBER_KEPT_FULL PCTL_TICKS(300)

/* Is it a member for packets of connections alone? @now: PCTL_TICK() */
PCTL_SHARED __u32 pctl_member_expired(const struct pctl_member *member, __u32 now)
{
	return member->until && (__s32)(now - member->until) > 0;
}

/* Did a packet of a connection ask for it within this time? */
PCTL_SHARED __u32 pctl_member_is_kept(const struct pctl_member *member, __u32 now, __u32 kept)
{
	return member->used && (__s32)(now - member->used) <= (__s32)kept;
}

/* May a sweep remove it; may it in a set that is full? */
PCTL_SHARED __u32 pctl_member_is_over(const struct pctl_member *member, __u32 now)
{
	return pctl_member_expired(member, now) &&
	       !pctl_member_is_kept(member, now, PCTL_MEMBER_KEPT);
}

PCTL_SHARED __u32 pctl_member_makes_room(const struct pctl_member *member, __u32 now)
{
	return pctl_member_expired(member, now) &&
	       !pctl_member_is_kept(member, now, PCTL_MEMBER_KEPT_FULL);
}

#endif
