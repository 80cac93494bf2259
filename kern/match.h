/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet and a policy become an outcome. One sentence rules it all: an unknown field matches
 * every deny rule and no allow rule. The compiler has applied it already: the tables have a place
 * for each degree of ignorance, and this file only finds the place.
 */
#ifndef PCTL_MATCH_H
#define PCTL_MATCH_H

#include "class.h"
#include "maps.h"
#include "parse.h"

static __always_inline __u32 lookup_port(__u8 direction, __u8 protocol, __be16 selector)
{
	struct pctl_port_key key = {
		.direction = direction,
		.protocol = protocol,
		.selector = selector,
	};
	__u32 *outcome = bpf_map_lookup_elem(&port_rules, &key);

	return outcome ? *outcome : PCTL_NONE;
}

/* The rare road, so that it is there once. */
__noinline __u32 match_class(struct question *q)
{
	if (!q || !(any_peers() || any_sources()))
		return OUTCOME_BROKEN;
	return match_service(q);
}

/* What the verdict on a packet known to be of some protocol hangs on. Flags, no NULL pointers:
 * the verifier would forget which it was. */
struct fields {
	__be16 words[2]; /* as in struct packet */
	bool words_known;
	bool peer_known;
	__u8 family; /* enum pctl_family */
};

/* What the tables say of a packet known to be of `protocol`: an outcome, or CLASS. */
static __always_inline __u32 match_protocol(__u8 direction, __u8 protocol, const struct fields *f)
{
	const volatile struct pctl_tables *t = &tables[direction];
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
	/* Read before the lookup: Linux 6.1 forgets the bounds of an index across a call. */
	outcome = t->by_page[which][selector / PCTL_PAGES];
	if (!(t->listed[selector / 64] & (1ull << (selector % 64))))
		return outcome;
	listed = lookup_port(direction, protocol, bpf_htons(selector));
	return listed ? listed : outcome;
}

/* The outcome for a packet of which the tables say `outcome`; `ip` is its IP header. */
static __always_inline __u32 resolve(__u32 outcome, __u8 direction, const struct fields *f,
				     void *ip, void *data_end)
{
	struct question q = { .direction = direction, .family = f->family };

	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_CLASS)
		return outcome;
	q.service = PCTL_OUTCOME_ARG(outcome);
	q.source_known = f->words_known;
	q.source = bpf_ntohs(f->words[0]);
	if (f->peer_known && classes.uses_peers[direction])
		read_peer(&q, ip, data_end);
	return match_class(&q);
}

static __always_inline __u32 match_known(const struct packet *p, __u8 direction,
					 const struct fields *f)
{
	const volatile struct pctl_tables *t = &tables[direction];

	switch (p->known) {
	case KNOWN_NOTHING:
		return t->frame;
	case KNOWN_ARP:
		return t->arp;
	case KNOWN_IP:
		return t->protocol;
	default:
		return match_protocol(direction, p->protocol, f);
	}
}

static __always_inline __u32 match_compiled(const struct packet *p, __u8 direction, void *data,
					    void *data_end)
{
	bool is_ip = p->known != KNOWN_NOTHING && p->known != KNOWN_ARP;
	void *ip = data + bounded(p->l3, IP_MASK);
	struct fields f = {
		.words = { p->words[0], p->words[1] },
		.words_known = p->known == KNOWN_SELECTOR,
		.peer_known = is_ip && !p->routed,
		.family = p->family,
	};
	__u32 outcome = resolve(match_known(p, direction, &f), direction, &f, ip, data_end), as_ah;

	if (!p->behind_ah || p->known == KNOWN_IP || PCTL_OUTCOME_ACTION(outcome) == PCTL_DROP)
		return outcome;
	/* It is as much an AH packet as what the AH protects: denied as either is denied. */
	f.words_known = false;
	as_ah = match_protocol(direction, IPPROTO_AH, &f);
	as_ah = resolve(as_ah, direction, &f, ip, data_end);
	return PCTL_OUTCOME_ACTION(as_ah) == PCTL_DROP ? as_ah : outcome;
}

/* Loaded by hand, the maps hold what somebody wrote: what is there and does not say pass denies. */
static __always_inline bool denies(__u32 outcome)
{
	return outcome != PCTL_NONE && PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS;
}

/* Does any entry deny what this packet may be? */
struct suspicion {
	const struct packet *packet;
	__u32 outcome;
	__u8 direction;
};

static __always_inline bool may_be(const struct packet *p, __u8 protocol)
{
	return p->known < KNOWN_PROTOCOL || protocol == p->protocol ||
	       (p->behind_ah && protocol == IPPROTO_AH);
}

static __always_inline bool suspect(struct suspicion *s, __u8 direction, __u8 protocol,
				    __u32 outcome)
{
	if (direction != s->direction || !denies(outcome) || !may_be(s->packet, protocol))
		return false;
	s->outcome = outcome;
	return true;
}

static long suspect_protocol(void *map, struct pctl_proto_key *key, __u32 *value, void *ctx)
{
	return suspect(ctx, key->direction, key->protocol, *value);
}

static long suspect_port(void *map, struct pctl_port_key *key, __u32 *value, void *ctx)
{
	return suspect(ctx, key->direction, key->protocol, *value);
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
	struct suspicion s = { .packet = p, .outcome = pass, .direction = direction };
	__u32 outcome;

	if (p->known == KNOWN_ARP)
		return pass;
	if (p->known == KNOWN_SELECTOR) {
		outcome = match_known_by_hand(p, direction);
		return outcome == PCTL_NONE ? pass : outcome;
	}
	bpf_for_each_map_elem(&proto_rules, suspect_protocol, &s, 0);
	if (s.outcome == pass)
		bpf_for_each_map_elem(&port_rules, suspect_port, &s, 0);
	return s.outcome;
}

static __always_inline __u32 match_packet(const struct packet *p, __u8 direction, void *data,
					  void *data_end)
{
	return config.compiled ? match_compiled(p, direction, data, data_end)
			       : match_by_hand(p, direction);
}

#endif
