/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which plain rule decides, for each degree of knowledge about a packet. Plain rules match on
 * neither peer nor source port. Answers are outcomes as in abi.h.
 *
 * One sentence rules it all: an unknown field matches every deny rule and no allow rule (and one
 * with `audit` as policy-language.md says: trait->takes_unknown).
 */
#ifndef PCTL_DECIDE_H
#define PCTL_DECIDE_H

#include "implicit.h"
#include "traits.h"

/* Whether an implicit rule applies to this direction and protocol. */
bool implicit_covers(const struct implicit_rule *implicit, const struct policy *policy,
		     enum pctl_direction direction, unsigned int protocol);

uint32_t decide_default(const struct traits *traits, enum pctl_direction direction);

/* Not known to be IP: any rule can match, arp too. */
uint32_t decide_frame(const struct traits *traits, enum pctl_direction direction);
uint32_t decide_arp(const struct traits *traits, enum pctl_direction direction);
/* Neither IP nor ARP, by an ethertype that decide_ethertypes() does not tell. */
uint32_t decide_foreign(const struct traits *traits, enum pctl_direction direction);

/* Calls @fn for each ethertype that a rule decides because it names it. Returns the first value
 * of @fn that is not 0. */
typedef int (*ethertype_fn)(void *data, unsigned int ethertype, uint32_t outcome);
int decide_ethertypes(const struct traits *traits, enum pctl_direction direction, ethertype_fn fn,
		      void *data);

/* Whether a rule matches an IP packet with unknown protocol, or with known protocol and unknown
 * selector, as far as these fields go. */
bool matches_unknown_protocol(const struct trait *trait);
bool matches_unknown_selector(const struct trait *trait, enum pctl_selected which);

/* Known to be IP, the protocol unknown. */
uint32_t decide_ip(const struct traits *traits, enum pctl_direction direction);
/* The protocol known, its port or type unknown. */
uint32_t decide_protocol(const struct traits *traits, enum pctl_direction direction,
			 enum pctl_selected which);

/* For each protocol, the outcome of the first rule that matches all of it, or of the default. */
void decide_whole(const struct traits *traits, enum pctl_direction direction,
		  uint32_t outcomes[256]);

/* Whether an outcome is that of a rule, and of which one. */
static inline bool outcome_rule(uint32_t outcome, size_t *rule)
{
	*rule = PCTL_OUTCOME_ARG(outcome) - PCTL_SLOT_RULES;
	return PCTL_OUTCOME_ARG(outcome) >= PCTL_SLOT_RULES;
}

#endif
