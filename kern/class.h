/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outcomes that depend on more than protocol and selector: on the source port and on the peer's
 * address. What the tables mean stands in abi.h.
 */
#ifndef PCTL_CLASS_H
#define PCTL_CLASS_H

#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "headers.h"
#include "maps.h"
#include "trie_lookup.h"

/* What is asked about a packet. */
struct question {
	__u32 service; /* index of `services` */
	__u16 source; /* its source port */
	bool source_known;
	bool peer_known;
	__u8 direction;
	__u8 family; /* of the peer, enum pctl_family */
	struct address peer;
	/* Found out by match_class(): */
	__u32 class; /* of the peer, 0: it is unknown */
	__u32 outcome;
	/* Volatile: in memory the verifier does not know them, in a register it would, and walk the
	 * rest once for each combination. */
	volatile __u32 inside; /* bit i: the peer is in set_i */
	volatile __u32 unsure; /* bit i: nobody knows whether it is */
};

/* Where a table has no entry though it should. */
#define OUTCOME_BROKEN PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_DEFAULT)

/* Does any rule of the policy ask so? Constants of the program. */
static __always_inline bool any_peers(void)
{
	return classes.uses_peers[PCTL_FROM] || classes.uses_peers[PCTL_TO];
}

static __always_inline bool any_sources(void)
{
	return classes.uses_sources[PCTL_FROM] || classes.uses_sources[PCTL_TO];
}

/* Puts the peer's address of an IP packet into the question. */
static __always_inline void read_peer(struct question *q, void *ip, void *data_end)
{
	struct ipv6hdr *ip6 = ip;
	struct iphdr *ip4 = ip;
	struct in6_addr *address;

	if (q->family == PCTL_IPV4 && (void *)(ip4 + 1) <= data_end) {
		q->peer.high = (__u64)bpf_ntohl(q->direction == PCTL_FROM ? ip4->daddr : ip4->saddr)
			       << 32;
		q->peer_known = true;
	} else if (q->family == PCTL_IPV6 && (void *)(ip6 + 1) <= data_end) {
		address = q->direction == PCTL_FROM ? &ip6->daddr : &ip6->saddr;
		q->peer.high = (__u64)bpf_ntohl(address->in6_u.u6_addr32[0]) << 32 |
			       bpf_ntohl(address->in6_u.u6_addr32[1]);
		q->peer.low = (__u64)bpf_ntohl(address->in6_u.u6_addr32[2]) << 32 |
			      bpf_ntohl(address->in6_u.u6_addr32[3]);
		q->peer_known = true;
	}
}

/* Takes `candidate`, which may be PCTL_NONE, if its rule comes before the one found so far. */
static __always_inline void prefer(struct question *q, __u32 candidate)
{
	if (candidate != PCTL_NONE && PCTL_OUTCOME_RANK(candidate) < PCTL_OUTCOME_RANK(q->outcome))
		q->outcome = candidate;
}

/* Makes of q->service what it is with this source port. */
static __always_inline void refine_by_source(struct question *q)
{
	__u32 page = (q->direction & 1) * PCTL_PAGES + q->source / PCTL_PAGES, *refined;
	struct pctl_source_key key = { .service = q->service };
	struct pctl_source_page *classes_of;

	classes_of = bpf_map_lookup_elem(&source_ports, &page);
	if (!classes_of) {
		q->service = -1; /* there is none of this number */
		return;
	}
	key.source = classes_of->classes[q->source % PCTL_PAGES];
	refined = bpf_map_lookup_elem(&service_by_source, &key);
	if (refined)
		q->service = *refined;
}

TRIE_LOOKUP(prefixes, PCTL_PEER_UNKNOWN)

static __always_inline __u32 peer_result(const struct question *q)
{
	__u32 root;

	if (!q->peer_known)
		return PCTL_PEER_UNKNOWN;
	root = classes.roots[q->direction & 1][q->family & 1];
	return walk_prefixes(root, q->peer.high, q->peer.low);
}

static __always_inline void match_pair(struct question *q)
{
	struct pctl_pair_key key = { .service = q->service, .peer = q->class };
	__u32 *outcome = bpf_map_lookup_elem(&pair_rules, &key);

	if (outcome)
		q->outcome = *outcome;
}

/* This and match_lists(): false if a table lacks an entry. */
static __always_inline bool match_row(struct question *q, __u32 row)
{
	__u32 index = row + q->class, *outcome = bpf_map_lookup_elem(&peer_rules, &index);

	if (!outcome)
		return false;
	prefer(q, *outcome);
	return true;
}

/* --- peer lists with sets from files --- */

static __always_inline void note_membership(struct question *q, __u32 number, __u32 membership)
{
	if (membership == PCTL_INSIDE)
		q->inside |= 1u << number;
	else if (membership != PCTL_OUTSIDE)
		q->unsure |= 1u << number;
}

/* Where there is no such set the verifier removes it, and its map need not be. */
#define SET_LOOKUP(number)                                                                      \
	TRIE_LOOKUP(set_##number, PCTL_MEMBERSHIP_UNKNOWN)                                      \
	static __always_inline void look_into_set_##number(struct question *q, __u32 wanted)    \
	{                                                                                       \
		__u32 root;                                                                     \
                                                                                                \
		if (classes.set_count <= (number) || !(wanted >> (number)&1))                   \
			return;                                                                 \
		root = classes.set_roots[number][q->family & 1];                                \
		note_membership(q, number, walk_set_##number(root, q->peer.high, q->peer.low)); \
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

static __always_inline void look_into_sets(struct question *q, __u32 wanted)
{
	q->inside = 0;
	q->unsure = 0;
	look_into_set_0(q, wanted);
	look_into_set_1(q, wanted);
	look_into_set_2(q, wanted);
	look_into_set_3(q, wanted);
	look_into_set_4(q, wanted);
	look_into_set_5(q, wanted);
	look_into_set_6(q, wanted);
	look_into_set_7(q, wanted);
	look_into_set_8(q, wanted);
	look_into_set_9(q, wanted);
	look_into_set_10(q, wanted);
	look_into_set_11(q, wanted);
	look_into_set_12(q, wanted);
	look_into_set_13(q, wanted);
	look_into_set_14(q, wanted);
	look_into_set_15(q, wanted);
}

/* The sets that stand in these lists. Without a branch, or the verifier walks each combination. */
static __always_inline __u32 sets_of(__u32 lists)
{
	__u32 sets = 0;

	for (__u32 i = 0; i < PCTL_LISTS_MAX && i < classes.list_count; i++)
		sets |= classes.list_sets[i] & -(lists >> i & 1);
	return sets;
}

/* The lists of which a prefix holds the peer; all that are in doubt go to *unsure. */
static __always_inline __u32 lists_by_class(const struct question *q, bool *unsure)
{
	__u32 base = classes.peer_lists_base[q->direction & 1], index = base + q->class, *lists;

	if (base == (__u32)-1)
		return 0;
	lists = bpf_map_lookup_elem(&peer_lists, &index);
	*unsure = !lists;
	return lists ? *lists : 0;
}

static __always_inline __u32 membership(const struct question *q, __u32 list, __u32 by_class)
{
	__u32 sets = classes.list_sets[list];

	if (by_class >> list & 1 || q->inside & sets)
		return PCTL_INSIDE;
	return q->unsure & sets ? PCTL_MEMBERSHIP_UNKNOWN : PCTL_OUTSIDE;
}

static __always_inline bool match_lists(struct question *q, __u32 lists)
{
	bool unsure = !q->class;
	struct pctl_list_rule *rule;
	__u32 index, by_class = 0;

	if (!unsure) {
		look_into_sets(q, sets_of(lists));
		by_class = lists_by_class(q, &unsure);
	}
	for (__u32 i = 0; i < PCTL_LISTS_MAX && i < classes.list_count; i++) {
		if (!(lists >> i & 1))
			continue;
		index = q->service * classes.list_count + i;
		rule = bpf_map_lookup_elem(&list_rules, &index);
		if (!rule)
			return false;
		prefer(q, rule->outcomes[unsure ? PCTL_MEMBERSHIP_UNKNOWN
						: membership(q, i, by_class)]);
	}
	return true;
}

static __always_inline struct pctl_service *find_service(const struct question *q)
{
	__u32 index = q->service; /* Linux 6.1 takes no key from the memory of a caller */

	return bpf_map_lookup_elem(&services, &index);
}

/* The outcome that `services` and the tables behind it have for a question. */
static __always_inline __u32 match_service(struct question *q)
{
	struct pctl_service *service = find_service(q);
	__u32 result, lists;

	if (any_sources() && service && service->flags & PCTL_SERVICE_SOURCE && q->source_known) {
		refine_by_source(q);
		service = find_service(q);
	}
	if (!service)
		return OUTCOME_BROKEN;
	q->outcome = service->otherwise;
	lists = classes.list_count ? service->lists : 0;
	if (!any_peers() || !(lists || service->flags & (PCTL_SERVICE_PAIRS | PCTL_SERVICE_ROW)))
		return q->outcome;
	result = peer_result(q);
	q->class = PCTL_RESULT_CLASS(result);
	if (service->flags & PCTL_SERVICE_PAIRS && result & PCTL_RESULT_PAIRS)
		match_pair(q);
	if (service->flags & PCTL_SERVICE_ROW && !match_row(q, service->row))
		return OUTCOME_BROKEN;
	if (lists && !match_lists(q, lists))
		return OUTCOME_BROKEN;
	return q->outcome;
}

#endif
