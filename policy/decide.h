/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which rule decides, for each degree of knowledge about a packet. Answers are counter slots (enum
 * pctl_slot): PCTL_SLOT_RULES + the rule's number, or the slot of what stands behind the rules.
 *
 * The sentence that rules it all: an unknown field matches every deny rule and no allow rule.
 */
#ifndef PCTL_DECIDE_H
#define PCTL_DECIDE_H

#include "policy.h"

/* Whether some packet of @protocol can match: direction, protocol, and that the protocol has the
 * fields the rule asks for. */
bool rule_covers(const struct rule *rule, enum pctl_direction direction, unsigned int protocol);

/* Whether the rule asks for a port or an ICMP type. */
bool rule_has_selectors(const struct rule *rule);

/* Whether an implicit rule is in force for this direction and protocol. */
bool implicit_covers(const struct implicit_rule *implicit, const struct policy *policy,
		     enum pctl_direction direction, unsigned int protocol);

/* Not even known to be IP. */
uint32_t decide_frame(const struct policy *policy, enum pctl_direction direction);
uint32_t decide_arp(const struct policy *policy, enum pctl_direction direction);
/* Known to be IP, the protocol unknown. */
uint32_t decide_ip(const struct policy *policy, enum pctl_direction direction);
/* The protocol known, its port or type unknown. */
uint32_t decide_protocol(const struct policy *policy, enum pctl_direction direction,
			 unsigned int protocol);

/* For each protocol, the first rule that takes all of it, whatever its port or type; the default
 * where there is none. */
void decide_whole(const struct policy *policy, enum pctl_direction direction, uint32_t slots[256]);

/* Whether anything asks for a port or type of @protocol before @whole, its entry of decide_whole().
 */
bool decide_needs_selectors(const struct policy *policy, enum pctl_direction direction,
			    unsigned int protocol, uint32_t whole);

/* What deciding by @slot means for the packet, an outcome as in abi.h. */
uint32_t slot_outcome(const struct policy *policy, enum pctl_direction direction, uint32_t slot);

#endif
