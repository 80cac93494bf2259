/* SPDX-License-Identifier: GPL-2.0-only */
#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "ranges.h"
#include "rules.h"

void rule_clear(struct rule *rule)
{
	ranges_clear(&rule->protocols);
	ranges_clear(&rule->dports);
	ranges_clear(&rule->types);
	ranges_clear(&rule->codes);
}

int rule_copy(struct rule *to, const struct rule *from)
{
	struct rule copy = *from;

	copy.protocols = copy.dports = copy.types = copy.codes = (struct ranges){ 0 };
	if (ranges_copy(&copy.protocols, &from->protocols) ||
	    ranges_copy(&copy.dports, &from->dports) || ranges_copy(&copy.types, &from->types) ||
	    ranges_copy(&copy.codes, &from->codes)) {
		rule_clear(&copy);
		return -ENOMEM;
	}
	*to = copy;
	return 0;
}

struct policy *policy_new(void)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy)
		policy->next_id = 1;
	return policy;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->count; i++)
		rule_clear(&policy->rules[i]);
	free(policy->rules);
	free(policy);
}

struct policy *policy_copy(const struct policy *policy)
{
	_cleanup_(policy_freep) struct policy *copy = policy_new();

	if (!copy)
		return NULL;
	*copy = *policy;
	copy->count = 0;
	copy->rules = NULL;
	if (!policy->count)
		return TAKE_PTR(copy);
	copy->rules = calloc(policy->count, sizeof(*copy->rules));
	if (!copy->rules)
		return NULL;
	for (; copy->count < policy->count; copy->count++)
		if (rule_copy(&copy->rules[copy->count], &policy->rules[copy->count]))
			return NULL;
	return TAKE_PTR(copy);
}

int policy_append(struct policy *policy, size_t *capacity, struct rule *rule)
{
	struct rule *rules;
	size_t wanted;

	if (policy->count >= *capacity) {
		wanted = *capacity < 8 ? *capacity + 1 : *capacity * 2;
		rules = realloc(policy->rules, wanted * sizeof(*rules));
		if (!rules)
			return -ENOMEM;
		policy->rules = rules;
		*capacity = wanted;
	}
	policy->rules[policy->count++] = *rule;
	*rule = (struct rule){ 0 };
	return 0;
}

int policy_remove(struct policy *policy, uint32_t id)
{
	for (size_t i = 0; i < policy->count; i++) {
		if (policy->rules[i].id != id)
			continue;
		rule_clear(&policy->rules[i]);
		memmove(&policy->rules[i], &policy->rules[i + 1],
			(policy->count - i - 1) * sizeof(policy->rules[i]));
		policy->count--;
		return 0;
	}
	return -ENOENT;
}
