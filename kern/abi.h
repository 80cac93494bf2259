/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF object and user space agree on: the only header both include.
 *
 * A policy reaches the kernel as `struct pctl_tables` (one per direction, constant for the life of
 * a program) and two hash maps, `proto_rules` and `port_rules`. Everything in them is an *outcome*:
 * what to do with the packet and which counter slot it belongs to.
 *
 * Byte order: `__be16` is network order as in the packet, everything else is host order.
 */
#ifndef PCTL_ABI_H
#define PCTL_ABI_H

#include <linux/types.h>

/* Changes whenever a structure or a meaning below does; kept in struct pctl_meta, so that a newer
 * policyctl knows what an older one left in the kernel. */
#define PCTL_ABI_VERSION 1

/* Directions are seen from the container: `from` is what it sends (RX of the host-side veth,
 * section xdp), `to` is what it receives (egress of the host-side veth, section tc). */
enum pctl_direction {
	PCTL_FROM = 0,
	PCTL_TO = 1,
	PCTL_DIRECTIONS = 2,
};

/*
 * An outcome: the action in the top 8 bits, its argument in the lower 24.
 * PASS and DROP carry the counter slot of the rule (or of what stands for it, enum pctl_slot);
 * SELECT carries the index of the selector table that decides.
 */
enum pctl_action {
	PCTL_NONE = 0, /* no entry: ask the next table */
	PCTL_PASS = 1,
	PCTL_DROP = 2,
	PCTL_SELECT = 3,
};

#define PCTL_OUTCOME(action, arg) (((__u32)(action) << 24) | (__u32)(arg))
#define PCTL_OUTCOME_ACTION(outcome) ((__u32)(outcome) >> 24)
#define PCTL_OUTCOME_ARG(outcome) ((__u32)(outcome)&0xffffff)

/* Counter slots that no rule of the policy owns. Rule number i of a policy counts in
 * PCTL_SLOT_RULES + i. */
enum pctl_slot {
	PCTL_SLOT_DEFAULT = 0, /* no rule matched: the direction's default */
	PCTL_SLOT_KEEP_ARP = 1, /* the implicit rules of `default deny`, one slot each */
	PCTL_SLOT_KEEP_ND = 2,
	PCTL_SLOT_KEEP_MLD = 3,
	PCTL_SLOT_KEEP_PMTU = 4,
	PCTL_SLOT_RETIRED_PASSED =
		5, /* not counted in the kernel: where the counts of rules go that a */
	PCTL_SLOT_RETIRED_DROPPED = 6, /* policy no longer has, so that totals never shrink */
	PCTL_SLOT_RULES = 8,
};

/*
 * Why a field of a packet is unknown: number, name, meaning. The name is what `stats` prints, the
 * number is the index of `unknown_stats`.
 */
#define PCTL_UNKNOWN_REASONS(X)                                                               \
	X(FRAME_SHORT, 0, "short-frame", "the frame ends inside its Ethernet or VLAN header") \
	X(VLAN_DEPTH, 1, "vlan-depth", "more VLAN tags than are looked through")              \
	X(ETHERTYPE, 2, "ethertype", "an ethertype that is neither IP nor ARP")               \
	X(IP_HEADER, 3, "ip-header", "an IP header that is cut short or contradicts itself")  \
	X(EXT_DEPTH, 4, "ext-depth", "more IPv6 extension headers than are walked")           \
	X(EXT_SHORT, 5, "ext-short", "an IPv6 extension header chain that is cut short")      \
	X(FRAGMENT, 6, "fragment", "a later fragment whose first one was not seen")           \
	X(L4_SHORT, 7, "l4-short", "the ports or the ICMP type are not in the packet")

enum pctl_unknown {
#define X(id, number, name, meaning) PCTL_UNKNOWN_##id = number,
	PCTL_UNKNOWN_REASONS(X)
#undef X
		PCTL_UNKNOWN_MAX = 8,
};

/*
 * The selector subdivides a protocol, 16 bits as in RFC 4301 section 4.4.1.1: the destination port,
 * or for ICMP and ICMPv6 the type in the high and the code in the low 8 bits.
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
 * One direction of a compiled policy. How a packet is decided (kern/match.h):
 *
 *   nothing known ─► frame          ARP ─► arp          IP, protocol unknown ─► protocol
 *   protocol known ─► by_protocol[] ─ SELECT ─► selector listed? ─ yes ─► port_rules (hash)
 *                                                                └ no ──► by_page[][]
 *                                             selector unknown ─► selector_unknown[]
 */
struct pctl_tables {
	__u32 frame; /* not known to be IP or ARP: matches every deny rule, no allow rule */
	__u32 arp;
	__u32 protocol; /* known to be IP, protocol unknown */
	__u32 reserved;
	__u32 by_protocol[256];
	__u32 selector_unknown[PCTL_SELECTED_MAX];
	__u32 by_page[PCTL_SELECTED_MAX][PCTL_PAGES];
	/* Bit set: some protocol has this selector in port_rules. Clear: no hash lookup is needed.
	 */
	__u64 listed[PCTL_LISTED_WORDS];
};

/* Value of `stamps`: see kern/guard.h. */
struct pctl_stamp {
	__u64 pending; /* on the packet that is on its way from XDP to the guard, 0: none */
	__u64 number; /* how many were given */
};

/* Constants of a program, set before it is loaded so that the verifier removes what is not used. */
struct pctl_config {
	/* 0: nobody compiled a policy into `tables` (the object was loaded by hand): the hash maps
	 * alone decide, what they do not name passes. 1: `tables` hold the policy. */
	__u32 compiled;
	/* Per direction: later fragments may follow the verdict of their first one. */
	__u32 track_fragments[PCTL_DIRECTIONS];
	__u32 reserved;
	/* What XDP writes in front of a packet it let pass, for the guard behind it to find.
	 * Secret, random, the same for all policies of an attachment; 0: no guard, no stamp. */
	__u64 stamp;
};

/* Key of `proto_rules`; value: __u32 outcome. */
struct pctl_proto_key {
	__u8 direction; /* enum pctl_direction */
	__u8 protocol; /* IANA protocol number */
};

/* Key of `port_rules`; value: __u32 outcome. */
struct pctl_port_key {
	__u8 direction;
	__u8 protocol;
	__be16 selector;
};

/* Value of `rule_stats` (per CPU), index slot * PCTL_DIRECTIONS + direction, and of
 * `unknown_stats`, index enum pctl_unknown * PCTL_DIRECTIONS + direction. */
struct pctl_counter {
	__u64 packets; /* a GSO packet counts as the packets it becomes, where the kernel says so */
	__u64 bytes; /* length of the frame from its Ethernet header on */
};

#define PCTL_MAX_VLAN_TAGS 2 /* in the frame; one more may be in the skb's metadata */
#define PCTL_MAX_EXT_HEADERS 8 /* IPv6 extension headers walked, fragment and AH included */
#define PCTL_FRAGMENT_SECONDS                                              \
	30 /* as net.ipv4.ipfrag_time: later the receiver has given up too \
	    */

/* Key of `fragments`: one datagram on its way. */
struct pctl_fragment_key {
	__u32 source[4]; /* IPv4 in source[0], the rest 0 */
	__u32 destination[4];
	__u32 id; /* IPv4: the 16 bit identification; as in the packet */
	__u8 direction;
	__u8 family; /* 4 or 6 */
	__u8 protocol; /* IPv4 only: RFC 8200 section 4.5 leaves it out of the key */
	__u8 pad;
};

struct pctl_fragment {
	__u64 seen_ns; /* bpf_ktime_get_ns() of the first fragment */
	__u32 outcome;
	__u32 pad;
};

#endif
