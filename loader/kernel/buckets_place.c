// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attachment_pins.h"
#include "buckets_place.h"
#include "constants.h"
#include "error.h"
#include "policy.skel.h"
#include "treatments_compile.h"
#include "util.h"

_Static_assert(BUCKET_KEY == PCTL_BUCKET_KEY, "the same keys");

/* Half of them: the policy before may use as many others. */
#define BUCKETS_MAX (PCTL_BUCKETS / 2 - 1)

#define SECOND_NS 1000000000ull

/* --- the maps --- */

/* By their path, since a process that loads has not the descriptors of others. */
static int reuse(const struct generation_input *input, const struct generation *generation,
		 struct bpf_map *buckets, struct bpf_map *peers)
{
	struct generation found = GENERATION_EMPTY;
	int error;

	snprintf(found.path, sizeof(found.path), "%s", input->previous->path);
	found.meta.treats = input->previous->meta.treats & generation->meta.treats;
	error = attachment_maps_open(&found);
	if (!error && found.maps[MAP_BUCKETS] >= 0)
		error = bpf_map__reuse_fd(buckets, found.maps[MAP_BUCKETS]);
	if (!error && found.maps[MAP_PEER_BUCKETS] >= 0)
		error = bpf_map__reuse_fd(peers, found.maps[MAP_PEER_BUCKETS]);
	generation_close(&found);
	return error;
}

int buckets_place(struct policy_bpf *skeleton, const struct generation_input *input,
		  struct generation *generation)
{
	const struct compiled *compiled = input->plan->compiled;
	size_t count = 0;
	generation->meta.treats = compiled->treats;
	bpf_map__set_autocreate(skeleton->maps.buckets,
				attachment_map_wanted(generation, MAP_BUCKETS));
	bpf_map__set_autocreate(skeleton->maps.peer_buckets,
				attachment_map_wanted(generation, MAP_PEER_BUCKETS));
	for (size_t i = 0; i < compiled->bucket_count; i++)
		count += compiled->buckets[i].limiting == LIMITING_RATE;
	if (count > BUCKETS_MAX)
		return error_set(-E2BIG,
				 "a policy can have %d rates, not more: those with a name "
				 "(`rate NAME …`) count once",
				 BUCKETS_MAX);
	if (!input->previous || !attachment_map_wanted(generation, MAP_BUCKETS))
		return 0;
	return reuse(input, generation, skeleton->maps.buckets, skeleton->maps.peer_buckets);
}

/* --- the elements --- */

typedef char bucket_keys[PCTL_BUCKETS][PCTL_BUCKET_KEY];

struct assignment {
	const struct compiled *compiled;
	bucket_keys keys; /* of its buckets, likewise */
	size_t count;
	bucket_keys previous; /* of the policy before */
	size_t previous_count;
	struct pctl_bucket elements[PCTL_BUCKETS];
	int fd;
};

/* Fills in the keys of a policy's rates, in their order. Returns how many there are. */
static size_t list_keys(const struct compiled *compiled, const struct policy *policy,
			bucket_keys keys)
{
	size_t count = 0;

	for (size_t i = 0; i < compiled->bucket_count && count < PCTL_BUCKETS; i++)
		if (compiled->buckets[i].limiting == LIMITING_RATE)
			bucket_key(&compiled->buckets[i], policy, keys[count++]);
	return count;
}

static bool has_key(bucket_keys keys, size_t count, const char *key)
{
	for (size_t i = 0; i < count && *key; i++)
		if (!memcmp(keys[i], key, PCTL_BUCKET_KEY))
			return true;
	return false;
}

/* The policy before says which elements its programs use. */
static int read_previous(struct assignment *assignment, const struct generation *previous)
{
	struct generation opened = GENERATION_EMPTY;
	struct compiled *compiled = NULL;
	struct policy *policy = NULL;
	int error;

	if (!previous || !attachment_map_wanted(previous, MAP_BUCKETS))
		return 0;
	error = generation_open(previous->path, previous->number, &opened);
	error = error ?: generation_policy(&opened, &policy);
	error = error ?: policy_buckets(policy, &compiled);
	if (!error)
		assignment->previous_count = list_keys(compiled, policy, assignment->previous);
	compiled_free(compiled);
	policy_free(policy);
	generation_close(&opened);
	return error;
}

static int read_elements(struct assignment *assignment)
{
	for (uint32_t i = 0; i < PCTL_BUCKETS; i++)
		if (bpf_map_lookup_elem(assignment->fd, &i, &assignment->elements[i]))
			return error_set(-errno, "cannot read the buckets: %m");
	return 0;
}

static uint32_t find_element(const struct assignment *assignment, const char *key)
{
	for (uint32_t i = 1; i < PCTL_BUCKETS; i++)
		if (!memcmp(assignment->elements[i].key, key, PCTL_BUCKET_KEY))
			return i;
	return 0;
}

/* One that neither policy uses. There is one: BUCKETS_MAX. */
static uint32_t free_element(struct assignment *assignment)
{
	for (uint32_t i = 1; i < PCTL_BUCKETS; i++)
		if (!has_key(assignment->previous, assignment->previous_count,
			     assignment->elements[i].key) &&
		    !has_key(assignment->keys, assignment->count, assignment->elements[i].key))
			return i;
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec now = {};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static uint64_t burst_of(const struct limit *limit)
{
	uint64_t burst = limit_burst_ns(limit);

	return PCTL_BUCKET_TIME(burst > PCTL_BURST_MIN_NS ? burst : PCTL_BURST_MIN_NS);
}

/* A new one is full. One whose burst is smaller now need not wait for what the larger one took. */
static int assign_one(struct assignment *assignment, const struct limit *limit, const char *key,
		      uint32_t *index)
{
	struct pctl_bucket *element;
	bool found;

	*index = find_element(assignment, key);
	found = *index && has_key(assignment->previous, assignment->previous_count, key);
	if (!*index)
		*index = free_element(assignment);
	element = &assignment->elements[*index];
	if (found && element->full_at <= PCTL_BUCKET_TIME(now_ns()) + burst_of(limit))
		return 0;
	if (!found)
		element->serial = (uint32_t)unique_number();
	element->full_at = 0;
	memcpy(element->key, key, PCTL_BUCKET_KEY);
	if (bpf_map_update_elem(assignment->fd, index, element, 0))
		return error_set(-errno, "cannot write the buckets: %m");
	return 0;
}

static uint64_t cost_of(const struct limit *limit)
{
	double seconds = (limit->packets ? 1.0 : 8.0) / (double)limit->rate;

	return (uint64_t)(seconds * (double)PCTL_BUCKET_TIME(SECOND_NS) *
				  (double)(1u << PCTL_COST_SHIFT) +
			  0.5);
}

static void fill_in(const struct assignment *assignment, const uint32_t *indexes,
		    struct pctl_treatment *treatments)
{
	const struct compiled *compiled = assignment->compiled;

	for (size_t i = 0; i < (size_t)compiled->slots * PCTL_DIRECTIONS; i++) {
		struct pctl_treatment *treatment = &treatments[i];
		const struct limit *limit;
		uint32_t number = treatment->bucket;

		if (!number)
			continue;
		limit = &compiled->buckets[number - 1].limit;
		treatment->bucket = indexes[number - 1];
		treatment->serial = assignment->elements[treatment->bucket].serial;
		treatment->burst = burst_of(limit);
		treatment->cost = cost_of(limit);
	}
}

static int assign_all(struct assignment *assignment, const struct generation *previous,
		      struct pctl_treatment *treatments)
{
	const struct compiled *compiled = assignment->compiled;
	_cleanup_(freep) uint32_t *indexes = calloc(compiled->bucket_count, sizeof(*indexes));
	int error = indexes ? 0 : -ENOMEM;
	size_t number = 0;

	error = error ?: read_previous(assignment, previous);
	error = error ?: read_elements(assignment);
	for (size_t i = 0; i < compiled->bucket_count && !error; i++)
		if (compiled->buckets[i].limiting == LIMITING_RATE)
			error = assign_one(assignment, &compiled->buckets[i].limit,
					   assignment->keys[number++], &indexes[i]);
	if (!error)
		fill_in(assignment, indexes, treatments);
	return error;
}

int buckets_assign(const struct policy_bpf *skeleton, const struct compiled *compiled,
		   const struct generation_input *input, struct pctl_treatment *treatments)
{
	struct assignment *assignment;
	int error;

	if (!(compiled->treats & PCTL_TREATS_RATE))
		return 0;
	assignment = calloc(1, sizeof(*assignment));
	if (!assignment)
		return -ENOMEM;
	assignment->compiled = compiled;
	assignment->count = list_keys(compiled, input->plan->policy, assignment->keys);
	assignment->fd = bpf_map__fd(skeleton->maps.buckets);
	error = assign_all(assignment, input->previous, treatments);
	free(assignment);
	return error;
}
