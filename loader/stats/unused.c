// SPDX-License-Identifier: GPL-2.0-only
#include "unused.h"

static const struct rule *rule_with(const struct policy *policy, uint32_t id)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].id == id)
			return &policy->rules[i];
	return NULL;
}

/* A rule whose packets begin or cease to pass by `audit` begins to count anew. */
static bool counted(const struct history_entry *entry, const struct policy *policy,
		    const struct rule *rule)
{
	const struct rule *then = entry->policy ? rule_with(entry->policy, rule->id) : NULL;

	return then && entry->policy->audit == policy->audit && then->audit == rule->audit;
}

uint64_t rule_counts_since(const struct meta *meta, const struct policy *policy,
			   const struct rule *rule, const struct history *history)
{
	uint64_t since = meta->changed_at;

	for (size_t i = history->count; i-- > 0;) {
		const struct history_entry *entry = &history->entries[i];

		if (entry->time < meta->attached_at || !counted(entry, policy, rule))
			break;
		if (entry->time < since)
			since = entry->time;
		if (entry->event == HISTORY_ATTACHED) /* it was written a moment later */
			return meta->attached_at;
	}
	return since;
}

enum rule_use rule_use(const struct policy *policy, const struct counters *counters, size_t index,
		       uint64_t since, uint64_t now, uint64_t least)
{
	const struct rule *rule = &policy->rules[index];
	uint64_t packets = 0;

	for (enum pctl_direction direction = 0; direction < PCTL_DIRECTIONS; direction++) {
		packets += counters_slot(counters, PCTL_SLOT_RULES + index, direction)->packets;
		if (rule->treatment.limiting == LIMITING_RATE)
			packets +=
				counters_slot(counters, policy_over_slot(policy, index), direction)
					->packets;
	}
	if (packets)
		return RULE_USED;
	return now >= since + least ? RULE_UNUSED : RULE_YOUNG;
}
