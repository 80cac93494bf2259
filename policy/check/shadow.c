/* SPDX-License-Identifier: GPL-2.0-only */
#include "shadow.h"

#include <errno.h>

#include "cleanup.h"
#include "ranges.h"

/* The rule that is shadowed, or seems to be. */
struct inner {
	const struct traits *traits;
	const struct peer_classes *peers; /* of one of its directions */
	const struct rule *rule;
	const struct trait *trait;
	uint32_t sets; /* the sets with a map in its list, as bits */
	bool *matches; /* per class of addresses: the rule matches it, these sets aside */
	size_t match_count;
};

static void inner_clear(struct inner *inner) /* for _cleanup_ */
{
	free(inner->matches);
}

static int inner_init(struct inner *inner, const struct reachable *reachable,
		      const struct traits *traits, size_t shadowed)
{
	const struct trait *trait = &traits->rules[shadowed];
	enum pctl_direction direction = trait_is_in(trait, PCTL_FROM) ? PCTL_FROM : PCTL_TO;
	const struct peer_classes *peers = &reachable->classes[direction].peers;
	const uint32_t *members;
	size_t count = 0;
	bool *matches = calloc(peers->count, sizeof(*matches));

	if (!matches)
		return -ENOMEM;
	*inner = (struct inner){ .traits = traits, .peers = peers, .trait = trait };
	inner->rule = &traits->policy->rules[shadowed];
	inner->matches = matches;
	if (trait->peers != TRAIT_NONE) {
		inner->sets = traits->lists[trait->peers].sets;
		members = members_of(&peers->members, trait->peers, &count);
	}
	for (size_t i = 0; i < count; i++)
		matches[members[i]] = true;
	for (uint32_t i = CLASS_OUTSIDE; i < peers->count; i++) {
		if (!peers_given(&inner->rule->peers))
			matches[i] = true;
		else
			matches[i] ^= inner->rule->peers.negated;
		matches[i] &= peers->occurs[i];
		inner->match_count += matches[i];
	}
	return 0;
}

/* How many of the inner rule's classes are in the outer rule's list. */
static size_t count_common(const struct inner *inner, const struct trait *outer)
{
	const uint32_t *members;
	size_t count, common = 0;

	members = members_of(&inner->peers->members, outer->peers, &count);
	for (size_t i = 0; i < count; i++)
		common += inner->matches[members[i]];
	return common;
}

static bool peers_cover(const struct inner *inner, size_t index)
{
	const struct trait *outer = &inner->traits->rules[index];
	bool negated = inner->traits->policy->rules[index].peers.negated;
	uint32_t sets;
	size_t common;

	if (!peers_given(&inner->traits->policy->rules[index].peers))
		return true;
	sets = inner->traits->lists[outer->peers].sets;
	common = count_common(inner, outer);
	if (inner->rule->peers.negated) /* with `not`, sets only make the rule match less */
		return negated ? !common && !(sets & ~inner->sets) : common == inner->match_count;
	if (negated)
		return !common && !sets && !inner->sets;
	return common == inner->match_count && !(inner->sets & ~sets);
}

/* Names are compared as sets alone: two sets may have common names. */
static bool names_cover(const struct rule *outer, const struct trait *trait,
			const struct inner *inner)
{
	return !outer->name_count || trait->peers == inner->trait->peers;
}

static bool peers_overlap(const struct inner *inner, size_t index)
{
	const struct trait *outer = &inner->traits->rules[index];
	const struct peers *peers = &inner->traits->policy->rules[index].peers;
	size_t common;

	if (!peers_given(peers) || inner->sets || inner->traits->lists[outer->peers].sets)
		return true;
	common = count_common(inner, outer);
	return peers->negated ? common < inner->match_count : common;
}

/* Of a frame that is neither IP nor ARP, every field but its ethertype is unknown. */
static bool covers_ethertypes(const struct rule *outer, const struct trait *trait,
			      const struct rule *rule)
{
	if (outer->ethertypes.count)
		return ranges_cover(&outer->ethertypes, &rule->ethertypes);
	return trait->takes_unknown;
}

static bool overlaps_ethertypes(const struct rule *outer, const struct trait *trait,
				const struct rule *rule)
{
	if (outer->ethertypes.count)
		return ranges_overlap(&outer->ethertypes, &rule->ethertypes);
	return trait->takes_unknown;
}

static bool covers(const struct inner *inner, size_t index)
{
	const struct rule *outer = &inner->traits->policy->rules[index], *rule = inner->rule;

	if (rule->directions & ~outer->directions || !ranges_cover(&outer->vlans, &rule->vlans) ||
	    (outer->established && !rule->established))
		return false;
	if (rule->ethertypes.count)
		return covers_ethertypes(outer, &inner->traits->rules[index], rule);
	return !outer->ethertypes.count && !outer->spoofed && outer->arp == rule->arp &&
	       ranges_cover(&outer->protocols, &rule->protocols) &&
	       ranges_cover(&outer->dports, &rule->dports) &&
	       ranges_cover(&outer->sports, &rule->sports) &&
	       ranges_cover(&outer->types, &rule->types) &&
	       ranges_cover(&outer->codes, &rule->codes) && peers_cover(inner, index) &&
	       names_cover(outer, &inner->traits->rules[index], inner);
}

static bool overlaps(const struct inner *inner, size_t index)
{
	const struct rule *outer = &inner->traits->policy->rules[index], *rule = inner->rule;

	if (!(outer->directions & rule->directions) || !ranges_overlap(&outer->vlans, &rule->vlans))
		return false;
	if (rule->ethertypes.count)
		return overlaps_ethertypes(outer, &inner->traits->rules[index], rule);
	return !outer->ethertypes.count && !outer->spoofed && outer->arp == rule->arp &&
	       ranges_overlap(&outer->protocols, &rule->protocols) &&
	       ranges_overlap(&outer->dports, &rule->dports) &&
	       ranges_overlap(&outer->sports, &rule->sports) &&
	       ranges_overlap(&outer->types, &rule->types) &&
	       ranges_overlap(&outer->codes, &rule->codes) && peers_overlap(inner, index);
}

int shadow_find(const struct reachable *reachable, const struct traits *traits, size_t shadowed,
		size_t *by, bool *alone)
{
	_cleanup_(inner_clear) struct inner inner = { 0 };

	if (inner_init(&inner, reachable, traits, shadowed))
		return -ENOMEM;
	*alone = true;
	for (*by = 0; *by < shadowed; (*by)++)
		if (covers(&inner, *by))
			return 0;
	*alone = false;
	for (*by = 0; *by < shadowed; (*by)++)
		if (overlaps(&inner, *by))
			break;
	return 0;
}

int shadow_find_enforced(const struct reachable *reachable, const struct traits *traits,
			 size_t index, size_t first, size_t *found)
{
	_cleanup_(inner_clear) struct inner inner = { 0 };

	if (inner_init(&inner, reachable, traits, index))
		return -ENOMEM;
	for (*found = first; *found < traits->count; (*found)++)
		if (traits->rules[*found].deny &&
		    !policy_audits_rule(traits->policy, &traits->policy->rules[*found]) &&
		    overlaps(&inner, *found))
			break;
	return 0;
}
