/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where DNS messages are read: memory of the CPU, as the stack has no room for one. What is written
 * here is unknown to the verifier, so that it walks each function once.
 */
#ifndef PCTL_DNS_ROOM_H
#define PCTL_DNS_ROOM_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "verifier.h"
#include "wire.h"

struct dns_header { /* RFC 1035 section 4.1.1 */
	__be16 id;
	__be16 flags;
	__be16 questions, answers, authorities, additionals;
};

#define DNS_HEADER sizeof(struct dns_header)
#define DNS_RESPONSE 0x8000
#define DNS_OPCODE 0x7800 /* 0: QUERY */
#define DNS_RCODE 0x000f
#define DNS_REFUSED 5

enum { /* RFC 1035 section 3.2, RFC 3596 */
       DNS_A = 1,
       DNS_CNAME = 5,
       DNS_AAAA = 28,
       DNS_ANY = 255,
       DNS_IN = 1,
};

#define MESSAGE_MASK (PCTL_DNS_MESSAGE_MAX - 1)
#define LABELS_END (PCTL_NAME_BYTES - 1) /* where the 0 behind the labels stands */

/* A name that is being read: its labels stand at the end of `labels`, the last one first. */
struct dns_labels {
	__u8 bytes[PCTL_NAME_BYTES];
	__u8 behind[PCTL_NAME_BYTES]; /* 0: a key is copied from any place of `bytes` on */
};

struct dns_room {
	/* The packet. */
	struct pctl_question_key key; /* without its id */
	__u32 at; /* of the payload behind UDP or TCP, from the start of the frame on */
	__u32 size; /* bytes of payload in this packet */
	__u32 whole; /* the payload goes on in no other fragment */
	union {
		struct tcp_header tcp;
		struct udp_header udp;
	};
	__u32 addresses[8]; /* source and destination, as they stand in the packet */
	__u32 sequence; /* of TCP: of its first byte of payload */
	__u32 asked; /* what it asks: struct class_lookup.asked */
	/* The message. */
	struct dns_header header;
	__u32 length; /* bytes of it in `message` */
	__u32 cut; /* it goes on elsewhere */
	/* The name that is being read. */
	__u32 cursor; /* of its next label */
	__u32 limit; /* pointers lead in front of this */
	__u32 after; /* what stands behind it, 0: not known yet */
	__u32 begin; /* of its labels */
	/* The answer. */
	__u32 next; /* of its next record */
	__u32 chain; /* where the name that addresses belong to stands */
	__u32 ttl; /* of the chain, the smallest */
	__be16 type;
	__be16 class;
	__u32 reserved;
	struct pctl_member_key member;
	struct bpf_fib_lookup route;
	struct dns_labels labels;
	struct pctl_name_key name; /* as it was read */
	struct pctl_name_key target; /* of the chain */
	struct pctl_name_sets found; /* of the name that was asked for */
	struct pctl_question question;
	__u8 message[PCTL_DNS_MESSAGE_MAX + PCTL_NAME_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dns_room);
} dns_rooms SEC(".maps");

/* Does this program read questions or answers at all? Constant; else the map does not exist. */
static __always_inline bool reads_dns(void)
{
	return naming.names;
}

static __always_inline struct dns_room *dns_room(void)
{
	__u32 index = 0;

	if (!reads_dns())
		return NULL;
	return bpf_map_lookup_elem(&dns_rooms, &index);
}

/* All sets are unknown: struct class_lookup.asked. */
#define ASKED_UNKNOWN (((1u << PCTL_SETS_MAX) - 1) << PCTL_ASKED_UNKNOWN_SHIFT)

/* Does any rule ask for the names in questions? Constant. Only for what a container sends. */
static __always_inline bool asks_names(void)
{
	return reads_dns() && classes.asks_names[PCTL_FROM];
}

/* What the current packet asks, if its ports are @known: other packets than those to port 53 have
 * no service that asks for it. Not in struct packet: Linux 6.1 has no stack left there. */
VERIFIED_ONCE __u32 current_asked(bool known)
{
	struct dns_room *r = dns_room();

	return r && known ? r->asked : ASKED_UNKNOWN;
}

static __always_inline void count_names(enum pctl_name_counter counter)
{
	__u32 index = counter;
	__u64 *count = bpf_map_lookup_elem(&name_stats, &index);

	if (count)
		*count += 1;
}

#endif
