/* SPDX-License-Identifier: GPL-2.0-only */
/* DNS names: what is asked, and the addresses that answers tell. Part of abi.h, which includes it.
 */
#ifndef PCTL_ABI_NAMES_H
#define PCTL_ABI_NAMES_H

#define PCTL_DNS_PORT 53 /* RFC 1035 section 4.2 */
/* Larger messages are not read: no resolver sends so much by UDP (EDNS, RFC 6891 section 6.2.5),
 * and over TCP 64 addresses need less. */
#define PCTL_DNS_MESSAGE_MAX 4096
#define PCTL_DNS_RECORDS_MAX 64 /* of an answer; those behind are not read */
/* In one TCP segment: glibc sends the questions for A and AAAA in one. */
#define PCTL_DNS_MESSAGES_MAX 4

/* How long a member is one, whatever the records say, in seconds. */
#define PCTL_NAME_TTL_MIN 60
#define PCTL_NAME_TTL_MAX 3600

#define PCTL_NAME_BYTES 256 /* RFC 1035 section 2.3.4 allows 255 */

/*
 * A name as programs compare it: its labels from the last one to the first, each with its length in
 * front and in lower case, then a 0. So *.example.com is a prefix of all names below example.com,
 * and two names are the same if and only if they have the same bytes, whatever is in their labels.
 * Key of the LPM trie `names`, with the zero of whole names, without it of wildcards.
 */
struct pctl_name_key {
	__u32 bits; /* of `labels` that are used; 8 for each byte */
	__u8 labels[PCTL_NAME_BYTES]; /* the rest is 0 */
};

/* Value of `names`: for a packet whose name has this longest match. */
struct pctl_name_sets {
	__u32 sets; /* bit i: set_i has it */
	__u16 words[PCTL_SETS_MAX]; /* of set_i: which of its words it was, the most special one */
};

#define PCTL_RESOLVERS_MAX 16

struct pctl_resolver {
	__u32 family; /* enum pctl_family */
	__u32 address[4]; /* in network order; of IPv4 the first, the rest 0 */
};

/* Constants of a program. */
struct pctl_naming {
	__u32 learns; /* bit i: addresses of set_i are learnt. 0: answers are not read */
	__u32 names; /* bit i: set_i is a set of DNS names */
	__u32 bridge; /* ifindex of the bridge that the attachment is a port of; 0: none */
	__u32 resolver_count;
	struct pctl_resolver resolvers[PCTL_RESOLVERS_MAX];
};

enum pctl_question_kind {
	PCTL_QUESTION = 0,
	/* No question: a connection of TCP, and where in its streams the next messages begin. A
	 * segment that begins elsewhere may have bytes of one that look like another. */
	PCTL_STREAM = 1,
};

/* Key of `questions`, an LRU map: what the container asked a resolver, and which answer is still to
 * come. */
struct pctl_question_key {
	__u32 local[4]; /* as in struct pctl_connection_key */
	__u32 remote[4];
	__be16 local_port;
	__be16 id; /* of a question */
	__u8 protocol; /* IANA number: UDP or TCP */
	__u8 family; /* enum pctl_family */
	__u8 kind; /* enum pctl_question_kind */
	__u8 reserved;
};

struct pctl_question {
	__be16 type; /* A, AAAA or ANY */
	__u16 reserved;
	/* Of a stream, sequence numbers in host order. */
	__u32 first; /* the resolver's first */
	__u32 next[PCTL_DIRECTIONS]; /* where the next message begins, by the direction */
	/* The last segment that the container sent, which may come again. */
	__u32 last, last_size;
	struct pctl_name_key name;
};

#define PCTL_QUESTIONS_MAX 1024 /* entries */

/* Index of `name_stats` (per CPU); values: __u64. */
enum pctl_name_counter {
	PCTL_NAMES_QUESTIONS = 0, /* that were noted */
	PCTL_NAMES_ANSWERS = 1, /* to them, which were read */
	PCTL_NAMES_ADDRESSES = 2, /* in those, which became members or stayed it */
	/* What was not learnt, and why: */
	PCTL_NAMES_OTHER = 3, /* answers to another question than was asked */
	PCTL_NAMES_ELSEWHERE = 4, /* … that did not come from where the resolver is */
	PCTL_NAMES_BROKEN = 5, /* … that contradict themselves; what stood before was learnt */
	PCTL_NAMES_CUT = 6, /* … in several packets, or larger than what is read; likewise */
	PCTL_NAMES_FULL = 7, /* addresses for which there was no room */
	PCTL_NAME_COUNTERS = 8,
};

/* What a packet asks, in one number: bit i: for a name of set_i; bit 16 + i: that is unknown. Or
 * PCTL_ASKS_NOTHING. */
#define PCTL_ASKED_UNKNOWN_SHIFT PCTL_SETS_MAX

#endif
