/* SPDX-License-Identifier: GPL-2.0-only */
#include "decide.h"

#include <string.h>

#include "protocols.h"
#include "ranges.h"

bool rule_has_selectors(const struct rule *rule)
{
	return rule->dports.count || rule->types.count;
}

static bool is_in(const struct rule *rule, enum pctl_direction direction)
{
	return rule->directions & 1u << direction;
}

bool rule_covers(const struct rule *rule, enum pctl_direction direction, unsigned int protocol)
{
	if (!is_in(rule, direction) || !ranges_match(&rule->protocols, protocol))
		return false;
	if (rule->dports.count && !protocol_has_ports(protocol))
		return false;
	return !rule->types.count || protocol_is_icmp(protocol);
}

bool implicit_covers(const struct implicit_rule *implicit, const struct policy *policy,
		     enum pctl_direction direction, unsigned int protocol)
{
	return policy->defaults[direction] == VERDICT_DENY && implicit->selector_count &&
	       implicit->directions & 1u << direction && implicit->protocol == protocol;
}

uint32_t decide_frame(const struct policy *policy, enum pctl_direction direction)
{
	for (size_t i = 0; i < policy->count; i++)
		if (is_in(&policy->rules[i], direction) && policy->rules[i].verdict == VERDICT_DENY)
			return PCTL_SLOT_RULES + (uint32_t)i;
	return PCTL_SLOT_DEFAULT;
}

/* Rules speak of IP only. */
uint32_t decide_arp(const struct policy *policy, enum pctl_direction direction)
{
	return policy->defaults[direction] == VERDICT_DENY ? PCTL_SLOT_KEEP_ARP : PCTL_SLOT_DEFAULT;
}

uint32_t decide_ip(const struct policy *policy, enum pctl_direction direction)
{
	const struct rule *rule;

	for (size_t i = 0; i < policy->count; i++) {
		rule = &policy->rules[i];
		if (!is_in(rule, direction))
			continue;
		if (rule->verdict == VERDICT_DENY ||
		    (!rule->protocols.count && !rule_has_selectors(rule)))
			return PCTL_SLOT_RULES + (uint32_t)i;
	}
	return PCTL_SLOT_DEFAULT;
}

/* Implicit rules ask for types and allow: they never match what has none. */
uint32_t decide_protocol(const struct policy *policy, enum pctl_direction direction,
			 unsigned int protocol)
{
	const struct rule *rule;

	for (size_t i = 0; i < policy->count; i++) {
		rule = &policy->rules[i];
		if (!rule_covers(rule, direction, protocol))
			continue;
		if (rule->verdict == VERDICT_DENY || !rule_has_selectors(rule))
			return PCTL_SLOT_RULES + (uint32_t)i;
	}
	return PCTL_SLOT_DEFAULT;
}

static void take_free(uint32_t slots[256], unsigned int low, unsigned int high, uint32_t slot)
{
	for (unsigned int p = low; p <= high && p < 256; p++)
		if (slots[p] == PCTL_SLOT_DEFAULT)
			slots[p] = slot;
}

void decide_whole(const struct policy *policy, enum pctl_direction direction, uint32_t slots[256])
{
	const struct rule *rule;
	uint32_t slot;

	memset(slots, 0, 256 * sizeof(*slots));
	for (size_t i = 0; i < policy->count; i++) {
		rule = &policy->rules[i];
		slot = PCTL_SLOT_RULES + (uint32_t)i;
		if (!is_in(rule, direction) || rule_has_selectors(rule))
			continue;
		for (size_t j = 0; j < rule->protocols.count; j++)
			take_free(slots, rule->protocols.items[j].low,
				  rule->protocols.items[j].high, slot);
		if (rule->protocols.count)
			continue;
		take_free(slots, 0, 255, slot);
		return; /* `any` leaves nothing to those behind it */
	}
}

bool decide_needs_selectors(const struct policy *policy, enum pctl_direction direction,
			    unsigned int protocol, uint32_t whole)
{
	size_t end = whole == PCTL_SLOT_DEFAULT ? policy->count : whole - PCTL_SLOT_RULES;

	for (size_t i = 0; i < end; i++)
		if (rule_covers(&policy->rules[i], direction, protocol))
			return true;
	for (size_t i = 0; whole == PCTL_SLOT_DEFAULT && i < policy_implicit_rule_count; i++)
		if (implicit_covers(&policy_implicit_rules[i], policy, direction, protocol))
			return true;
	return false;
}

uint32_t slot_outcome(const struct policy *policy, enum pctl_direction direction, uint32_t slot)
{
	enum verdict verdict = VERDICT_ALLOW; /* the implicit rules */

	if (slot == PCTL_SLOT_DEFAULT)
		verdict = policy->defaults[direction];
	else if (slot >= PCTL_SLOT_RULES)
		verdict = policy->rules[slot - PCTL_SLOT_RULES].verdict;
	return PCTL_OUTCOME(verdict == VERDICT_ALLOW ? PCTL_PASS : PCTL_DROP, slot);
}
