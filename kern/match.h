/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet and a policy become an outcome. One sentence rules it all: an unknown field matches
 * every deny rule and no allow rule. The compiler has applied it already: the tables have a place
 * for each degree of ignorance, and this file only finds the place.
 */
#ifndef PCTL_MATCH_H
#define PCTL_MATCH_H

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

/* The outcome for a packet known to be of `protocol`. */
static __always_inline __u32 match_protocol(const struct packet *p, __u8 direction, __u8 protocol)
{
	const volatile struct pctl_tables *t = &tables[direction];
	__u32 outcome = t->by_protocol[protocol];
	__u32 which, selector, listed;

	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_SELECT)
		return outcome;
	which = PCTL_OUTCOME_ARG(outcome) & (PCTL_SELECTED_MAX - 1);
	if (p->known != KNOWN_SELECTOR)
		return t->selector_unknown[which];
	selector = bpf_ntohs(p->selector);
	/* Read before the lookup: Linux 6.1 forgets the bounds of an index across a call. */
	outcome = t->by_page[which][selector / PCTL_PAGES];
	if (!(t->listed[selector / 64] & (1ull << (selector % 64))))
		return outcome;
	listed = lookup_port(direction, protocol, p->selector);
	return listed ? listed : outcome;
}

static __always_inline __u32 match_compiled(const struct packet *p, __u8 direction)
{
	const volatile struct pctl_tables *t = &tables[direction];
	__u32 outcome, as_ah;

	switch (p->known) {
	case KNOWN_NOTHING:
		return t->frame;
	case KNOWN_ARP:
		return t->arp;
	case KNOWN_IP:
		return t->protocol;
	}
	outcome = match_protocol(p, direction, p->protocol);
	if (!p->behind_ah || PCTL_OUTCOME_ACTION(outcome) == PCTL_DROP)
		return outcome;
	/* It is as much an AH packet as what the AH protects: denied as either is denied. */
	as_ah = t->by_protocol[IPPROTO_AH];
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
	__u32 outcome = lookup_port(direction, p->protocol, p->selector), as_ah;

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

static __always_inline __u32 match_packet(const struct packet *p, __u8 direction)
{
	return config.compiled ? match_compiled(p, direction) : match_by_hand(p, direction);
}

#endif
