/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF object and user space agree on: the only header both include.
 *
 * A policy reaches the kernel as `struct pctl_tables` (one per direction, constant for the life of
 * a program) and maps. What they say of a packet is an *outcome*: what to do with it and which
 * counter slot it belongs to.
 *
 * Rules that ask for more than protocol and selector go through classes (recursive flow
 * classification, Gupta and McKeown 1999): the *service* of a packet is the class of its protocol
 * and selector (and source port), its *peer class* that of the other end's address. Packets of one
 * service and one peer class match the same rules. `peer_rules` and `pair_rules` are the tables
 * over the classes.
 *
 * Byte order: `__be16` is network order as in the packet, everything else is host order.
 */
#ifndef PCTL_ABI_H
#define PCTL_ABI_H

#include <linux/types.h>

/* Changes whenever a structure or a meaning below does; kept in struct pctl_meta, so that a newer
 * policyctl knows what an older one left in the kernel. */
#define PCTL_ABI_VERSION 3

/* Directions are seen from the container: `from` is what it sends (RX of the host-side veth,
 * section xdp), `to` is what it receives (egress of the host-side veth, section tc). */
enum pctl_direction {
	PCTL_FROM = 0,
	PCTL_TO = 1,
	PCTL_DIRECTIONS = 2,
};

/*
 * An outcome: the action in the top 8 bits, its argument in the lower 24.
 * PASS and DROP carry the counter slot of the rule (or of what stands for it, enum pctl_slot), and
 * PCTL_LOG if the rule says `log`; SELECT carries the index of the selector table that decides,
 * CLASS an index of `services`.
 */
enum pctl_action {
	PCTL_NONE = 0, /* no entry: ask the next table */
	PCTL_PASS = 1,
	PCTL_DROP = 2,
	PCTL_SELECT = 3,
	PCTL_CLASS = 4,
};

#define PCTL_OUTCOME(action, arg) (((__u32)(action) << 24) | (__u32)(arg))
#define PCTL_OUTCOME_ACTION(outcome) (((__u32)(outcome) >> 24) & 0x7f)
#define PCTL_OUTCOME_ARG(outcome) ((__u32)(outcome)&0xffffff)
#define PCTL_LOG 0x80000000u /* the packet becomes an event, whatever the verdict */

/* Where an outcome stands among the rules: the smaller one comes first and decides. Rules in their
 * order, behind them the slots that no rule owns. Not for PCTL_NONE. */
#define PCTL_OUTCOME_RANK(outcome) (PCTL_OUTCOME_ARG(outcome) - PCTL_SLOT_RULES)

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
	X(L4_SHORT, 7, "l4-short", "the ports or the ICMP type are not in the packet")        \
	X(ROUTE, 8, "source-route",                                                           \
	  "the packet says itself which way it goes on: its destination is not the last")

enum pctl_unknown {
#define X(id, number, name, meaning) PCTL_UNKNOWN_##id = number,
	PCTL_UNKNOWN_REASONS(X)
#undef X
		PCTL_UNKNOWN_MAX = 9,
};

#define PCTL_ALL_KNOWN 255 /* in place of an enum pctl_unknown */

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
 * A *reference* says how to go on. Bits 30 and 31 are its kind, bits 25 to 29 a number of bits of
 * the address, those that come next; bits 0 to 24 mostly a cell.
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
 * Each NODE, SPARSE and JUMP takes 4 bits or more, unless the address ends before; so
 * PCTL_TRIE_STEPS references are the most on any way.
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
#define PCTL_WORD_BITS 6 /* of a slot's index: which one of a word's 64 */
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
	__u64 slots; /* bit i: slot i leads on */
	__u32 first; /* the reference of the first that does: its cell * 4 + its place there */
	__u32 outside; /* the result for the others */
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

/* A peer list with a set from a file in it is judged by membership, not by class. */
#define PCTL_LISTS_MAX 16

/* --- classes --- */

enum pctl_service_flags {
	PCTL_SERVICE_SOURCE = 1, /* the source port may refine it: ask service_by_source */
	PCTL_SERVICE_PAIRS = 2, /* pair_rules may have an entry for it */
	PCTL_SERVICE_ROW = 4, /* peer_rules may have something that comes first */
	/* Any of the last two, or `lists`: the peer's address matters. */
};

/* Value of `services`. */
struct pctl_service {
	__u32 otherwise; /* outcome where pair_rules has no entry */
	__u32 row; /* peer_rules[row + class]: outcome by the rules that name no selector, or NONE
		    */
	__u32 flags; /* enum pctl_service_flags */
	__u32 lists; /* bit i: list_rules[service * list_count + i] may come first */
};

/* Key of `pair_rules`; value: __u32 outcome. It takes the place of `otherwise`. */
struct pctl_pair_key {
	__u32 service;
	__u32 peer; /* class */
};

/* Key of `service_by_source`; value: __u32 index of `services`. No entry: it stays what it is. */
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

/* Constants of a program that has classes. */
struct pctl_classes {
	__u32 roots[PCTL_DIRECTIONS][PCTL_FAMILIES]; /* references into `prefixes` */
	__u32 set_roots[PCTL_SETS_MAX][PCTL_FAMILIES];
	__u32 set_count;
	__u32 list_count;
	__u32 list_sets[PCTL_LISTS_MAX]; /* bit i: set_i is part of the list */
	/* peer_lists[base + class]: bit i: the class is inside a prefix of list i. All ones: no
	 * list has prefixes. */
	__u32 peer_lists_base[PCTL_DIRECTIONS];
	__u32 uses_peers[PCTL_DIRECTIONS]; /* some rule of this direction asks for the peer */
	__u32 uses_sources[PCTL_DIRECTIONS];
};

/* --- events --- */

/*
 * What becomes of packets can be watched. Each reader has a ring buffer of its own, element number
 * i of `event_rings`, and says in `watch` what it wants to see. The programs wake nobody, and an
 * attachment makes no more events a second than `watch` allows: what a reader was not told of for
 * that reason, or because its ring was full, is counted in `lost_events`.
 */
#define PCTL_READERS 8

enum pctl_event_kind {
	PCTL_EVENT_DROPPED = 0, /* dropped, or decided by a rule that says `log` */
	PCTL_EVENT_PASSED = 1, /* all the others */
	PCTL_EVENT_KINDS = 2,
};

struct pctl_reader {
	__u32 ifindex; /* 0: of all attachments */
	__u32 snaplen; /* how many bytes of each packet, PCTL_SNAPLEN_MAX at most */
};

/* The one element of `watch`, which all programs of a network namespace share. */
struct pctl_watch {
	__u32 readers[PCTL_EVENT_KINDS]; /* bit i: reader i wants this kind */
	__u32 rates[PCTL_EVENT_KINDS]; /* events a second of one attachment; that many at once */
	struct pctl_reader settings[PCTL_READERS];
	__u64 changes; /* for user space: grows when an attachment comes, changes or goes */
};

/* What the ring buffers carry. Its record may be longer than what was captured. */
struct pctl_event {
	__u64 time_ns; /* bpf_ktime_get_boot_ns() */
	__u64 generation; /* struct pctl_config: whose slots the outcome means */
	__u32 ifindex;
	__u32 outcome;
	__u32 packets; /* what it counted as: those that a GSO packet becomes */
	__u32 length; /* of the frame in bytes */
	__u32 captured; /* bytes of it in data[] */
	__u8 direction;
	__u8 reason; /* enum pctl_unknown or PCTL_ALL_KNOWN */
	__u16 reserved;
	__u8 data[]; /* the frame, from its Ethernet header on */
};

#define PCTL_SNAPLEN_MAX 65535

/* Value of `lost_events` (per CPU): packets that readers wanted and were not told of, by kind and
 * by the readers that missed them, as bits. */
struct pctl_lost {
	__u64 packets[PCTL_EVENT_KINDS][1 << PCTL_READERS];
};

/* Where an attachment stands with its rate; user space has no business here. */
struct pctl_budget {
	__u64 jiffies; /* when it was looked at last */
	__u64 filled_ns; /* up to when it was filled */
	__s64 events; /* that may still be made */
};

/* --- probes --- */

/*
 * A probe is a frame that BPF_PROG_TEST_RUN gives to a program, marked with the number of the
 * generation, which nobody else knows: as 8 bytes of metadata for `xdp`, in cb[0] (its low half)
 * and cb[1] for the others. It is judged as any, and leaves no trace: it is not counted, not
 * reported, not remembered. What the program returns is not a verdict but its answer.
 */
#define PCTL_ANSWER(outcome, reason)                                            \
	(PCTL_OUTCOME_ARG(outcome) | (PCTL_OUTCOME_ACTION(outcome) & 3) << 24 | \
	 (((__u32)(outcome) >> 31) << 26) | ((__u32)(reason)&15) << 27)
#define PCTL_ANSWER_SLOT(answer) ((answer)&0xffffff)
#define PCTL_ANSWER_ACTION(answer) (((answer) >> 24) & 3) /* enum pctl_action */
#define PCTL_ANSWER_LOG(answer) (((answer) >> 26) & 1)
#define PCTL_ANSWER_REASON(answer) (((answer) >> 27) & 15) /* enum pctl_unknown, or */
#define PCTL_ANSWER_ALL_KNOWN 15

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
	/* Frames of which fewer bytes than this are in linear memory are there as a whole; 0: ask
	 * the kernel. */
	__u32 linear_below;
	__u32 reserved[2];
	__u64 generation; /* names this policy in events, and its probes; random */
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

/* Value of `unknown_stats` (per CPU), index enum pctl_unknown * PCTL_DIRECTIONS + direction. */
struct pctl_counter {
	__u64 packets; /* a GSO packet counts as the packets it becomes, where the kernel says so */
	__u64 bytes; /* length of the frame from its Ethernet header on */
};

/* Value of `rule_stats` (per CPU): counter number slot * PCTL_DIRECTIONS + direction is number % 16
 * of element number / 16. The kernel allocates each element by itself for each CPU, which for one
 * counter takes longer than all else that 10,000 rules need. */
#define PCTL_BLOCK_COUNTERS 16

struct pctl_counter_block {
	struct pctl_counter counters[PCTL_BLOCK_COUNTERS];
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
