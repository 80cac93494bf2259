/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outcomes that depend on the source port or the peer's address as well. abi.h describes the
 * tables.
 */
#ifndef PCTL_CLASS_H
#define PCTL_CLASS_H

#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "wire.h"
#include "dns_room.h"
#include "live.h"
#include "maps.h"
#include "trie_lookup.h"

/* What is looked up for one packet. */
struct class_lookup {
	__u32 service; /* index of `services` */
	__u16 source; /* its source port */
	bool source_known;
	bool peer_known;
	__u8 direction;
	__u8 family; /* of the peer, enum pctl_family */
	__u8 established; /* enum pctl_established */
	/* What it asks DNS for. Bit i: a name of set_i. Bit 16 + i: that is unknown. */
	__u32 asked;
	struct address peer;
	/* Set by match_class(): */
	__u32 class; /* of the peer, 0: unknown */
	__u32 outcome;
	/* Volatile, so that the values stay in memory, where the verifier does not track them. It
	 * would walk the code behind once for each combination. */
	volatile __u32 inside; /* bit i: the peer is in set_i */
	volatile __u32 unknown; /* bit i: it is unknown whether it is in set_i */
	/* bit i: set_i is to be looked up. In a register, clang 17 and later make the verifier
	 * remember each bit that was tested: two states for each set, and 2^n behind n sets. */
	volatile __u32 wanted;
};

/* A table has no entry where the compiler puts one: fail closed. */
#define OUTCOME_NO_ENTRY PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_DEFAULT)

/* Does any rule match on it? Constant in a program. */
static __always_inline bool any_peers(void)
{
	return classes.uses_peers[PCTL_FROM] || classes.uses_peers[PCTL_TO];
}

static __always_inline bool any_sources(void)
{
	return classes.uses_sources[PCTL_FROM] || classes.uses_sources[PCTL_TO];
}

/* Reads the peer's address from the IP header at `ip`. */
static __always_inline void read_peer(struct class_lookup *l, void *ip, void *data_end)
{
	struct ipv6hdr *ip6 = ip;
	struct iphdr *ip4 = ip;
	struct in6_addr *address;

	if (l->family == PCTL_IPV4 && (void *)(ip4 + 1) <= data_end) {
		l->peer.high = (__u64)bpf_ntohl(l->direction == PCTL_FROM ? ip4->daddr : ip4->saddr)
			       << 32;
		l->peer_known = true;
	} else if (l->family == PCTL_IPV6 && (void *)(ip6 + 1) <= data_end) {
		address = l->direction == PCTL_FROM ? &ip6->daddr : &ip6->saddr;
		l->peer.high = (__u64)bpf_ntohl(address->in6_u.u6_addr32[0]) << 32 |
			       bpf_ntohl(address->in6_u.u6_addr32[1]);
		l->peer.low = (__u64)bpf_ntohl(address->in6_u.u6_addr32[2]) << 32 |
			      bpf_ntohl(address->in6_u.u6_addr32[3]);
		l->peer_known = true;
	}
}

/* Takes `candidate`, which may be PCTL_NONE, if its rank is smaller than that of the outcome so
 * far. */
static __always_inline void prefer(struct class_lookup *l, __u32 candidate)
{
	if (candidate != PCTL_NONE && PCTL_OUTCOME_RANK(candidate) < PCTL_OUTCOME_RANK(l->outcome))
		l->outcome = candidate;
}

/* Replaces l->service by the service for this source port. */
static __always_inline void refine_by_source(struct class_lookup *l)
{
	__u32 page = (l->direction & 1) * PCTL_PAGES + l->source / PCTL_PAGES, *refined;
	struct pctl_source_key key = { .service = l->service };
	struct pctl_source_page *classes_of;

	classes_of = bpf_map_lookup_elem(&source_ports, &page);
	if (!classes_of) {
		l->service = -1; /* has no entry in `services` */
		return;
	}
	key.source = classes_of->classes[l->source % PCTL_PAGES];
	refined = bpf_map_lookup_elem(&service_by_source, &key);
	if (refined)
		l->service = *refined;
}

TRIE_LOOKUP(prefixes, PCTL_PEER_UNKNOWN)

static __always_inline __u32 peer_result(const struct class_lookup *l)
{
	__u32 root;

	if (!l->peer_known)
		return PCTL_PEER_UNKNOWN;
	root = classes.roots[l->direction & 1][l->family & 1];
	return walk_prefixes(root, l->peer.high, l->peer.low);
}

static __always_inline void match_pair(struct class_lookup *l)
{
	struct pctl_pair_key key = { .service = l->service, .peer = l->class };
	__u32 *outcome = bpf_map_lookup_elem(&pair_rules, &key);

	if (outcome)
		l->outcome = *outcome;
}

/* match_row() and match_lists() return false if a table lacks an entry. */
static __always_inline bool match_row(struct class_lookup *l, __u32 row)
{
	__u32 index = row + l->class, *outcome = bpf_map_lookup_elem(&peer_rules, &index);

	if (!outcome)
		return false;
	prefer(l, *outcome);
	return true;
}

/* --- lists: sets from files, live sets, names that a packet asks DNS for --- */

static __always_inline void note_membership(struct class_lookup *l, __u32 number, __u32 membership)
{
	if (membership == PCTL_INSIDE)
		l->inside |= 1u << number;
	else if (membership != PCTL_OUTSIDE)
		l->unknown |= 1u << number;
}

/* For sets that the policy does not have, the verifier removes the code; their maps need not exist.
 */
#define SET_LOOKUP(number)                                                                      \
	TRIE_LOOKUP(set_##number, PCTL_MEMBERSHIP_UNKNOWN)                                      \
	static __always_inline void lookup_set_##number(struct class_lookup *l)                 \
	{                                                                                       \
		__u32 root, live = classes.live[number];                                        \
                                                                                                \
		if (classes.set_count <= (number) || live == PCTL_LIVE_NAMES ||                 \
		    !(l->wanted >> (number)&1))                                                 \
			return;                                                                 \
		if (live) {                                                                     \
			note_membership(l, number,                                              \
					live_membership(live - 1, l->family, l->established,    \
							l->peer.high, l->peer.low));            \
			return;                                                                 \
		}                                                                               \
		root = classes.set_roots[number][l->family & 1];                                \
		note_membership(l, number, walk_set_##number(root, l->peer.high, l->peer.low)); \
	}

SET_LOOKUP(0)
SET_LOOKUP(1)
SET_LOOKUP(2)
SET_LOOKUP(3)
SET_LOOKUP(4)
SET_LOOKUP(5)
SET_LOOKUP(6)
SET_LOOKUP(7)
SET_LOOKUP(8)
SET_LOOKUP(9)
SET_LOOKUP(10)
SET_LOOKUP(11)
SET_LOOKUP(12)
SET_LOOKUP(13)
SET_LOOKUP(14)
SET_LOOKUP(15)

static __always_inline void lookup_sets(struct class_lookup *l, __u32 wanted)
{
	l->wanted = wanted;
	l->inside = 0;
	l->unknown = 0;
	lookup_set_0(l);
	lookup_set_1(l);
	lookup_set_2(l);
	lookup_set_3(l);
	lookup_set_4(l);
	lookup_set_5(l);
	lookup_set_6(l);
	lookup_set_7(l);
	lookup_set_8(l);
	lookup_set_9(l);
	lookup_set_10(l);
	lookup_set_11(l);
	lookup_set_12(l);
	lookup_set_13(l);
	lookup_set_14(l);
	lookup_set_15(l);
}

/* The sets in these lists. Without branches: the verifier would walk each combination. */
static __always_inline __u32 sets_of(__u32 lists)
{
	__u32 sets = 0;

	for (__u32 i = 0; i < PCTL_LISTS_MAX && i < classes.list_count; i++)
		sets |= classes.list_sets[i] & -(lists >> i & 1);
	return sets;
}

/* The lists that have a prefix with the peer in it. *unknown: it cannot be told. */
static __always_inline __u32 lists_by_class(const struct class_lookup *l, bool *unknown)
{
	__u32 base = classes.peer_lists_base[l->direction & 1], index = base + l->class, *lists;

	if (base == (__u32)-1)
		return 0;
	lists = bpf_map_lookup_elem(&peer_lists, &index);
	*unknown = !lists;
	return lists ? *lists : 0;
}

/* Inside and outside change places; unknown stays. */
static __always_inline __u32 negated_if(__u32 membership, bool negated)
{
	return negated && membership != PCTL_MEMBERSHIP_UNKNOWN ? membership ^ 1 : membership;
}

static __always_inline __u32 peer_part(const struct class_lookup *l, __u32 list, __u32 by_class)
{
	__u32 sets = classes.list_sets[list];

	if (by_class >> list & 1 || l->inside & sets)
		return PCTL_INSIDE;
	return l->unknown & sets ? PCTL_MEMBERSHIP_UNKNOWN : PCTL_OUTSIDE;
}

static __always_inline __u32 names_part(const struct class_lookup *l, __u32 names)
{
	if (l->asked & names)
		return PCTL_INSIDE;
	return l->asked >> PCTL_SETS_MAX & names ? PCTL_MEMBERSHIP_UNKNOWN : PCTL_OUTSIDE;
}

/* @unknown: nothing is known of the peer */
static __always_inline __u32 membership(const struct class_lookup *l, __u32 list, __u32 by_class,
					bool unknown)
{
	__u32 flags = classes.list_flags[list], names = classes.list_names[list];
	__u32 peers = PCTL_MEMBERSHIP_UNKNOWN, asked;

	if (!unknown)
		peers = negated_if(peer_part(l, list, by_class), flags & PCTL_LIST_PEERS_NOT);
	if (!names)
		return peers;
	asked = PCTL_INSIDE;
	if (l->asked != PCTL_ASKS_NOTHING)
		asked = negated_if(names_part(l, names), flags & PCTL_LIST_NAMES_NOT);
	if (!(flags & PCTL_LIST_PEERS) || peers == PCTL_INSIDE)
		return asked;
	return asked == PCTL_INSIDE || peers == PCTL_OUTSIDE ? peers : asked;
}

static __always_inline bool match_lists(struct class_lookup *l, __u32 lists)
{
	bool unknown = !l->class;
	struct pctl_list_rule *rule;
	__u32 index, by_class = 0;

	if (!unknown) {
		lookup_sets(l, sets_of(lists));
		by_class = lists_by_class(l, &unknown);
	}
	for (__u32 i = 0; i < PCTL_LISTS_MAX && i < classes.list_count; i++) {
		if (!(lists >> i & 1))
			continue;
		index = l->service * classes.list_count + i;
		rule = bpf_map_lookup_elem(&list_rules, &index);
		if (!rule)
			return false;
		prefer(l, rule->outcomes[membership(l, i, by_class, unknown)]);
	}
	return true;
}

static __always_inline struct pctl_service *find_service(const struct class_lookup *l)
{
	__u32 index = l->service; /* Linux 6.1 accepts no key in the caller's stack frame */

	return bpf_map_lookup_elem(&services, &index);
}

/* The outcome from `services` and the tables behind it. */
static __always_inline __u32 match_service(struct class_lookup *l)
{
	struct pctl_service *service = find_service(l);
	__u32 result, lists;

	if (any_sources() && service && service->flags & PCTL_SERVICE_SOURCE && l->source_known) {
		refine_by_source(l);
		service = find_service(l);
	}
	if (!service)
		return OUTCOME_NO_ENTRY;
	l->outcome = service->otherwise;
	lists = classes.list_count ? service->lists : 0;
	if (!any_peers() || !(lists || service->flags & (PCTL_SERVICE_PAIRS | PCTL_SERVICE_ROW)))
		return l->outcome;
	result = peer_result(l);
	l->class = PCTL_RESULT_CLASS(result);
	if (service->flags & PCTL_SERVICE_PAIRS && result & PCTL_RESULT_PAIRS)
		match_pair(l);
	if (service->flags & PCTL_SERVICE_ROW && !match_row(l, service->row))
		return OUTCOME_NO_ENTRY;
	if (lists && !match_lists(l, lists))
		return OUTCOME_NO_ENTRY;
	return l->outcome;
}

#endif
