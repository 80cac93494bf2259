/* SPDX-License-Identifier: GPL-2.0-only */
#include "vlan_planes.h"

#include <errno.h>
#include <string.h>

#include "budget.h"
#include "cleanup.h"

struct finder {
	struct vlan_planes *planes;
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
	struct vlan_planes *planes = finder->planes;
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
	if (budget_allows_roughly(finder->budget, plane + 3, PCTL_PLANES_MAX / PCTL_DIRECTIONS,
				  "groups of VLANs that the same rules match"))
		return -E2BIG;
	if (plane == planes->count)
		planes->examples[planes->count++] = (uint16_t)vlan;
	planes->of[vlan] = (uint8_t)plane;
	return 0;
}

static void add_plane(struct vlan_planes *planes, unsigned int vlan)
{
	planes->of[vlan] = (uint8_t)planes->count;
	planes->examples[planes->count++] = (uint16_t)vlan;
}

int vlan_planes_find(struct vlan_planes *planes, const struct traits *traits,
		     enum pctl_direction direction, struct budget *budget)
{
	struct finder finder = { .planes = planes, .traits = traits, .budget = budget };
	int error;

	*planes = (struct vlan_planes){ 0 };
	budget_begin(budget, false);
	error = collect_rules(&finder, direction);
	if (!finder.rules.count)
		planes->count = 1;
	for (unsigned int i = PCTL_VLAN_NONE; !error && finder.rules.count && i < PCTL_VLAN_UNKNOWN;
	     i++)
		error = add_vlan(&finder, i);
	if (!error && finder.rules.count) {
		add_plane(planes, PCTL_VLAN_UNKNOWN);
		if (direction == PCTL_FROM)
			add_plane(planes, PCTL_VLAN_UNSEEN);
	}
	words_clear(&finder.rules);
	words_clear(&finder.key);
	intern_clear(&finder.sets);
	return error;
}
