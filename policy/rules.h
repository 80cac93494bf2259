/* SPDX-License-Identifier: GPL-2.0-only */
/* One rule of a policy. */
#ifndef PCTL_RULES_H
#define PCTL_RULES_H

#include "peers.h"
#include "place.h"
#include "ranges.h"
#include "treatments.h"
#include "verdicts.h"

#define POLICY_BOTH ((1u << PCTL_FROM) | (1u << PCTL_TO)) /* both directions */

/*
 * A field that was not given matches everything. A rule matches when all its fields match. Two
 * rules are the same rule when policy_rule_print() prints them alike.
 */
struct rule {
	/* Unique in its policy, never used twice by one attachment; 0: none yet. */
	uint32_t id;
	enum verdict verdict;
	unsigned int directions; /* bits 1 << enum pctl_direction */
	bool arp; /* `arp`: ARP, which is not IP; it has no other fields */
	/* `ethertype`: frames that are neither IP nor ARP; they have no other fields. None given:
	 * IP, or ARP. */
	struct ranges ethertypes;
	struct ranges protocols; /* IANA numbers; none given: `any`, every IP protocol */
	/* Destination and source ports that match. Negated: `not` and the other ports were
	 * written. */
	struct ranges dports, sports;
	bool dports_negated, sports_negated;
	struct ranges types; /* ICMP or ICMPv6 types */
	struct ranges codes; /* only with types */
	/* The other end: the destination of what is sent, the source of what is received. */
	struct peers peers;
	/* `dns @SET`: packets that ask DNS for a name of one of these sets, or negated of none; of
	 * the policy, each with live == PCTL_LIVE_DNS. Not given: `name_count` is 0. */
	const struct set **names;
	size_t name_count;
	bool names_negated;
	/* Ids of VLANs, from 1 on; 0: without a VLAN, which only `not` can mean. */
	struct ranges vlans;
	bool vlans_negated;
	/* Only packets of connections that the policy let begin. */
	bool established;
	/* Only packets that claim to be another's; such a rule has no fields but this, `audit` and
	 * `log`. */
	bool spoofed;
	struct treatment treatment; /* what it does beside its verdict */
	/* What it denies, or what exceeds its rate, is counted and told, and passes. */
	bool audit;
	bool log; /* packets that the rule decides become events */
	/* It is of the configuration's baseline, not of the container's own policy. Not part of the
	 * text. */
	bool baseline;
	struct place place;
};

void rule_clear(struct rule *rule);

/* A copy that points at the same sets. 0 or -ENOMEM. */
int rule_copy(struct rule *to, const struct rule *from);

/* Whether the rule is about IP packets alone. */
bool rule_is_ip(const struct rule *rule);

/* The protocol number of a rule that names exactly one; otherwise -1. */
int rule_single_protocol(const struct rule *rule);

#endif
