/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF object and user space agree on: the only header both include.
 *
 * A policy reaches the kernel as `struct pctl_tables` (one per direction, constant for the life of
 * a program) and as maps. A lookup in them returns an *outcome*: the verdict with the counter slot
 * of the rule that decided, or the next table to look at.
 *
 * Rules that match on more than protocol and selector go through classes (recursive flow
 * classification, Gupta and McKeown 1999). The *service* of a packet is the class of its protocol,
 * selector and source port. Its *peer class* is the class of the peer's address. Packets with the
 * same service and peer class match the same rules. `peer_rules` and `pair_rules` are the tables
 * over these classes.
 *
 * Byte order: `__be16` is network order as in the packet, everything else is host order.
 */
#ifndef PCTL_ABI_H
#define PCTL_ABI_H

#include <linux/types.h>

#include "abi_answers.h"
#include "abi_outcome.h"
#include "abi_skb.h"
#include "abi_treatments.h"

/* Changes whenever a structure or a meaning below does. Each generation stores it (struct meta in
 * the loader), so that a newer policyctl recognises what an older one left in the kernel. */
#define PCTL_ABI_VERSION 9

/* Directions are seen from the container. `from` is what it sends: RX of the host-side veth,
 * sections `xdp` and `classifier`. `to` is what it receives: egress of the host-side veth, section
 * `tc`. */
enum pctl_direction {
	PCTL_FROM = 0,
	PCTL_TO = 1,
	PCTL_DIRECTIONS = 2,
};

/*
 * Why a field of a packet is unknown: number, name, meaning. It is the drop reason of a packet that
 * is dropped because an unknown field matches every deny rule. Packets that pass can have one too.
 * The name is what `stats` prints, the number is the index of `unknown_stats`.
 */
#define PCTL_REASONS(X)                                                                       \
	X(FRAME_SHORT, 0, "short-frame", "the frame ends inside its Ethernet or VLAN header") \
	X(VLAN_DEPTH, 1, "vlan-depth", "more VLAN tags than are looked through")              \
	X(ETHERTYPE, 2, "ethertype", "an ethertype that is neither IP nor ARP")               \
	X(IP_HEADER, 3, "ip-header", "an IP header that is cut short or contradicts itself")  \
	X(EXT_DEPTH, 4, "ext-depth", "more IPv6 extension headers than are walked")           \
	X(EXT_SHORT, 5, "ext-short", "an IPv6 extension header chain that is cut short")      \
	X(FRAGMENT, 6, "fragment", "a later fragment whose first one was not seen")           \
	X(L4_SHORT, 7, "l4-short", "the ports or the ICMP type are not in the packet")        \
	X(ROUTE, 8, "source-route",                                                           \
	  "a source route: the destination in the IP header is not the last one")             \
	X(CHECKSUM, 9, "checksum-place",                                                      \
	  "the kernel is to write a checksum where it can change the packet's fields")

enum pctl_reason {
#define X(id, number, name, meaning) PCTL_REASON_##id = number,
	PCTL_REASONS(X)
#undef X
		PCTL_REASON_MAX = 10,
};

#define PCTL_REASON_NONE 255 /* in place of an enum pctl_reason: every field is known */
/* Likewise: it exceeds the rate of the rule that passes it. Counted in a slot of its own. */
#define PCTL_REASON_RATE 254

/*
 * The selector subdivides a protocol, 16 bits as in RFC 4301 section 4.4.1.1: the destination port,
 * or for ICMP and ICMPv6 the type in the high and the code in the low 8 bits. The selector tables,
 * one for each protocol that has a selector:
 */
enum pctl_selected {
	PCTL_SELECTED_TCP = 0,
	PCTL_SELECTED_UDP = 1,
	PCTL_SELECTED_UDPLITE = 2,
	PCTL_SELECTED_SCTP = 3,
	PCTL_SELECTED_DCCP = 4,
	PCTL_SELECTED_ICMP = 5,
	PCTL_SELECTED_ICMPV6 = 6,
	PCTL_SELECTED_MAX = 8, /* a power of two, so that masking an index bounds it */
};

#define PCTL_PAGES 256 /* a page: the 256 selectors that share their high byte */
#define PCTL_LISTED_WORDS (65536 / 64)

/*
 * One direction of a compiled policy. How the outcome of a packet is found (kern/match.h):
 *
 *   nothing known ─► frame          ARP ─► arp          IP, protocol unknown ─► protocol
 *   neither IP nor ARP ─► port_rules ─► ethertype
 *   protocol known ─► by_protocol[] ─ SELECT ─► selector listed? ─ yes ─► port_rules (hash)
 *                                                                └ no ──► by_page[][]
 *                                             selector unknown ─► selector_unknown[]
 */
struct pctl_tables {
	/* Outcomes. */
	__u32 frame; /* nothing is known of it: matches every deny rule, no allow rule */
	/* Neither IP nor ARP, by an ethertype that `port_rules` does not have. NONE: it has none of
	 * this direction, `frame` decides. */
	__u32 ethertype;
	__u32 arp;
	__u32 protocol; /* known to be IP, protocol unknown */
	__u32 by_protocol[256];
	__u32 selector_unknown[PCTL_SELECTED_MAX];
	__u32 by_page[PCTL_SELECTED_MAX][PCTL_PAGES];
	/* Bit set: port_rules has this selector for some protocol. Clear: no need to look there. */
	__u64 listed[PCTL_LISTED_WORDS];
};

/* --- addresses --- */

enum pctl_family {
	PCTL_IPV4 = 0,
	PCTL_IPV6 = 1,
	PCTL_FAMILIES = 2,
};

/*
 * A trie that takes an address to its class: level-compressed and path-compressed (Nilsson and
 * Karlsson, IP-address lookup using LC-tries, 1999), with bitmaps where few of many slots lead on
 * (Asai and Ohara, Poptrie, 2015). The address is 128 bits in host order, an IPv4 address the first
 * 32 of them, the rest 0; bits behind its end read as 0.
 *
 * A *reference* is one step of the lookup. Bits 30 and 31 are its kind, bits 25 to 29 how many of
 * the next bits of the address it uses, bits 0 to 24 mostly a cell.
 *   LEAF    the lookup ends; the lower PCTL_LEAF_BITS are the result
 *   NODE    2 to 20 bits: the index of the next reference in this and the following cells, 4 to a
 *           cell
 *   SPARSE  6 to 24 bits: the index of a slot, 64 of which share a cell with a `word`, this or one
 *           of the following. Bit set in word.slots: go on with reference number word.first + how
 *           many lower bits are set, counted from the first one of cell 0. Clear: the lookup ends
 *           with word.outside
 *   JUMP    0 bits: a cell with a `jump`. The next `skip` bits of the address are the highest
 *           `skip` bits of `bits` (the others are 0): go on with `inside`; they are not: the lookup
 *           ends with `outside`
 *           1 to 25 bits, in the maps of sets only: no cell. They are bits 0 to 24: the result is
 *           PCTL_INSIDE; they are not: PCTL_OUTSIDE
 * Each NODE, SPARSE and JUMP uses 4 bits or more, unless the address ends before. So a lookup has
 * at most PCTL_TRIE_STEPS references.
 */
enum pctl_reference {
	PCTL_LEAF = 0,
	PCTL_NODE = 1,
	PCTL_JUMP = 2,
	PCTL_SPARSE = 3,
};

#define PCTL_LEAF_BITS 26
#define PCTL_CELL_BITS 25
#define PCTL_STRIDE_MAX 20
#define PCTL_SPARSE_STRIDE_MAX 24
#define PCTL_WORD_BITS 6 /* of a slot's index: which of a word's 64 slots */
#define PCTL_TRIE_STEPS 33

#define PCTL_REFERENCE(kind, value) (((__u32)(kind) << 30) | (__u32)(value))
#define PCTL_REFERENCE_BITS(kind, bits, cell) \
	PCTL_REFERENCE(kind, (__u32)(bits) << PCTL_CELL_BITS | (__u32)(cell))
#define PCTL_REFERENCE_KIND(reference) ((__u32)(reference) >> 30)
#define PCTL_REFERENCE_CELL(reference) ((__u32)(reference) & ((1u << PCTL_CELL_BITS) - 1))
#define PCTL_REFERENCE_STRIDE(reference) (((__u32)(reference) >> PCTL_CELL_BITS) & 31)
#define PCTL_REFERENCE_RESULT(reference) ((__u32)(reference) & ((1u << PCTL_LEAF_BITS) - 1))

struct pctl_jump {
	__u64 bits;
	__u32 inside; /* a reference */
	__u32 outside; /* skip - 1 (0 to 63) in the top 6 bits, a result below */
};

#define PCTL_JUMP_SKIP(outside) (((__u32)(outside) >> PCTL_LEAF_BITS) + 1)

struct pctl_word {
	__u64 slots; /* bit i: slot i has a reference */
	__u32 first; /* where the first of them is: cell * 4 + index of `references` there */
	__u32 outside; /* the result of the other slots */
};

/* Value of `prefixes` and of `set_0` and so on. */
union pctl_cell {
	__u32 references[4];
	struct pctl_jump jump;
	struct pctl_word word;
};

/* A result of `prefixes`: the peer class in the lower 24 bits, and whether `pair_rules` may have
 * an entry for it. Class 0: the address is unknown. Classes are numbered per direction. */
#define PCTL_RESULT_CLASS(result) ((__u32)(result)&0xffffff)
#define PCTL_RESULT_PAIRS (1u << 24)
#define PCTL_PEER_UNKNOWN (PCTL_RESULT_PAIRS | 0)

/* Results of the maps of sets. */
enum pctl_membership {
	PCTL_OUTSIDE = 0,
	PCTL_INSIDE = 1,
	PCTL_MEMBERSHIP_UNKNOWN = 2,
};

/* Sets from files have a map each, shared by all attachments of a network namespace. Its first
 * cells are this header, the trie begins behind it. */
#define PCTL_SETS_MAX 16
#define PCTL_SET_DIGEST 32 /* bytes: SHA-256 */

struct pctl_set_header {
	__u32 roots[PCTL_FAMILIES]; /* references */
	__u32 prefixes[PCTL_FAMILIES]; /* how many the set has */
	__u8 digest[PCTL_SET_DIGEST]; /* of its prefixes */
};

#define PCTL_SET_HEADER_CELLS (sizeof(struct pctl_set_header) / sizeof(union pctl_cell))

/* Peer lists with a set from a file or a live set in them are matched by membership, not by class;
 * likewise what rules want of DNS questions. */
#define PCTL_LISTS_MAX 16

/* A packet is inside a list if both parts match: the peer and the names. Membership is unknown if
 * neither is outside and one is unknown. */
enum pctl_list_flags {
	PCTL_LIST_PEERS = 1, /* it has a part for the peer; without it each peer matches */
	PCTL_LIST_PEERS_NOT = 2, /* that part is negated */
	PCTL_LIST_NAMES_NOT = 4, /* the part for names is negated */
};

/* --- the container's own addresses --- */

#define PCTL_OWN_MAX 16 /* blocks of each family */
/* What a container may use as its own, for `spoofed`. Addresses and masks are in network order. */
struct pctl_own {
	__u8 mac[6];
	__u16 known; /* 0: nothing is its own */
	__u32 counts[PCTL_FAMILIES];
	struct pctl_own_block {
		__u32 address[4]; /* of IPv4 only the first */
		__u32 mask[4];
	} blocks[PCTL_FAMILIES][PCTL_OWN_MAX];
};

/* --- classes --- */

enum pctl_service_flags {
	PCTL_SERVICE_SOURCE = 1, /* service_by_source may have an entry for it */
	PCTL_SERVICE_PAIRS = 2, /* pair_rules may have an entry for it */
	PCTL_SERVICE_ROW = 4, /* peer_rules may have an outcome of a smaller rank */
	/* With one of the last two, or with `lists`, the peer's address matters. */
};

/* Value of `services`. */
struct pctl_service {
	__u32 otherwise; /* outcome where pair_rules has no entry */
	/* peer_rules[row + class]: outcome of the rules that name no selector, or NONE. */
	__u32 row;
	__u32 flags; /* enum pctl_service_flags */
	/* Bit i: list_rules[service * list_count + i] may have an outcome of a smaller rank. */
	__u32 lists;
};

/* Key of `pair_rules`; value: __u32 outcome, in place of `otherwise`. */
struct pctl_pair_key {
	__u32 service;
	__u32 peer; /* class */
};

/* Key of `service_by_source`; value: __u32 index of `services`. No entry: the service stays. */
struct pctl_source_key {
	__u32 service;
	__u32 source; /* class of the source port, from `source_ports` */
};

/* Value of `source_ports`, index direction * PCTL_PAGES + high byte of the port: the classes of
 * the 256 ports of that page. */
struct pctl_source_page {
	__u16 classes[256];
};

/* Value of `list_rules`: the outcome that the rules with this peer list have for a service, or
 * NONE. */
struct pctl_list_rule {
	__u32 outcomes[3]; /* by enum pctl_membership */
	__u32 reserved;
};

/* Constants of a program with classes. */
struct pctl_classes {
	__u32 roots[PCTL_DIRECTIONS][PCTL_FAMILIES]; /* references into `prefixes` */
	__u32 set_roots[PCTL_SETS_MAX][PCTL_FAMILIES];
	__u32 set_count;
	__u32 list_count;
	__u32 list_sets[PCTL_LISTS_MAX]; /* bit i: set_i is part of the list */
	/* peer_lists[base + class]: bit i: the class is inside a prefix of list i. All ones: no
	 * list has prefixes. */
	__u32 peer_lists_base[PCTL_DIRECTIONS];
	__u32 uses_peers[PCTL_DIRECTIONS]; /* some rule of this direction matches on the peer */
	__u32 uses_sources[PCTL_DIRECTIONS]; /* … on the source port */
	/* Of set_i: index of `live_sets` + 1, or PCTL_LIVE_NAMES. 0: it is a set from a file. The
	 * loader fills it in. */
	__u32 live[PCTL_SETS_MAX];
	/* Bit i: the list also wants that the packet asks DNS for a name of set_i, one of them. 0:
	 * it does not matter. */
	__u32 list_names[PCTL_LISTS_MAX];
	__u32 list_flags[PCTL_LISTS_MAX]; /* enum pctl_list_flags */
	__u32 asks_names[PCTL_DIRECTIONS]; /* some list of this direction has names */
};

/* --- events --- */

/*
 * A reader is a process that subscribes to verdicts. It has a ring buffer, element number i of
 * `event_rings`, and a subscription, element number i of `subscriptions.of`. Programs write an
 * event into the ring of each reader that subscribes to it, without waking the reader. An
 * attachment writes no more events a second than `subscriptions.rates` allows. Events that a reader
 * missed, because of that rate or because its ring was full, are counted in `lost_events`.
 */
#define PCTL_READERS 8

enum pctl_event_kind {
	/* Dropped, rejected, would have been, or decided by a rule with `log`. */
	PCTL_EVENT_DROPPED = 0,
	PCTL_EVENT_PASSED = 1, /* all others */
	PCTL_EVENT_KINDS = 2,
};

struct pctl_subscription {
	__u32 ifindex; /* of the attachment; 0: all attachments */
	__u32 snaplen; /* bytes to capture of each packet, at most PCTL_SNAPLEN_MAX */
};

/* The one element of `subscriptions`, which all programs of a network namespace share. */
struct pctl_subscriptions {
	__u32 readers[PCTL_EVENT_KINDS]; /* bit i: reader i subscribes to this kind */
	__u32 rates[PCTL_EVENT_KINDS]; /* events a second of one attachment; also its burst */
	struct pctl_subscription of[PCTL_READERS];
	__u64 changes; /* for user space: grows when an attachment comes, changes or goes */
};

/* An event as it stands in a ring. The record may be longer than its event. */
struct pctl_event {
	__u64 time_ns; /* bpf_ktime_get_boot_ns() */
	__u64 generation; /* struct pctl_config.generation: the policy whose slots `outcome` uses */
	__u32 ifindex;
	__u32 outcome; /* a verdict: not LEAVE, SELECT or CLASS */
	__u32 packets; /* how many were counted: the segments of a GSO packet, else 1 */
	__u32 length; /* of the frame in bytes */
	__u32 captured; /* bytes in data[] */
	__u8 direction; /* enum pctl_direction */
	__u8 reason; /* enum pctl_reason or PCTL_REASON_NONE */
	__u8 established; /* enum pctl_established; NO where no rule asks, or XDP does not see it */
	__u8 reserved;
	__u8 data[]; /* the frame, from its Ethernet header on */
};

#define PCTL_SNAPLEN_MAX 65535

/* Value of `lost_events` (per CPU): how many packets were missed, by event kind and by the set of
 * readers that missed them, as bits. */
struct pctl_lost {
	__u64 packets[PCTL_EVENT_KINDS][1 << PCTL_READERS];
};

/* Limits the events of one attachment and kind. Only programs use it. */
struct pctl_token_bucket {
	__u64 jiffies; /* the tick of the last refill */
	__u64 refilled_ns; /* bpf_ktime_get_ns(): tokens were added for the time before */
	__s64 tokens; /* one for each event */
};

/* --- probes --- */

/*
 * A probe is a frame that BPF_PROG_TEST_RUN runs through a program. Its mark is the number of the
 * generation, which is secret: 8 bytes of metadata for section `xdp`; for the others cb[0] (the low
 * half) and cb[1]. A probe gets its verdict like any packet, but it is not counted, causes no event
 * and no entry in `fragments`. The program returns an answer instead of a verdict.
 */
#define PCTL_ANSWER_NO_REASON 15

/* Constants of a program, set before it is loaded so that the verifier removes unused code. */
struct pctl_config {
	/* 1: `tables` hold the policy. 0: the object was loaded by hand, `tables` are empty:
	 * `proto_rules` and `port_rules` decide alone, and pass what they do not name. */
	__u32 compiled;
	__u32 track_fragments[PCTL_DIRECTIONS]; /* later fragments may follow their first one */
	/* A frame with fewer linear bytes than this has no other bytes. 0: unknown, call
	 * bpf_xdp_get_buff_len(). */
	__u32 linear_below;
	/* 1: the guard is behind XDP and counts what XDP passes. 0: XDP counts everything. */
	__u32 guarded;
	__u32 vlans[PCTL_DIRECTIONS]; /* rules of this direction match on VLANs */
	__u32 spoofed; /* outcome of the rule with `spoofed`; PCTL_NONE: there is none */
	__u32 audits; /* some outcome may be WOULD_DROP or WOULD_REJECT; else they drop */
	__u32 reserved;
	__u64 generation; /* random; names this policy in events and marks its probes */
};

/* Key of `proto_rules`; value: __u32 outcome. */
struct pctl_proto_key {
	__u8 direction; /* enum pctl_direction */
	__u8 protocol; /* IANA protocol number */
};

/* Key of `port_rules`; value: __u32 outcome. */
struct pctl_port_key {
	__u8 plane; /* where no rule matches on VLANs: enum pctl_direction */
	__u8 protocol; /* or PCTL_ETHERTYPE */
	__be16 selector; /* or an ethertype */
};

/* In place of a protocol: that of hop-by-hop options, which have no selector. */
#define PCTL_ETHERTYPE 0

/* Value of `unknown_stats` (per CPU), index enum pctl_reason * PCTL_DIRECTIONS + direction. */
struct pctl_counter {
	__u64 packets; /* on tc a GSO packet counts as its segments, on XDP as 1 */
	__u64 bytes; /* length of the frame from its Ethernet header on */
};

/* Value of `rule_stats` (per CPU): counter number slot * PCTL_DIRECTIONS + direction is number % 16
 * of element number / 16. Blocks, because the kernel allocates each element of a per-CPU array
 * separately: with one counter an element, 10,000 rules would need longer for it than for all
 * else. */
#define PCTL_BLOCK_COUNTERS 16

struct pctl_counter_block {
	struct pctl_counter counters[PCTL_BLOCK_COUNTERS];
};

#define PCTL_MAX_VLAN_TAGS 2 /* in the frame; one more may be in the skb's metadata */
#define PCTL_MAX_EXT_HEADERS 8 /* IPv6 extension headers walked, fragment and AH included */
/* As net.ipv4.ipfrag_time: after that the receiver has given up too. */
#define PCTL_FRAGMENT_SECONDS 30

#define PCTL_FRAGMENT_TO 0x80

/* Key of `fragments`: one datagram. */
struct pctl_fragment_key {
	__u32 source[4]; /* IPv4 in source[0], the rest 0 */
	__u32 destination[4];
	__u32 id; /* IPv4: the 16 bit identification; as in the packet */
	__u8 family; /* 4 or 6, and PCTL_FRAGMENT_TO in that direction */
	__u8 protocol; /* IPv4; 0 in IPv6: RFC 8200 section 4.5 leaves it out of the key */
	__u16 vlan; /* enum pctl_vlan; 0 where no rule matches on VLANs */
};

struct pctl_fragment {
	__u64 seen_ns; /* bpf_ktime_get_ns() of the first fragment */
	__u32 outcome;
	__u32 pad;
};

#include "abi_connections.h"
#include "abi_live.h"
#include "abi_mirrors.h"
#include "abi_names.h"
#include "abi_planes.h"

#endif
