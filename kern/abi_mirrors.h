/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies of packets (`mirror`); part of abi.h, which includes it. */
#ifndef PCTL_ABI_MIRRORS_H
#define PCTL_ABI_MIRRORS_H

#include <linux/types.h>

#define PCTL_MIRRORS_MAX 16 /* different targets of one policy */
#define PCTL_MIRROR_NAME 16 /* bytes of an interface's name, as IFNAMSIZ */

/* What is known of a target, for user space. */
enum pctl_mirror_state {
	PCTL_MIRROR_NEW = 0, /* nobody has looked for it yet */
	PCTL_MIRROR_LIVE = 1,
	PCTL_MIRROR_GONE = 2, /* there is no interface of this name */
	PCTL_MIRROR_JUDGED = 3, /* it, or its other end, has a policy: copies are not judged */
	PCTL_MIRROR_LOOP = 4, /* copies would come back to where they are from */
	PCTL_MIRROR_STATES = 5,
};

/*
 * Value of `mirrors`: where copies go. User space writes it while the programs run: the policy
 * names the interface, and its number changes when it is made anew.
 */
struct pctl_mirror {
	__u32 ifindex; /* 0: no copies are made, each counts as failed */
	__u32 state; /* enum pctl_mirror_state */
	char name[PCTL_MIRROR_NAME]; /* ends in NUL */
	__u8 mac[6]; /* the copy's receiver, if has_mac */
	__u16 has_mac;
};

/* What became of copies. Index of `mirror_stats`: (mirror * PCTL_COPY_FATES + one of these) *
 * PCTL_DIRECTIONS + direction. */
enum pctl_copy_fate {
	PCTL_COPY_MADE = 0,
	PCTL_COPY_FAILED = 1,
	PCTL_COPY_FATES = 2,
};

#define PCTL_COPY_COUNTERS (PCTL_COPY_FATES * PCTL_DIRECTIONS) /* of one mirror */

#endif
