/* SPDX-License-Identifier: GPL-2.0-only */
#include "treatments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define SECOND_NS 1000000000ull

const struct limit *treatment_limit(const struct treatment *treatment)
{
	if (treatment->limiting == LIMITING_NOTHING)
		return NULL;
	return treatment->bucket ? &treatment->bucket->limit : &treatment->limit;
}

/* How long it takes for so many bytes or packets. */
static uint64_t time_of(const struct limit *limit, uint64_t amount)
{
	uint64_t units = limit->packets ? amount : amount * 8;
	/* Both parts fit: the rest is below the rate, of 10^12 at most. */
	uint64_t seconds = units / limit->rate, rest = units % limit->rate;

	if (seconds >= LIMIT_BURST_MAX_NS / SECOND_NS)
		return LIMIT_BURST_MAX_NS;
	return seconds * SECOND_NS + (uint64_t)((double)rest / (double)limit->rate * SECOND_NS);
}

uint64_t limit_burst_ns(const struct limit *limit)
{
	uint64_t least;

	if (limit->burst_unit == BURST_MILLISECONDS)
		return limit->burst * 1000000;
	if (limit->burst_unit == BURST_AMOUNT)
		return time_of(limit, limit->burst);
	least = limit->packets ? 0 : time_of(limit, LIMIT_BURST_BYTES);
	return least > SECOND_NS ? least : SECOND_NS;
}

/* Enough for a device that sends at some of the kernel's timer ticks only. */
#define SHAPE_BURST_NS 10000000ull
#define SHAPE_BURST_BYTES 4000ull

uint64_t limit_shape_burst_ns(const struct limit *limit)
{
	uint64_t least = time_of(limit, SHAPE_BURST_BYTES);

	if (limit->burst_unit != BURST_BY_DEFAULT)
		return limit_burst_ns(limit);
	return least > SHAPE_BURST_NS ? least : SHAPE_BURST_NS;
}

static bool has_over(const struct treatment *treatment)
{
	return treatment->limiting == LIMITING_RATE;
}

static bool defaults_have_over(const struct policy *policy)
{
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		if (has_over(&policy->default_treatments[i]))
			return true;
	return false;
}

uint32_t policy_over_slot(const struct policy *policy, size_t index)
{
	uint32_t slot = PCTL_SLOT_RULES + (uint32_t)policy->count;

	for (size_t i = 0; i < index && i < policy->count; i++)
		slot += has_over(&policy->rules[i].treatment);
	return slot;
}

uint32_t policy_slots(const struct policy *policy)
{
	return policy_over_slot(policy, policy->count) + defaults_have_over(policy);
}

bool policy_over_owner(const struct policy *policy, uint32_t slot, size_t *index)
{
	uint32_t next = PCTL_SLOT_RULES + (uint32_t)policy->count;
	size_t i = 0;

	if (slot < next)
		return false;
	for (; i < policy->count; i++)
		if (has_over(&policy->rules[i].treatment) && next++ == slot)
			break;
	if (i == policy->count && (next != slot || !defaults_have_over(policy)))
		return false;
	*index = i;
	return true;
}

size_t policy_find_bucket(const struct policy *policy, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < policy->bucket_count; i++)
		if (!strncmp(policy->buckets[i]->name, name, length) &&
		    !policy->buckets[i]->name[length])
			break;
	return i;
}

int policy_add_bucket(struct policy *policy, const struct bucket *bucket)
{
	struct bucket **buckets, *copy;

	buckets = reallocarray(policy->buckets, policy->bucket_count + 1, sizeof(*buckets));
	if (!buckets)
		return -ENOMEM;
	policy->buckets = buckets;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *bucket;
	buckets[policy->bucket_count++] = copy;
	return 0;
}
