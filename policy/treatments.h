/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule or a default does beside its verdict: `rate`, `shape`, `mirror`. */
#ifndef PCTL_TREATMENTS_H
#define PCTL_TREATMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "mirrors.h"
#include "place.h"
#include "verdicts.h"

/* Of bits a second, and of packets a second. */
#define LIMIT_BITS_MIN 1000ull
#define LIMIT_BITS_MAX 1000000000000ull
#define LIMIT_PACKETS_MIN 1ull
#define LIMIT_PACKETS_MAX 1000000000ull

#define LIMIT_BURST_MAX_NS (3600 * 1000000000ull)
/* What a burst that is not given has at least: two whole GSO packets. */
#define LIMIT_BURST_BYTES 128000ull

enum burst_unit {
	BURST_BY_DEFAULT, /* one second, and LIMIT_BURST_BYTES at least */
	BURST_MILLISECONDS,
	BURST_AMOUNT, /* bytes, or packets where packets are limited */
};

/* So much in a second, and a burst. */
struct limit {
	uint64_t rate; /* bits a second, or packets */
	bool packets;
	bool each; /* for each peer address */
	enum burst_unit burst_unit;
	uint64_t burst;
};

#define BUCKET_NAME_MAX 31

/* `rate NAME …`: a limit that rules share. */
struct bucket {
	char name[BUCKET_NAME_MAX + 1];
	struct limit limit;
	struct place place;
};

/* What becomes of packets that exceed a limit. */
enum limiting {
	LIMITING_NOTHING, /* there is no limit */
	LIMITING_RATE, /* they are dropped, or rejected */
	LIMITING_SHAPE, /* they wait */
};

struct treatment {
	enum limiting limiting;
	struct limit limit; /* where `bucket` is NULL */
	const struct bucket *bucket; /* the policy owns it */
	enum verdict over; /* deny or reject: of what exceeds a rate */
	struct mirror mirror;
};

/* Whether it does anything: its packets have the bit PCTL_TREATED. */
static inline bool treatment_given(const struct treatment *treatment)
{
	return treatment->limiting != LIMITING_NOTHING || mirror_given(&treatment->mirror);
}

/* The limit, its own or that of its bucket; NULL: there is none. */
const struct limit *treatment_limit(const struct treatment *treatment);

/* How long it takes at the limit's rate until its burst is there again, in nanoseconds; at most
 * LIMIT_BURST_MAX_NS. */
uint64_t limit_burst_ns(const struct limit *limit);

/* The same of a limit of `shape`, whose burst by default is small: waiting takes its place. */
uint64_t limit_shape_burst_ns(const struct limit *limit);

/* --- slots (enum pctl_slot) of what exceeds a rate --- */

struct policy;

/* How many counter slots the policy has, those of what exceeds a rate included. These come last:
 * one for each rule with a rate, in their order, then one for both defaults, if one has a rate. */
uint32_t policy_slots(const struct policy *policy);

/* The slot of what exceeds the rate of the rule with this index; with index policy->count, of a
 * default. */
uint32_t policy_over_slot(const struct policy *policy, size_t index);

/* The rule whose excess is counted in this slot, or policy->count: a default. False: no such slot.
 */
bool policy_over_owner(const struct policy *policy, uint32_t slot, size_t *index);

/* --- buckets with a name --- */

/* The index of the bucket of this name, or policy->bucket_count. The name need not end in NUL. */
size_t policy_find_bucket(const struct policy *policy, const char *name, size_t length);

/* Appends a copy of a bucket. 0 or -ENOMEM. */
int policy_add_bucket(struct policy *policy, const struct bucket *bucket);

#endif
