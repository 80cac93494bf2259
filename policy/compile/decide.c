/* SPDX-License-Identifier: GPL-2.0-only */
#include "decide.h"

#include "protocols.h"

bool implicit_covers(const struct implicit_rule *implicit, const struct policy *policy,
		     enum pctl_direction direction, unsigned int protocol)
{
	return verdict_denies(policy->defaults[direction]) && implicit->selector_count &&
	       implicit->directions & 1u << direction && implicit->protocol == protocol;
}

uint32_t decide_default(const struct traits *traits, enum pctl_direction direction)
{
	const struct policy *policy = traits->policy;
	bool audit = policy_audits_default(policy, direction);

	return PCTL_OUTCOME(action_of(policy->defaults[direction], audit), PCTL_SLOT_DEFAULT) |
	       (treatment_given(&policy->default_treatments[direction]) ? PCTL_TREATED : 0);
}

uint32_t decide_frame(const struct traits *traits, enum pctl_direction direction)
{
	for (size_t i = 0; i < traits->count; i++)
		if (trait_is_in(&traits->rules[i], direction) && traits->rules[i].takes_unknown)
			return traits->rules[i].outcome;
	return decide_default(traits, direction);
}

uint32_t decide_arp(const struct traits *traits, enum pctl_direction direction)
{
	for (size_t i = 0; i < traits->count; i++)
		if (trait_is_in(&traits->rules[i], direction) && traits->rules[i].arp)
			return traits->rules[i].outcome;
	if (verdict_denies(traits->policy->defaults[direction]))
		return PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_KEEP_ARP);
	return decide_default(traits, direction);
}

/* The first rule that matches a foreign frame whatever its ethertype is; traits->count: none. */
static size_t find_foreign(const struct traits *traits, enum pctl_direction direction)
{
	const struct trait *trait;
	size_t i;

	for (i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (trait_is_in(trait, direction) && trait->takes_unknown && !trait->ethertype)
			break;
	}
	return i;
}

uint32_t decide_foreign(const struct traits *traits, enum pctl_direction direction)
{
	size_t found = find_foreign(traits, direction);

	return found < traits->count ? traits->rules[found].outcome
				     : decide_default(traits, direction);
}

/* Calls @fn for the ethertypes of a rule that no rule before it names. @named: a bit for each */
static int name_ethertypes(const struct ranges *ethertypes, uint32_t outcome, uint64_t *named,
			   ethertype_fn fn, void *data)
{
	int error = 0;

	for (size_t i = 0; i < ethertypes->count; i++) {
		for (unsigned int e = ethertypes->items[i].low; e <= ethertypes->items[i].high;
		     e++) {
			if (!(named[e / 64] & 1ull << (e % 64)))
				error = fn(data, e, outcome);
			if (error)
				return error;
			named[e / 64] |= 1ull << (e % 64);
		}
	}
	return 0;
}

int decide_ethertypes(const struct traits *traits, enum pctl_direction direction, ethertype_fn fn,
		      void *data)
{
	size_t end = find_foreign(traits, direction);
	uint64_t named[65536 / 64] = { 0 };
	int error = 0;

	for (size_t i = 0; !error && i < end; i++)
		if (trait_is_in(&traits->rules[i], direction) && traits->rules[i].ethertype)
			error = name_ethertypes(&traits->policy->rules[i].ethertypes,
						traits->rules[i].outcome, named, fn, data);
	return error;
}

static bool asks_for_ports(const struct trait *trait)
{
	return trait->selectors || trait->sources != TRAIT_NONE;
}

bool matches_unknown_protocol(const struct trait *trait)
{
	return trait_is_ip(trait) &&
	       (trait->takes_unknown || (trait->any && !asks_for_ports(trait)));
}

bool matches_unknown_selector(const struct trait *trait, enum pctl_selected which)
{
	return trait->selected & 1u << which && (trait->takes_unknown || !asks_for_ports(trait));
}

/* A rule that matches on source ports alone is plain where these are unknown. */
static bool is_plain_there(const struct trait *trait)
{
	return trait->peers == TRAIT_NONE;
}

uint32_t decide_ip(const struct traits *traits, enum pctl_direction direction)
{
	const struct trait *trait;

	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (trait_is_in(trait, direction) && is_plain_there(trait) &&
		    matches_unknown_protocol(trait))
			return trait->outcome;
	}
	return decide_default(traits, direction);
}

/* Implicit rules allow by type: they never match a protocol without types. */
uint32_t decide_protocol(const struct traits *traits, enum pctl_direction direction,
			 enum pctl_selected which)
{
	const struct trait *trait;

	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (trait_is_in(trait, direction) && is_plain_there(trait) &&
		    matches_unknown_selector(trait, which))
			return trait->outcome;
	}
	return decide_default(traits, direction);
}

static void take_free(uint32_t outcomes[256], unsigned int low, unsigned int high, uint32_t outcome)
{
	for (unsigned int p = low; p <= high && p < 256; p++)
		if (!outcomes[p])
			outcomes[p] = outcome;
}

/* After `any` no later rule decides. */
static void take_rules(const struct traits *traits, enum pctl_direction direction,
		       uint32_t outcomes[256])
{
	const struct trait *trait;
	const struct ranges *protocols;

	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (!trait_is_in(trait, direction) || !trait_is_plain(trait) || trait->selectors)
			continue;
		protocols = &traits->policy->rules[i].protocols;
		for (size_t j = 0; j < protocols->count; j++)
			take_free(outcomes, protocols->items[j].low, protocols->items[j].high,
				  trait->outcome);
		if (trait->any) {
			take_free(outcomes, 0, 255, trait->outcome);
			return;
		}
	}
}

/* Implicit rules for whole protocols. */
static void take_implicit(const struct traits *traits, enum pctl_direction direction,
			  uint32_t outcomes[256])
{
	const struct implicit_rule *implicit;

	if (!verdict_denies(traits->policy->defaults[direction]))
		return;
	for (size_t i = 0; i < policy_implicit_rule_count; i++) {
		implicit = &policy_implicit_rules[i];
		if (implicit->protocol && !implicit->selector_count &&
		    implicit->directions & 1u << direction)
			take_free(outcomes, implicit->protocol, implicit->protocol,
				  PCTL_OUTCOME(PCTL_PASS, implicit->slot));
	}
}

void decide_whole(const struct traits *traits, enum pctl_direction direction,
		  uint32_t outcomes[256])
{
	for (unsigned int i = 0; i < 256; i++)
		outcomes[i] = PCTL_NONE;
	take_rules(traits, direction, outcomes);
	take_implicit(traits, direction, outcomes);
	take_free(outcomes, 0, 255, decide_default(traits, direction));
}
