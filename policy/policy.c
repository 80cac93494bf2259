/* SPDX-License-Identifier: GPL-2.0-only */
#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "diagnostics.h"

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
	for (size_t i = 0; i < policy->set_count; i++)
		set_free(policy->sets[i]);
	for (size_t i = 0; i < policy->bucket_count; i++)
		free(policy->buckets[i]);
	prefixes_clear(&policy->own);
	prefixes_clear(&policy->resolvers);
	free(policy->rules);
	free(policy->sets);
	free(policy->buckets);
	free(policy);
}

static int copy_sets(struct policy *copy, const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++) {
		_cleanup_(set_freep) struct set *set = set_copy(policy->sets[i]);

		if (!set || policy_add_set(copy, set))
			return -ENOMEM;
		set = NULL;
	}
	return 0;
}

/* Points sets of a rule that was copied from @policy at the sets of @copy, which are in the same
 * order. */
static void remap_sets(const struct set **sets, size_t count, const struct policy *copy,
		       const struct policy *policy)
{
	size_t number;

	for (size_t i = 0; i < count; i++) {
		for (number = 0; policy->sets[number] != sets[i];)
			number++;
		sets[i] = copy->sets[number];
	}
}

static int copy_buckets(struct policy *copy, const struct policy *policy)
{
	for (size_t i = 0; i < policy->bucket_count; i++)
		if (policy_add_bucket(copy, policy->buckets[i]))
			return -ENOMEM;
	return 0;
}

/* Points a treatment that was copied from @policy at the bucket of @copy, likewise. */
static void remap_bucket(struct treatment *treatment, const struct policy *copy,
			 const struct policy *policy)
{
	size_t number = 0;

	if (!treatment->bucket)
		return;
	while (policy->buckets[number] != treatment->bucket)
		number++;
	treatment->bucket = copy->buckets[number];
}

static int copy_rules(struct policy *copy, const struct policy *policy)
{
	copy->rules = calloc(policy->count + 1, sizeof(*copy->rules));
	if (!copy->rules)
		return -ENOMEM;
	for (; copy->count < policy->count; copy->count++) {
		struct rule *rule = &copy->rules[copy->count];

		if (rule_copy(rule, &policy->rules[copy->count]))
			return -ENOMEM;
		remap_sets(rule->peers.sets, rule->peers.set_count, copy, policy);
		remap_sets(rule->names, rule->name_count, copy, policy);
		remap_bucket(&rule->treatment, copy, policy);
	}
	return 0;
}

struct policy *policy_copy(const struct policy *policy)
{
	_cleanup_(policy_freep) struct policy *copy = policy_new();

	if (!copy)
		return NULL;
	memcpy(copy->defaults, policy->defaults, sizeof(copy->defaults));
	memcpy(copy->default_audits, policy->default_audits, sizeof(copy->default_audits));
	memcpy(copy->default_places, policy->default_places, sizeof(copy->default_places));
	memcpy(copy->default_treatments, policy->default_treatments,
	       sizeof(copy->default_treatments));
	copy->audit = policy->audit;
	copy->next_id = policy->next_id;
	copy->own_found = policy->own_found;
	copy->own_place = policy->own_place;
	copy->resolvers_place = policy->resolvers_place;
	copy->connections = policy->connections;
	copy->connections_place = policy->connections_place;
	if (prefixes_copy(&copy->own, &policy->own) ||
	    prefixes_copy(&copy->resolvers, &policy->resolvers) || copy_sets(copy, policy) ||
	    copy_buckets(copy, policy) || copy_rules(copy, policy))
		return NULL;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		remap_bucket(&copy->default_treatments[i], copy, policy);
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

void policy_forget_places(struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++)
		policy->rules[i].place = (struct place){ 0 };
	for (size_t i = 0; i < policy->set_count; i++)
		policy->sets[i]->place = (struct place){ 0 };
	for (size_t i = 0; i < policy->bucket_count; i++)
		policy->buckets[i]->place = (struct place){ 0 };
	policy->own_place = policy->connections_place = (struct place){ 0 };
	policy->resolvers_place = (struct place){ 0 };
	memset(policy->default_places, 0, sizeof(policy->default_places));
}

size_t policy_find_set(const struct policy *policy, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < policy->set_count; i++)
		if (!strncmp(policy->sets[i]->name, name, length) && !policy->sets[i]->name[length])
			break;
	return i;
}

int policy_add_set(struct policy *policy, struct set *set)
{
	struct set **sets = reallocarray(policy->sets, policy->set_count + 1, sizeof(*sets));

	if (!sets)
		return -ENOMEM;
	policy->sets = sets;
	sets[policy->set_count++] = set;
	return 0;
}

static const char *const verdict_names[] = {
	[VERDICT_ALLOW] = "allow",
	[VERDICT_DENY] = "deny",
	[VERDICT_REJECT] = "reject",
};

static const char *const verdict_words[][2] = {
	[VERDICT_ALLOW] = { "pass", "pass" },
	[VERDICT_DENY] = { "drop", "would drop" },
	[VERDICT_REJECT] = { "reject", "would reject" },
};

static const char *const direction_names[PCTL_DIRECTIONS] = {
	[PCTL_FROM] = "from",
	[PCTL_TO] = "to",
};

bool policy_audits_rule(const struct policy *policy, const struct rule *rule)
{
	return verdict_denies(rule->verdict) && (rule->audit || policy->audit);
}

bool policy_audits_default(const struct policy *policy, enum pctl_direction direction)
{
	return verdict_denies(policy->defaults[direction]) &&
	       (policy->default_audits[direction] || policy->audit);
}

bool policy_audits_rate(const struct policy *policy, const struct rule *rule)
{
	return rule->treatment.limiting == LIMITING_RATE && (rule->audit || policy->audit);
}

bool policy_audits_default_rate(const struct policy *policy, enum pctl_direction direction)
{
	return policy->default_treatments[direction].limiting == LIMITING_RATE &&
	       (policy->default_audits[direction] || policy->audit);
}

/* Drops what exceeds it. */
static bool enforces_rate(const struct treatment *treatment, bool audits)
{
	return treatment->limiting == LIMITING_RATE && !audits;
}

unsigned int policy_enforces(const struct policy *policy)
{
	unsigned int directions = 0;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		if ((verdict_denies(policy->defaults[i]) && !policy_audits_default(policy, i)) ||
		    enforces_rate(&policy->default_treatments[i],
				  policy_audits_default_rate(policy, i)))
			directions |= 1u << i;
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];

		if ((verdict_denies(rule->verdict) && !policy_audits_rule(policy, rule)) ||
		    enforces_rate(&rule->treatment, policy_audits_rate(policy, rule)))
			directions |= rule->directions;
	}
	return directions;
}

bool policy_only_audits(const struct policy *policy)
{
	bool audits = policy->audit;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		audits |= policy_audits_default(policy, i) || policy_audits_default_rate(policy, i);
	for (size_t i = 0; i < policy->count && !audits; i++)
		audits = policy_audits_rule(policy, &policy->rules[i]) ||
			 policy_audits_rate(policy, &policy->rules[i]);
	return audits && !policy_enforces(policy);
}

bool policy_read_action(enum pctl_action action, enum verdict *verdict, bool *audit)
{
	*audit = action == PCTL_WOULD_DROP || action == PCTL_WOULD_REJECT;
	*verdict = VERDICT_DENY;
	if (action == PCTL_PASS)
		*verdict = VERDICT_ALLOW;
	else if (action == PCTL_REJECT || action == PCTL_WOULD_REJECT)
		*verdict = VERDICT_REJECT;
	else if (action != PCTL_DROP && action != PCTL_WOULD_DROP)
		return false;
	return true;
}

const char *policy_verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

const char *policy_default_words(const struct policy *policy, enum pctl_direction direction)
{
	static const char *const audited[] = {
		[VERDICT_ALLOW] = "allow",
		[VERDICT_DENY] = "deny audit",
		[VERDICT_REJECT] = "reject audit",
	};
	enum verdict verdict = policy->defaults[direction];

	return policy->default_audits[direction] ? audited[verdict] : verdict_names[verdict];
}

const char *policy_verdict_word(enum verdict verdict, bool audit)
{
	return verdict_words[verdict][audit];
}

const char *policy_direction_name(enum pctl_direction direction)
{
	return direction_names[direction];
}
