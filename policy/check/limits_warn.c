/* SPDX-License-Identifier: GPL-2.0-only */
#include "limits_warn.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "policy.h"

/* Linux sends again what is lost after 200 ms at the earliest (TCP_RTO_MIN). With a smaller burst a
 * stream loses so much at once that it waits for that most of the time. */
#define LEAST_BURST_NS 200000000ull

static bool is_about_tcp(const struct rule *rule)
{
	return rule_is_ip(rule) &&
	       (!rule->protocols.count || ranges_match(&rule->protocols, IPPROTO_TCP));
}

static bool is_short(const struct limit *limit)
{
	return limit && limit_burst_ns(limit) < LEAST_BURST_NS;
}

static bool has_short_rate(const struct treatment *treatment)
{
	return treatment->limiting == LIMITING_RATE && is_short(treatment_limit(treatment));
}

static int warn(const char *name, struct diagnostics *diagnostics, struct place place,
		const char *what, const struct limit *limit)
{
	return diagnostics_add(diagnostics, SEVERITY_WARNING, name, place, 1, NULL,
			       "the burst of %s is there again in %llu ms: below 200 ms TCP gets "
			       "only a part of the rate; without `burst` it is a second",
			       what, (unsigned long long)(limit_burst_ns(limit) / 1000000));
}

/* Is it the bucket of something about TCP? */
static bool limits_tcp(const struct policy *policy, const struct bucket *bucket)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].treatment.bucket == bucket &&
		    policy->rules[i].treatment.limiting == LIMITING_RATE &&
		    is_about_tcp(&policy->rules[i]))
			return true;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		if (policy->default_treatments[i].bucket == bucket &&
		    policy->default_treatments[i].limiting == LIMITING_RATE)
			return true;
	return false;
}

static int warn_of_buckets(const struct policy *policy, const char *name,
			   struct diagnostics *diagnostics)
{
	char what[BUCKET_NAME_MAX + 16];
	int error = 0;

	for (size_t i = 0; i < policy->bucket_count && !error; i++) {
		const struct bucket *bucket = policy->buckets[i];

		snprintf(what, sizeof(what), "the rate '%s'", bucket->name);
		if (is_short(&bucket->limit) && limits_tcp(policy, bucket))
			error = warn(name, diagnostics, bucket->place, what, &bucket->limit);
	}
	return error;
}

static int warn_of_defaults(const struct policy *policy, const char *name,
			    struct diagnostics *diagnostics)
{
	char what[32];
	int error = 0;

	for (int i = 0; i < PCTL_DIRECTIONS && !error; i++) {
		const struct treatment *treatment = &policy->default_treatments[i];

		snprintf(what, sizeof(what), "`default %s`", policy_direction_name(i));
		if (!treatment->bucket && has_short_rate(treatment))
			error = warn(name, diagnostics, policy->default_places[i], what,
				     &treatment->limit);
	}
	return error;
}

int limits_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	int error = warn_of_buckets(policy, name, diagnostics);

	error = error ?: warn_of_defaults(policy, name, diagnostics);
	for (size_t i = 0; i < policy->count && !error; i++) {
		const struct rule *rule = &policy->rules[i];
		_cleanup_(freep) char *text = NULL;

		if (rule->treatment.bucket || !has_short_rate(&rule->treatment) ||
		    !is_about_tcp(rule))
			continue;
		text = describe_rule(policy, i);
		if (!text)
			return -ENOMEM;
		error = warn(name, diagnostics, rule->place, text, &rule->treatment.limit);
	}
	return error;
}
