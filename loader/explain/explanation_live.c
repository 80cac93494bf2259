// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"
#include "explanation_live.h"

/* The evaluator knows of this one address, and whether others could be members too. */
static int take_answer(struct set *set, const struct live_answer *answer, const struct prefix *peer)
{
	bool expired = answer->is_there && pctl_member_expired(&answer->member, answer->at);
	struct prefixes *members = expired ? &set->expired : &set->prefixes;
	size_t capacity = 0;

	prefixes_clear(&set->prefixes);
	prefixes_clear(&set->expired);
	set->loaded = answer->complete;
	return answer->is_there ? prefixes_add(members, &capacity, *peer) : 0;
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
	return take_answer(set, &answer, peer);
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
