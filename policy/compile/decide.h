/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which plain rule decides (those that ask for neither peer nor source port), for each degree of
 * knowledge about a packet. Answers are outcomes as in abi.h.
 *
 * The sentence that rules it all: an unknown field matches every deny rule and no allow rule.
 */
#ifndef PCTL_DECIDE_H
#define PCTL_DECIDE_H

#include "implicit.h"
#include "traits.h"

/* Whether an implicit rule is in force for this direction and protocol. */
bool implicit_covers(const struct implicit_rule *implicit, const struct policy *policy,
		     enum pctl_direction direction, unsigned int protocol);

uint32_t decide_default(const struct traits *traits, enum pctl_direction direction);

/* Not even known to be IP: rules of all kinds. */
uint32_t decide_frame(const struct traits *traits, enum pctl_direction direction);
uint32_t decide_arp(const struct traits *traits, enum pctl_direction direction);

/* Whether a rule matches what is IP of a protocol that is not known, or of a protocol whose
 * selector is not known, as far as these fields are concerned. */
bool matches_unknown_protocol(const struct trait *trait);
bool matches_unknown_selector(const struct trait *trait, enum pctl_selected which);

/* Known to be IP, the protocol unknown. */
uint32_t decide_ip(const struct traits *traits, enum pctl_direction direction);
/* The protocol known, its port or type unknown. */
uint32_t decide_protocol(const struct traits *traits, enum pctl_direction direction,
			 enum pctl_selected which);

/* For each protocol, the first rule that takes all of it, whatever its port or type; the default
 * where there is none. */
void decide_whole(const struct traits *traits, enum pctl_direction direction,
		  uint32_t outcomes[256]);

/* Whether a slot is a rule's, and of which one. */
static inline bool outcome_rule(uint32_t outcome, size_t *rule)
{
	*rule = PCTL_OUTCOME_ARG(outcome) - PCTL_SLOT_RULES;
	return PCTL_OUTCOME_ARG(outcome) >= PCTL_SLOT_RULES;
}

#endif
