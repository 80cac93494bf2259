/* SPDX-License-Identifier: GPL-2.0-only */
#include "evaluate.h"

#include <string.h>

enum answer { NO, MAYBE, YES };

static enum answer both(enum answer a, enum answer b)
{
	return a < b ? a : b;
}

static enum answer is_among(const struct ranges *ranges, bool known, unsigned int value)
{
	if (!ranges->count)
		return YES; /* not asked for */
	if (!known)
		return MAYBE;
	for (size_t i = 0; i < ranges->count; i++)
		if (value >= ranges->items[i].low && value <= ranges->items[i].high)
			return YES;
	return NO;
}

static bool has_ports(uint8_t protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
	       protocol == 136;
}

static bool has_types(uint8_t protocol)
{
	return protocol == 1 || protocol == 58;
}

static enum answer matches(const struct rule *rule, const struct reading *r)
{
	enum answer answer = r->is_arp ? NO : r->is_ip ? YES : MAYBE;
	bool known = r->has_selector;

	answer = both(answer, is_among(&rule->protocols, r->has_protocol, r->protocol));
	if (r->has_protocol && rule->dports.count && !has_ports(r->protocol))
		return NO;
	if (r->has_protocol && rule->types.count && !has_types(r->protocol))
		return NO;
	answer = both(answer, is_among(&rule->dports, known, r->first * 256u + r->second));
	answer = both(answer, is_among(&rule->types, known, r->first));
	return both(answer, is_among(&rule->codes, known, r->second));
}

/* The grace of `default deny`. */
static uint32_t graced_slot(const struct reading *r)
{
	if (r->is_arp)
		return PCTL_SLOT_KEEP_ARP;
	if (!r->has_selector)
		return PCTL_SLOT_DEFAULT;
	if (r->protocol == 1 && r->first == 3 && r->second == 4)
		return PCTL_SLOT_KEEP_PMTU;
	if (r->protocol != 58)
		return PCTL_SLOT_DEFAULT;
	switch (r->first) {
	case 2:
		return PCTL_SLOT_KEEP_PMTU;
	case 133:
	case 135:
	case 136:
		return PCTL_SLOT_KEEP_ND;
	case 130:
	case 131:
	case 132:
	case 143:
		return PCTL_SLOT_KEEP_MLD;
	}
	return PCTL_SLOT_DEFAULT;
}

static void decide(const struct policy *policy, enum pctl_direction direction,
		   const struct reading *r, struct opinion *opinion)
{
	opinion->reason = r->reason;
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];
		bool allows = rule->verdict == VERDICT_ALLOW;

		if (!(rule->directions & 1u << direction))
			continue;
		if (matches(rule, r) < (allows ? YES : MAYBE))
			continue;
		opinion->slot = PCTL_SLOT_RULES + i;
		opinion->passes = allows;
		return;
	}
	opinion->slot = PCTL_SLOT_DEFAULT;
	opinion->passes = policy->defaults[direction] == VERDICT_ALLOW;
	if (opinion->passes)
		return;
	opinion->slot = graced_slot(r);
	opinion->passes = opinion->slot != PCTL_SLOT_DEFAULT;
}

static void decide_as_ah(const struct policy *policy, enum pctl_direction direction,
			 const struct reading *r, struct opinion *opinion)
{
	struct reading as_ah = { .is_ip = true, .has_protocol = true, .has_selector = true };
	struct opinion other;

	as_ah.protocol = 51;
	decide(policy, direction, &as_ah, &other);
	if (other.passes)
		return;
	*opinion = other;
	opinion->reason = r->reason;
}

static struct remembered *find(struct memory *memory, enum pctl_direction direction,
			       const struct reading *r)
{
	for (size_t i = 0; i < memory->count; i++) {
		struct remembered *item = &memory->items[i];

		if (item->direction == direction && item->length == r->datagram_length &&
		    !memcmp(item->datagram, r->datagram, r->datagram_length))
			return item;
	}
	return NULL;
}

static void remember(struct memory *memory, enum pctl_direction direction, const struct reading *r,
		     const struct opinion *opinion)
{
	struct remembered *item = find(memory, direction, r);

	if (!opinion->passes || r->reason != -1) {
		if (item)
			*item = memory->items[--memory->count];
		return;
	}
	if (!item && memory->count == MEMORY_MAX)
		return;
	if (!item)
		item = &memory->items[memory->count++];
	item->direction = direction;
	memcpy(item->datagram, r->datagram, sizeof(item->datagram));
	item->length = r->datagram_length;
	item->opinion = *opinion;
}

void evaluate(const struct policy *policy, enum pctl_direction direction,
	      const struct reading *reading, struct memory *memory, struct opinion *opinion)
{
	struct remembered *first;

	decide(policy, direction, reading, opinion);
	if (opinion->passes && reading->behind_ah)
		decide_as_ah(policy, direction, reading, opinion);
	if (reading->piece == PIECE_FIRST)
		remember(memory, direction, reading, opinion);
	if (reading->piece != PIECE_LATER || opinion->passes)
		return;
	first = find(memory, direction, reading);
	if (first)
		*opinion = first->opinion;
}
