/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers to rejected packets; part of abi.h, which includes it. */
#ifndef PCTL_ABI_ANSWERS_H
#define PCTL_ABI_ANSWERS_H

#include <linux/types.h>

/* How XDP answers. The other programs send their answers themselves. */
enum pctl_answers_by {
	PCTL_ANSWERS_BY_NOBODY = 0, /* nothing is rejected: no program answers */
	PCTL_ANSWERS_BY_XDP = 1, /* XDP sends its answers itself: XDP_TX */
	PCTL_ANSWERS_BY_GUARD = 2, /* it marks them, and the guard sends them */
};

/* Constants of a program. */
struct pctl_answering {
	__u32 by; /* enum pctl_answers_by */
	__u32 reserved;
	/* Secret: 8 bytes of metadata in front of an answer that XDP leaves to the guard. */
	__u64 mark;
};

/* Of one attachment, as many other hosts limit theirs. */
#define PCTL_ANSWERS_RATE 100 /* a second */
#define PCTL_ANSWERS_BURST 1000

/* How much of the rejected packet an ICMP error quotes. RFC 792 wants the IP header, with at most
 * 40 bytes of options, and 8 bytes; a key of `answers` has room for this much. */
#define PCTL_ANSWER_QUOTE 128
#define PCTL_ANSWER_IP_MAX (40 + 8 + PCTL_ANSWER_QUOTE) /* IPv6, ICMPv6 */

/*
 * Key of `answers`: an answer on its way to a hook of the same attachment, whole but for VLAN tags.
 * So what a container forges in order to pass as an answer would be that answer. The value is when
 * it was sent (bpf_ktime_get_ns()).
 */
struct pctl_answer {
	__u8 macs[12]; /* as they stand in its Ethernet header */
	__u8 direction; /* enum pctl_direction of the packet that it answers */
	__u8 reserved[3];
	__u8 ip[PCTL_ANSWER_IP_MAX]; /* from its IP header on, the rest 0 */
};

#define PCTL_ANSWERS_MAX 128 /* entries */
/* A hook takes no answer that was sent longer ago. */
#define PCTL_ANSWER_NS 1000000000ull

/* What became of the answers to rejected packets. They are counted behind the reasons in
 * `unknown_stats`: index (PCTL_REASON_MAX + one of these) * PCTL_DIRECTIONS + direction. */
enum pctl_answered {
	PCTL_ANSWER_SENT = 0,
	PCTL_ANSWER_LIMITED = 1, /* not sent, because of the limit */
	PCTL_ANSWER_FATES = 2,
};

#endif
