// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"
#include "explanation_live.h"

/* An unknown set is not loaded: the evaluator then knows of no address. */
static int take_answer(struct set *set, enum pctl_membership membership, const struct prefix *peer)
{
	size_t capacity = 0;

	prefixes_clear(&set->prefixes);
	set->loaded = membership != PCTL_MEMBERSHIP_UNKNOWN;
	return membership == PCTL_INSIDE ? prefixes_add(&set->prefixes, &capacity, *peer) : 0;
}

static int explain_set(struct explainer *explainer, uint32_t index, struct set *set,
		       const struct prefix *peer, struct explanation *explanation)
{
	struct live_finding *finding = &explanation->live[explanation->live_count];
	const struct generation *generation = &explainer->attachment->current;
	uint32_t live = generation->meta.live[index];
	struct live_answer answer;
	int error;

	if (!live || !peer)
		return 0;
	error = live_ask(generation, live - 1, peer, &answer);
	if (error)
		return error_prefix(error, "the set %s", set->name);
	*finding = (struct live_finding){ .set = set, .answer = answer };
	finding->membership = explainer->established ? answer.established : answer.now;
	if (answer.is_there || finding->membership == PCTL_MEMBERSHIP_UNKNOWN)
		explanation->live_count++;
	return take_answer(set, finding->membership, peer);
}

int explain_live(struct explainer *explainer, const struct prefix *peer,
		 struct explanation *explanation)
{
	const struct policy *policy = explainer->policy;
	uint32_t index = 0;
	int error = 0;

	for (size_t i = 0; i < policy->set_count && !error; i++) {
		if (!policy->sets[i]->live || index == PCTL_SETS_MAX)
			continue;
		error = explain_set(explainer, index++, policy->sets[i], peer, explanation);
	}
	return error;
}
