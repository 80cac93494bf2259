/* SPDX-License-Identifier: GPL-2.0-only */
#include "planes.h"

#include <errno.h>
#include <string.h>

#include "budget.h"
#include "cleanup.h"

struct finder {
	struct planes *planes;
	const struct traits *traits;
	struct budget *budget;
	struct words rules; /* those that match on VLANs */
	struct words key;
	struct intern sets; /* of these rules */
};

static int collect_rules(struct finder *finder, enum pctl_direction direction)
{
	for (size_t i = 0; i < finder->traits->count; i++) {
		if (!finder->traits->rules[i].vlans ||
		    !trait_names(&finder->traits->rules[i], direction))
			continue;
		budget_blame(finder->budget, i, 1);
		if (words_add(&finder->rules, (uint32_t)i))
			return -ENOMEM;
	}
	return 0;
}

/* The plane of a VLAN, by the rules that match it. */
static int add_vlan(struct finder *finder, unsigned int vlan)
{
	struct planes *planes = finder->planes;
	const struct ranges *vlans;
	uint32_t plane;

	finder->key.count = 0;
	if (budget_spend(finder->budget, finder->rules.count + 1))
		return -E2BIG;
	for (size_t i = 0; i < finder->rules.count; i++) {
		vlans = &finder->traits->policy->rules[finder->rules.items[i]].vlans;
		if (ranges_match(vlans, vlan) && words_add(&finder->key, finder->rules.items[i]))
			return -ENOMEM;
	}
	if (intern_add(&finder->sets, finder->key.items, finder->key.count, &plane))
		return -ENOMEM;
	/* Two are kept for the planes that are no VLAN's. */
	if (budget_allows_roughly(finder->budget, plane + 3,
				  PCTL_PLANES_MAX / PCTL_DIRECTIONS / planes_states(planes),
				  "groups of VLANs that the same rules match"))
		return -E2BIG;
	if (plane == planes->count)
		planes->examples[planes->count++] = (uint16_t)vlan;
	planes->of[vlan] = (uint8_t)plane;
	return 0;
}

static void add_plane(struct planes *planes, unsigned int vlan)
{
	planes->of[vlan] = (uint8_t)planes->count;
	planes->examples[planes->count++] = (uint16_t)vlan;
}

static bool asks_for_vlans(const struct traits *traits)
{
	bool vlans = false;

	for (size_t i = 0; i < traits->count; i++)
		vlans |= traits->rules[i].vlans;
	return vlans;
}

/*
 * XDP does not see the VLAN of each packet. So it does not know the connection either, where rules
 * match on VLANs: whichever direction these are about, a connection has packets of both.
 */
static bool hides_connections(const struct traits *traits, const struct planes *planes,
			      enum pctl_direction direction)
{
	return asks_for_vlans(traits) && planes->differs[PCTL_ESTABLISHED_YES] &&
	       direction == PCTL_FROM;
}

static void find_states(struct planes *planes, const struct traits *traits,
			enum pctl_direction direction)
{
	const struct trait *trait;

	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (!trait->established || !trait_names(trait, direction))
			continue;
		planes->differs[PCTL_ESTABLISHED_YES] = true;
		planes->differs[PCTL_ESTABLISHED_UNKNOWN] |= trait->takes_unknown_plane;
	}
}

/* Does it allow every established packet, without more? What is unknown matches it then as little
 * as what is not established. */
static bool allows_established(const struct trait *trait)
{
	return trait->established && trait->any && !trait->deny && trait_is_plain(trait) &&
	       !trait->selectors;
}

/* Finds the rule that decides all established packets, if it is the only one that asks for them.
 * Between other rules it has a plane: established packets meet none of the later ones there. */
static void find_decider(struct planes *planes, const struct traits *traits,
			 enum pctl_direction direction)
{
	size_t before = 0, behind = 0;
	uint32_t decides = PCTL_NONE;

	for (size_t i = 0; i < traits->count; i++) {
		const struct trait *trait = &traits->rules[i];

		if (!trait_names(trait, direction) || !trait_is_ip(trait))
			continue;
		if (trait->established && (decides || !allows_established(trait)))
			return;
		if (trait->established)
			decides = trait->outcome;
		else if (decides)
			behind++;
		else
			before++;
	}
	if (!decides || (before && behind) || asks_for_vlans(traits))
		return;
	planes->decides = decides;
	planes->decides_first = !before;
}

int planes_find(struct planes *planes, const struct traits *traits, enum pctl_direction direction,
		struct budget *budget)
{
	struct finder finder = { .planes = planes, .traits = traits, .budget = budget };
	bool asked;
	int error;

	*planes = (struct planes){ 0 };
	budget_begin(budget, false);
	find_states(planes, traits, direction);
	find_decider(planes, traits, direction);
	error = collect_rules(&finder, direction);
	asked = finder.rules.count || hides_connections(traits, planes, direction);
	if (!asked)
		planes->count = 1;
	for (unsigned int i = PCTL_VLAN_NONE; !error && asked && i < PCTL_VLAN_UNKNOWN; i++)
		error = add_vlan(&finder, i);
	if (!error && asked) {
		add_plane(planes, PCTL_VLAN_UNKNOWN);
		if (direction == PCTL_FROM)
			add_plane(planes, PCTL_VLAN_UNSEEN);
	}
	words_clear(&finder.rules);
	words_clear(&finder.key);
	intern_clear(&finder.sets);
	return error;
}
