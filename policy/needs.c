/* SPDX-License-Identifier: GPL-2.0-only */
#include "needs.h"

static bool names(const struct set *const *sets, size_t count, const struct set *set)
{
	for (size_t i = 0; i < count; i++)
		if (sets[i] == set)
			return true;
	return false;
}

bool policy_has_peer(const struct policy *policy, const struct set *set)
{
	for (size_t i = 0; i < policy->count; i++)
		if (names(policy->rules[i].peers.sets, policy->rules[i].peers.set_count, set))
			return true;
	return false;
}

bool policy_has_names(const struct policy *policy, const struct set *set)
{
	for (size_t i = 0; i < policy->count; i++)
		if (names(policy->rules[i].names, policy->rules[i].name_count, set))
			return true;
	return false;
}

/* Whether a rule has a set as peer that is of one of these kinds. */
static bool has_kind(const struct policy *policy, enum pctl_live_kind first,
		     enum pctl_live_kind last, const struct set **set)
{
	for (size_t i = 0; i < policy->set_count; i++) {
		const struct set *one = policy->sets[i];

		if (one->live < first || one->live > last || !policy_has_peer(policy, one))
			continue;
		if (set)
			*set = one;
		return true;
	}
	return false;
}

bool policy_learns(const struct policy *policy)
{
	return has_kind(policy, PCTL_LIVE_DNS, PCTL_LIVE_DNS, NULL);
}

bool policy_reads_questions(const struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].name_count)
			return true;
	return false;
}

bool policy_needs_engine(const struct policy *policy, const struct set **set)
{
	return has_kind(policy, PCTL_LIVE_CONTAINER, PCTL_LIVE_NETWORK, set);
}

bool policy_needs_gateway(const struct policy *policy)
{
	return has_kind(policy, PCTL_LIVE_GATEWAY, PCTL_LIVE_GATEWAY, NULL);
}

bool policy_needs_host(const struct policy *policy, const struct set **set)
{
	return has_kind(policy, PCTL_LIVE_HOST, PCTL_LIVE_GATEWAY, set);
}
