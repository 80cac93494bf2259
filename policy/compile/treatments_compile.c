/* SPDX-License-Identifier: GPL-2.0-only */
#include "treatments_compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "traits.h"

/* A rule or default, in one direction. */
struct subject {
	const struct treatment *treatment;
	const struct rule *rule; /* NULL: a default */
	size_t index; /* of the rule */
	enum pctl_direction direction;
	uint32_t slot, over_slot;
	bool audit; /* what exceeds its rate passes */
	const struct mirror_list *mirrors; /* of the policy */
	enum verdict verdict;
};

void bucket_key(const struct compiled_bucket *bucket, const struct policy *policy,
		char key[BUCKET_KEY])
{
	const char *direction = policy_direction_name(bucket->direction);

	memset(key, 0, BUCKET_KEY);
	if (*bucket->name)
		snprintf(key, BUCKET_KEY, "@%s", bucket->name);
	else if (bucket->rule < policy->count && policy->rules[bucket->rule].id)
		snprintf(key, BUCKET_KEY, "rule %u %s", policy->rules[bucket->rule].id, direction);
	else if (bucket->rule < policy->count)
		snprintf(key, BUCKET_KEY, "rule without id %zu %s", bucket->rule, direction);
	else
		snprintf(key, BUCKET_KEY, "default %s", direction);
}

/* The number of the bucket that it uses, a new one if there is none yet; 0 without memory. */
static uint32_t number_bucket(struct compiled *compiled, const struct subject *subject)
{
	const struct treatment *treatment = subject->treatment;
	struct compiled_bucket *buckets, *bucket;
	size_t i = 0;

	/* Only those with a name are shared. */
	while (i < compiled->bucket_count &&
	       (!treatment->bucket || compiled->buckets[i].limiting != treatment->limiting ||
		strcmp(compiled->buckets[i].name, treatment->bucket->name) != 0))
		i++;
	if (i == compiled->bucket_count) {
		buckets = reallocarray(compiled->buckets, i + 1, sizeof(*buckets));
		if (!buckets)
			return 0;
		compiled->buckets = buckets;
		bucket = &buckets[compiled->bucket_count++];
		*bucket = (struct compiled_bucket){
			.rule = subject->index,
			.direction = subject->direction,
			.limit = *treatment_limit(treatment),
			.limiting = treatment->limiting,
		};
		if (treatment->bucket)
			memcpy(bucket->name, treatment->bucket->name, sizeof(bucket->name));
	}
	compiled->buckets[i].directions |= 1u << subject->direction;
	return (uint32_t)i + 1;
}

static int add_limit(struct compiled *compiled, const struct subject *subject,
		     struct pctl_treatment *out)
{
	const struct treatment *treatment = subject->treatment;
	const struct limit *limit = treatment_limit(treatment);
	uint32_t number = limit ? number_bucket(compiled, subject) : 0;

	if (limit && !number)
		return -ENOMEM;
	if (treatment->limiting == LIMITING_SHAPE) {
		out->shape = number;
		compiled->treats |= PCTL_TREATS_SHAPE;
	} else if (treatment->limiting == LIMITING_RATE) {
		out->bucket = number;
		out->flags = (limit->packets ? PCTL_LIMITS_PACKETS : 0) |
			     (limit->each ? PCTL_LIMITS_EACH : 0);
		out->over = PCTL_OUTCOME(action_of(treatment->over, subject->audit),
					 subject->over_slot) |
			    (subject->rule && subject->rule->log ? PCTL_LOG : 0);
		compiled->treats |= PCTL_TREATS_RATE | (limit->each ? PCTL_TREATS_EACH : 0);
	}
	return 0;
}

static void add_mirror(struct compiled *compiled, const struct subject *subject,
		       struct pctl_treatment *out)
{
	if (!mirror_given(&subject->treatment->mirror))
		return;
	out->mirror = 1 + (uint32_t)mirror_number(subject->mirrors, &subject->treatment->mirror);
	compiled->treats |= PCTL_TREATS_MIRROR;
	if (subject->direction == PCTL_FROM && verdict_denies(subject->verdict))
		compiled->treats |= PCTL_TREATS_DENIED;
	compiled->mirrors_from |= subject->direction == PCTL_FROM;
}

static int add_subject(struct compiled *compiled, const struct subject *subject)
{
	struct pctl_treatment *out;

	if (!treatment_given(subject->treatment))
		return 0;
	if (!compiled->treatments)
		compiled->treatments = calloc((size_t)compiled->slots * PCTL_DIRECTIONS,
					      sizeof(*compiled->treatments));
	if (!compiled->treatments)
		return -ENOMEM;
	out = &compiled->treatments[subject->slot * PCTL_DIRECTIONS + subject->direction];
	add_mirror(compiled, subject, out);
	return add_limit(compiled, subject, out);
}

static int add_rule(struct compiled *compiled, const struct policy *policy, size_t index,
		    const struct mirror_list *mirrors, uint32_t *over_slot)
{
	const struct rule *rule = &policy->rules[index];
	struct subject subject = {
		.treatment = &rule->treatment,
		.rule = rule,
		.index = index,
		.slot = PCTL_SLOT_RULES + (uint32_t)index,
		.over_slot = *over_slot,
		.audit = policy_audits_rate(policy, rule),
		.mirrors = mirrors,
		.verdict = rule->verdict,
	};
	int error = 0;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS && !error; i++) {
		subject.direction = i;
		if (rule->directions & 1u << i)
			error = add_subject(compiled, &subject);
	}
	*over_slot += rule->treatment.limiting == LIMITING_RATE;
	return error;
}

int treatments_compile(struct compiled *compiled, const struct policy *policy)
{
	uint32_t over_slot = policy_over_slot(policy, 0);
	struct mirror_list mirrors;
	int error = 0;

	policy_mirrors(policy, &mirrors);
	compiled->mirror_count = (uint32_t)mirrors.count;

	for (size_t i = 0; i < policy->count && !error; i++)
		error = add_rule(compiled, policy, i, &mirrors, &over_slot);
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS && !error; i++) {
		struct subject subject = {
			.treatment = &policy->default_treatments[i],
			.index = policy->count,
			.direction = i,
			.slot = PCTL_SLOT_DEFAULT,
			.over_slot = over_slot,
			.audit = policy_audits_default_rate(policy, i),
			.mirrors = &mirrors,
			.verdict = policy->defaults[i],
		};

		error = add_subject(compiled, &subject);
	}
	return error;
}

int policy_buckets(const struct policy *policy, struct compiled **compiled)
{
	_cleanup_(compiled_freep) struct compiled *new = compiled_new(policy_slots(policy));

	if (!new || treatments_compile(new, policy))
		return -ENOMEM;
	*compiled = TAKE_PTR(new);
	return 0;
}

bool treatments_given(const struct compiled *compiled, enum pctl_direction direction)
{
	for (size_t i = 0; i < compiled->slots && compiled->treatments; i++) {
		const struct pctl_treatment *treatment =
			&compiled->treatments[i * PCTL_DIRECTIONS + direction];

		if (treatment->bucket || treatment->shape || treatment->mirror)
			return true;
	}
	return false;
}
