/* SPDX-License-Identifier: GPL-2.0-only */
#include "naive.h"

#include <netinet/in.h>

enum match { NO, MAYBE, YES };

static enum match both(enum match a, enum match b)
{
	return a < b ? a : b;
}

static enum match in_ranges(const struct ranges *ranges, unsigned int value, bool known)
{
	if (!ranges->count)
		return YES;
	if (!known)
		return MAYBE;
	for (size_t i = 0; i < ranges->count; i++)
		if (value >= ranges->items[i].low && value <= ranges->items[i].high)
			return YES;
	return NO;
}

static bool has_bits(uint64_t word, uint64_t prefix, unsigned int length)
{
	for (unsigned int i = 0; i < length; i++)
		if ((word ^ prefix) >> (63 - i) & 1)
			return false;
	return true;
}

static bool in_prefixes(const struct prefixes *prefixes, const struct address *address)
{
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->items[i];
		unsigned int length = prefix->length;

		if (prefix->family == address->family &&
		    has_bits(address->high, prefix->high, length < 64 ? length : 64) &&
		    has_bits(address->low, prefix->low, length < 64 ? 0 : length - 64))
			return true;
	}
	return false;
}

static enum match in_peers(const struct peers *peers, const struct packet *packet)
{
	bool in;

	if (!peers_given(peers))
		return YES;
	if (!packet->peer_known)
		return MAYBE;
	in = in_prefixes(&peers->prefixes, &packet->peer);
	for (size_t i = 0; i < peers->set_count; i++)
		in |= in_prefixes(&peers->sets[i]->prefixes, &packet->peer);
	return in != peers->negated ? YES : NO;
}

static enum match matches(const struct rule *rule, const struct packet *packet)
{
	bool known = packet->known == KNOWN_SELECTOR;
	enum match match;

	if (!(rule->directions & 1u << packet->direction))
		return NO;
	if (packet->known == KNOWN_NOTHING)
		return MAYBE;
	if (packet->known == KNOWN_ETHERTYPE && !rule->ethertypes.count)
		return MAYBE;
	if (packet->known == KNOWN_ETHERTYPE || rule->ethertypes.count)
		return packet->known == KNOWN_ETHERTYPE
			       ? in_ranges(&rule->ethertypes, packet->selector, true)
			       : NO;
	if (rule->arp || packet->known == KNOWN_ARP)
		return rule->arp && packet->known == KNOWN_ARP ? YES : NO;
	match = in_ranges(&rule->protocols, packet->protocol, packet->known >= KNOWN_PROTOCOL);
	match = both(match, in_ranges(&rule->dports, packet->selector, known));
	match = both(match, in_ranges(&rule->sports, packet->source, known));
	match = both(match, in_ranges(&rule->types, packet->selector >> 8, known));
	match = both(match, in_ranges(&rule->codes, packet->selector & 0xff, known));
	return both(match, in_peers(&rule->peers, packet));
}

/* Written from docs/policy-language.md, not from policy/implicit.c. */
static uint32_t implicit_slot(const struct packet *packet)
{
	unsigned int type = packet->selector >> 8;

	if (packet->known == KNOWN_ARP)
		return PCTL_SLOT_KEEP_ARP;
	if (packet->known >= KNOWN_PROTOCOL && packet->protocol == IPPROTO_IGMP)
		return PCTL_SLOT_KEEP_IGMP;
	if (packet->known != KNOWN_SELECTOR)
		return PCTL_SLOT_DEFAULT;
	if (packet->protocol == IPPROTO_ICMP)
		return packet->selector == (3 << 8 | 4) ? PCTL_SLOT_KEEP_PMTU : PCTL_SLOT_DEFAULT;
	if (packet->protocol != IPPROTO_ICMPV6)
		return PCTL_SLOT_DEFAULT;
	if (type == 133 || type == 135 || type == 136)
		return PCTL_SLOT_KEEP_ND;
	if (type == 130 || type == 131 || type == 132 || type == 143)
		return PCTL_SLOT_KEEP_MLD;
	return type == 2 ? PCTL_SLOT_KEEP_PMTU : PCTL_SLOT_DEFAULT;
}

static enum pctl_action action(enum verdict verdict, bool audit)
{
	switch (verdict) {
	case VERDICT_DENY:
		return audit ? PCTL_WOULD_DROP : PCTL_DROP;
	case VERDICT_REJECT:
		return audit ? PCTL_WOULD_REJECT : PCTL_REJECT;
	default:
		return PCTL_PASS;
	}
}

/* With `audit`, and something that is enforced behind it: what is unknown does not match. */
static bool is_cautious(const struct policy *policy, size_t index)
{
	unsigned int enforced = 0;

	for (unsigned int d = 0; d < PCTL_DIRECTIONS; d++)
		if (verdict_denies(policy->defaults[d]) && !policy->default_audits[d])
			enforced |= 1u << d;
	for (size_t i = index + 1; i < policy->count; i++)
		if (verdict_denies(policy->rules[i].verdict) && !policy->rules[i].audit)
			enforced |= policy->rules[i].directions;
	return policy->rules[index].audit && policy->rules[index].directions & enforced;
}

uint32_t naive_decide(const struct policy *policy, const struct packet *packet)
{
	enum verdict verdict = policy->defaults[packet->direction];
	bool deny = verdict_denies(verdict);
	uint32_t slot;

	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];
		bool denies = verdict_denies(rule->verdict) && !is_cautious(policy, i);
		enum match match = matches(rule, packet);

		if (match == YES || (match == MAYBE && denies))
			return PCTL_OUTCOME(action(rule->verdict, rule->audit),
					    PCTL_SLOT_RULES + (uint32_t)i) |
			       (rule->log ? PCTL_LOG : 0);
	}
	slot = deny ? implicit_slot(packet) : PCTL_SLOT_DEFAULT;
	if (slot != PCTL_SLOT_DEFAULT)
		return PCTL_OUTCOME(PCTL_PASS, slot);
	return PCTL_OUTCOME(action(verdict, policy->default_audits[packet->direction]), slot);
}
