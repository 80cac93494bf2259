/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the fields of a packet to its outcome under the policy.
 *
 * An unknown field matches every deny rule and no allow rule. The compiler has applied this
 * already: the tables have an entry for each set of fields that can be unknown (enum knowledge).
 */
#ifndef PCTL_MATCH_H
#define PCTL_MATCH_H

#include "class.h"
#include "dns_question.h"
#include "maps.h"
#include "outcome.h"
#include "parse.h"
#include "plain.h"
#include "verifier.h"

/* A verdict: a final outcome, neither SELECT nor CLASS, in the low 32 bits, above them enum
 * pctl_reason or PCTL_REASON_NONE, and enum pctl_established. A number, so that functions that are
 * VERIFIED_ONCE can return it. */
#define VERDICT(outcome, reason) ((__u64)(reason) << 32 | (outcome))
#define VERDICT_OF(outcome, reason, established) \
	((__u64)(established) << 40 | VERDICT(outcome, reason))
#define VERDICT_OUTCOME(verdict) ((__u32)(verdict))
#define VERDICT_REASON(verdict) ((__u8)((verdict) >> 32))
#define VERDICT_ESTABLISHED(verdict) ((__u8)((verdict) >> 40))

/* The policy for a packet, by its VLAN and by whether it is established. */
struct plane {
	const volatile struct pctl_tables *tables;
	__u8 number; /* see abi.h */
};

/* The plane of packets without a VLAN. Returns false if a table lacks an entry. */
static __always_inline bool untagged_plane(__u8 direction, __u8 established, struct plane *plane)
{
	__u32 index;

	*plane = (struct plane){ .tables = &tables[direction], .number = direction };
	if (!tracking.established[direction] || tracking.decides[direction] ||
	    established == PCTL_ESTABLISHED_NO)
		return true;
	plane->number = tracking.planes[direction][established & 3];
	if (plane->number == direction)
		return true;
	index = plane->number - tracking.first_plane;
	plane->tables = bpf_map_lookup_elem(&plane_tables, &index);
	return plane->tables;
}

/* @vlan: enum pctl_vlan; @established: enum pctl_established. Returns as untagged_plane(). */
static __always_inline bool find_plane(__u8 direction, __u16 vlan, __u8 established,
				       struct plane *plane)
{
	__u32 index = tracking.established[direction] ? established : 0;
	struct pctl_planes *planes;

	if (!config.vlans[direction])
		return untagged_plane(direction, established, plane);
	planes = bpf_map_lookup_elem(&vlan_planes, &index);
	if (!planes || vlan >= PCTL_VLANS)
		return false;
	plane->number = planes->of[direction][vlan];
	index = plane->number;
	plane->tables = bpf_map_lookup_elem(&plane_tables, &index);
	return plane->tables;
}

static __always_inline __u32 lookup_port(__u8 plane, __u8 protocol, __be16 selector)
{
	struct pctl_port_key key = {
		.plane = plane,
		.protocol = protocol,
		.selector = selector,
	};
	__u32 *outcome = bpf_map_lookup_elem(&port_rules, &key);

	return outcome ? *outcome : PCTL_NONE;
}

VERIFIED_ONCE __u32 match_class(struct class_lookup *l)
{
	if (!l || !(any_peers() || any_sources()))
		return OUTCOME_NO_ENTRY;
	if (asks_names())
		l->asked = current_asked(l->source_known);
	return match_service(l);
}

/* What rules can match on, besides the protocol. Flags in place of NULL pointers, since the
 * verifier forgets whether a pointer was NULL. */
struct fields {
	__be16 words[2]; /* as in struct packet */
	bool words_known;
	bool peer_known;
	__u8 family; /* enum pctl_family */
};

/* The outcome for a packet of a known protocol, possibly CLASS. */
static __always_inline __u32 match_protocol(struct plane plane, __u8 protocol,
					    const struct fields *f)
{
	const volatile struct pctl_tables *t = plane.tables;
	__u32 outcome = t->by_protocol[protocol];
	__u32 which, selector, listed;
	bool is_icmp;

	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_SELECT)
		return outcome;
	which = PCTL_OUTCOME_ARG(outcome) & (PCTL_SELECTED_MAX - 1);
	if (!f->words_known)
		return t->selector_unknown[which];
	is_icmp = which == PCTL_SELECTED_ICMP || which == PCTL_SELECTED_ICMPV6;
	selector = bpf_ntohs(selector_of(f->words, is_icmp));
	/* Before the lookup: Linux 6.1 forgets the bounds of an index across a call. */
	outcome = t->by_page[which][selector / PCTL_PAGES];
	if (!(t->listed[selector / 64] & (1ull << (selector % 64))))
		return outcome;
	listed = lookup_port(plane.number, protocol, bpf_htons(selector));
	return listed ? listed : outcome;
}

/* A final outcome in place of CLASS. @ip: the IP header of the packet */
static __always_inline __u32 resolve_class(__u32 outcome, __u8 direction, const struct fields *f,
					   __u8 established, void *ip, void *data_end)
{
	struct class_lookup l = {
		.direction = direction,
		.family = f->family,
		.established = established,
	};

	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_CLASS)
		return outcome;
	if (!any_peers() && !any_sources()) /* constant: then match_class() is left out */
		return OUTCOME_NO_ENTRY;
	l.service = PCTL_OUTCOME_ARG(outcome);
	l.source_known = f->words_known;
	l.source = bpf_ntohs(f->words[0]);
	if (f->peer_known && classes.uses_peers[direction])
		read_peer(&l, ip, data_end);
	return match_class(&l);
}

/* The rule that matches every established packet decides, if no earlier rule does. */
static __always_inline __u32 or_established(__u32 outcome, __u8 direction, __u8 established)
{
	__u32 decides = tracking.decides[direction];

	if (!decides || established != PCTL_ESTABLISHED_YES ||
	    PCTL_OUTCOME_RANK(decides) >= PCTL_OUTCOME_RANK(outcome))
		return outcome;
	return decides;
}

/* The same in the slow path, whose stack has no room for it: Linux 6.1 allows 512 bytes for all
 * functions that call each other. */
VERIFIED_ONCE __u32 established_decides(__u32 outcome, __u32 direction, __u32 established)
{
	return or_established(outcome, direction & 1, established);
}

/* The rule with `spoofed` decides, if the packet is, and no earlier rule does. With `audit` it
 * passes nothing that a later rule drops: any packet can be made to look spoofed. */
static __always_inline __u32 or_spoofed(__u32 outcome, bool spoofed)
{
	if (!spoofed || PCTL_OUTCOME_RANK(config.spoofed) >= PCTL_OUTCOME_RANK(outcome) ||
	    (is_audited(config.spoofed) && !passes(outcome)))
		return outcome;
	return config.spoofed;
}

/* A frame of a foreign ethertype. If a rule that names it decides, no other field matters. */
static __always_inline __u32 match_ethertype(struct packet *p, struct plane plane, bool spoofed)
{
	const volatile struct pctl_tables *t = plane.tables;
	__u32 other = t->ethertype, listed;

	if (!other)
		return t->frame;
	listed = lookup_port(plane.number, PCTL_ETHERTYPE, p->words[1]);
	if (!listed)
		return other;
	if (or_spoofed(listed, spoofed) == listed)
		p->reason = PCTL_REASON_NONE;
	return listed;
}

static __always_inline __u32 match_known(struct packet *p, struct plane plane,
					 const struct fields *f, bool spoofed)
{
	const volatile struct pctl_tables *t = plane.tables;

	switch (p->known) {
	case KNOWN_NOTHING:
		return t->frame;
	case KNOWN_ETHERTYPE:
		return match_ethertype(p, plane, spoofed);
	case KNOWN_ARP:
		return t->arp;
	case KNOWN_IP:
		return t->protocol;
	default:
		return match_protocol(plane, p->protocol, f);
	}
}

static __always_inline __u32 match_compiled(struct packet *p, __u8 direction, void *data,
					    void *data_end, bool spoofed)
{
	bool is_ip =
		p->known != KNOWN_NOTHING && p->known != KNOWN_ETHERTYPE && p->known != KNOWN_ARP;
	void *ip = data + bounded(p->l3, IP_MASK);
	struct fields f = {
		.words = { p->words[0], p->words[1] },
		.words_known = p->known == KNOWN_SELECTOR,
		.peer_known = is_ip && !p->source_routed,
		.family = p->family,
	};
	struct plane plane;
	__u32 outcome, as_ah;

	if (!find_plane(direction, p->vlan, p->established, &plane))
		return OUTCOME_NO_ENTRY;
	outcome = resolve_class(match_known(p, plane, &f, spoofed), direction, &f, p->established,
				ip, data_end);
	if (tracking.decides[direction])
		outcome = established_decides(outcome, direction, p->established);
	outcome = or_spoofed(outcome, spoofed);
	/* If what is behind it is unknown, every rule that denies `ah` was asked, unless it has
	 * `audit`. */
	if (!p->behind_ah || (p->known == KNOWN_IP && !config.audits) || drops(outcome))
		return outcome;
	/* It is an AH packet and a packet of the protocol behind it: dropped if either is. */
	f.words_known = false;
	as_ah = match_protocol(plane, IPPROTO_AH, &f);
	as_ah = or_spoofed(resolve_class(as_ah, direction, &f, p->established, ip, data_end),
			   spoofed);
	return stricter(outcome, as_ah);
}

/* --- the object was loaded by hand --- */

/* Users wrote the maps: every outcome there but PASS drops. */
static __always_inline bool denies(__u32 outcome)
{
	return outcome != PCTL_NONE && PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS;
}

/* A search for any entry that denies what the packet may be. */
struct deny_search {
	const struct packet *packet;
	__u32 outcome;
	__u8 direction;
};

static __always_inline bool may_be(const struct packet *p, __u8 protocol)
{
	return p->known < KNOWN_PROTOCOL || protocol == p->protocol ||
	       (p->behind_ah && protocol == IPPROTO_AH);
}

static __always_inline bool found_deny(struct deny_search *s, __u8 direction, __u8 protocol,
				       __u32 outcome)
{
	if (direction != s->direction || !denies(outcome) || !may_be(s->packet, protocol))
		return false;
	s->outcome = outcome;
	return true;
}

static long search_protocol(void *map, struct pctl_proto_key *key, __u32 *value, void *ctx)
{
	return found_deny(ctx, key->direction, key->protocol, *value);
}

static long search_port(void *map, struct pctl_port_key *key, __u32 *value, void *ctx)
{
	return found_deny(ctx, key->plane, key->protocol, *value);
}

static __always_inline __u32 lookup_protocol(__u8 direction, __u8 protocol)
{
	struct pctl_proto_key key = { .direction = direction, .protocol = protocol };
	__u32 *outcome = bpf_map_lookup_elem(&proto_rules, &key);

	return outcome ? *outcome : PCTL_NONE;
}

static __always_inline __u32 match_known_by_hand(const struct packet *p, __u8 direction)
{
	bool is_icmp = p->protocol == IPPROTO_ICMP || p->protocol == IPPROTO_ICMPV6;
	__u32 outcome = lookup_port(direction, p->protocol, selector_of(p->words, is_icmp)), as_ah;

	if (outcome == PCTL_NONE)
		outcome = lookup_protocol(direction, p->protocol);
	if (!p->behind_ah || denies(outcome))
		return outcome;
	as_ah = lookup_protocol(direction, IPPROTO_AH);
	return denies(as_ah) ? as_ah : outcome;
}

static __always_inline __u32 match_by_hand(const struct packet *p, __u8 direction)
{
	const __u32 pass = PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_DEFAULT);
	struct deny_search s = { .packet = p, .outcome = pass, .direction = direction };
	__u32 outcome;

	if (p->known == KNOWN_ARP)
		return pass;
	if (p->known == KNOWN_SELECTOR) {
		outcome = match_known_by_hand(p, direction);
		return outcome == PCTL_NONE ? pass : outcome;
	}
	bpf_for_each_map_elem(&proto_rules, search_protocol, &s, 0);
	if (s.outcome == pass)
		bpf_for_each_map_elem(&port_rules, search_port, &s, 0);
	return s.outcome;
}

/* Where the packet goes matters only if some rule matches on the peer, or on connections. */
static __always_inline void note_source_route(struct packet *p, __u8 direction)
{
	if (direction != PCTL_FROM ||
	    !(classes.uses_peers[direction] || tracking.established[direction]))
		p->source_routed = false;
	else if (p->source_routed && p->reason == PCTL_REASON_NONE)
		p->reason = PCTL_REASON_ROUTE;
}

static __always_inline __u32 match_packet(struct packet *p, __u8 direction, void *data,
					  void *data_end, bool spoofed)
{
	return config.compiled ? match_compiled(p, direction, data, data_end, spoofed)
			       : match_by_hand(p, direction);
}

/* --- plain packets --- */

static __always_inline __u32 match_plain(const struct plain *p, __u8 direction, void *data,
					 void *data_end, __u8 established)
{
	struct fields f = {
		.words = { p->words[0], p->words[1] },
		.words_known = true,
		.peer_known = true,
		.family = p->family,
	};
	struct plane plane;
	__u32 outcome;

	if (tracking.decides_first[direction] && established == PCTL_ESTABLISHED_YES)
		return tracking.decides[direction];
	if (!untagged_plane(direction, established, &plane))
		return OUTCOME_NO_ENTRY;
	outcome = match_protocol(plane, p->protocol, &f);
	outcome = resolve_class(outcome, direction, &f, established, data + ETH_HLEN, data_end);
	return or_established(outcome, direction, established);
}

#endif
