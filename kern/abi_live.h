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
};

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

#endif
