// SPDX-License-Identifier: GPL-2.0-only
#include "shape_classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "util.h"

/* A packet that comes back from waiting has the classid as its priority still. Qdiscs of other
 * devices look at the lower 4 bits of it (pfifo_fast, prio, mqprio): they stay 0. */
#define MINOR_STEP 16
#define MINOR_END 0xfff0

static const struct shape_class *find(const struct shape_class *classes, size_t count,
				      const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(classes[i].key, key))
			return &classes[i];
	return NULL;
}

/* The next number that no class has. There are three times as many as classes of two policies. */
static uint32_t free_minor(uint32_t *last, const bool taken[])
{
	do
		*last += MINOR_STEP;
	while (taken[*last / MINOR_STEP]);
	return *last;
}

unsigned int shape_directions(const struct compiled *compiled)
{
	unsigned int directions = 0;

	for (size_t i = 0; i < compiled->bucket_count; i++)
		if (compiled->buckets[i].limiting == LIMITING_SHAPE)
			directions |= compiled->buckets[i].directions;
	return directions;
}

static size_t count_shaped(const struct compiled *compiled)
{
	size_t count = 0;

	for (size_t i = 0; i < compiled->bucket_count; i++)
		count += compiled->buckets[i].limiting == LIMITING_SHAPE;
	return count;
}

static void number(const struct plan *plan, const struct shape_class *old, size_t old_count,
		   struct shape_class *classes)
{
	const struct compiled *compiled = plan->compiled;
	bool taken[MINOR_END / MINOR_STEP + 1] = {};
	uint32_t last = 0;

	for (size_t i = 0; i < old_count; i++)
		taken[old[i].minor / MINOR_STEP] = true;
	for (size_t i = 0; i < compiled->bucket_count; i++) {
		const struct compiled_bucket *bucket = &compiled->buckets[i];
		const struct shape_class *before;
		char key[BUCKET_KEY];

		if (bucket->limiting != LIMITING_SHAPE)
			continue;
		bucket_key(bucket, plan->policy, key);
		before = find(old, old_count, key);
		*classes = (struct shape_class){
			.minor = before ? before->minor : free_minor(&last, taken),
			.directions = bucket->directions,
			.rate = bucket->limit.rate,
			.burst_ns = limit_shape_burst_ns(&bucket->limit),
		};
		memcpy(classes->key, key, sizeof(key));
		classes++;
	}
}

/* By its path, since a process that loads has not the descriptors of others. */
static int read_previous(const struct generation *previous, struct shape_class **classes,
			 size_t *count)
{
	struct generation opened = GENERATION_EMPTY;
	int error;

	if (!previous->meta.class_count)
		return 0;
	error = generation_open(previous->path, previous->number, &opened);
	error = error ?: generation_shape_classes(&opened, classes, count);
	generation_close(&opened);
	return error;
}

int shape_classes_number(const struct plan *plan, const struct generation *previous,
			 struct shape_class **classes, struct meta *meta)
{
	const struct compiled *compiled = plan->compiled;
	_cleanup_(freep) struct shape_class *old = NULL;
	size_t wanted = count_shaped(compiled), old_count = 0;
	int error = 0;

	*classes = NULL;
	meta->class_count = wanted;
	meta->shapes = shape_directions(compiled);
	if (!wanted)
		return 0;
	if (wanted > SHAPE_CLASSES_MAX)
		return error_set(-E2BIG, "%zu rules and buckets have `shape`: there can be %d",
				 wanted, SHAPE_CLASSES_MAX);
	if (previous)
		error = read_previous(previous, &old, &old_count);
	if (error)
		return error;
	*classes = calloc(wanted, sizeof(**classes));
	if (!*classes)
		return -ENOMEM;
	number(plan, old, old_count, *classes);
	return 0;
}

void shape_classes_place(const struct compiled *compiled, const struct shape_class *classes,
			 struct pctl_treatment *treatments)
{
	for (size_t i = 0; i < (size_t)compiled->slots * PCTL_DIRECTIONS; i++) {
		size_t before = 0; /* shaped buckets before this one */

		if (!treatments[i].shape)
			continue;
		for (uint32_t bucket = 0; bucket + 1 < treatments[i].shape; bucket++)
			before += compiled->buckets[bucket].limiting == LIMITING_SHAPE;
		treatments[i].shape = classes[before].minor;
	}
}

int generation_shape_classes(const struct generation *generation, struct shape_class **classes,
			     size_t *count)
{
	size_t size = generation->meta.class_count * sizeof(**classes);
	int error;

	*count = 0;
	*classes = NULL;
	if (!size)
		return 0;
	*classes = malloc(size);
	if (!*classes)
		return -ENOMEM;
	error = map_read(generation->maps[MAP_CLASSES], "classes", *classes, size);
	if (error) {
		free(*classes);
		*classes = NULL;
		return error;
	}
	*count = generation->meta.class_count;
	return 0;
}
