/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The classes in which packets wait that a rule with `shape` passes. The programs choose among them
 * by number; the queues themselves are qdiscs, outside of the programs, so a generation remembers
 * which it wants. A rule or a bucket that stays keeps its number through changes of policy, and so
 * what waits there.
 */
#ifndef PCTL_SHAPE_CLASSES_H
#define PCTL_SHAPE_CLASSES_H

#include "generation.h"
#include "treatments_compile.h"

/* In one policy. During a change the classes of two of them are there. */
#define SHAPE_CLASSES_MAX 1024

/* An element of the pinned map `classes`. */
struct shape_class {
	char key[BUCKET_KEY]; /* bucket_key() */
	uint32_t minor; /* the minor number of its classid */
	uint32_t directions; /* bits 1 << enum pctl_direction: in each of them it is one class */
	uint64_t rate; /* bits a second, of IP bytes */
	uint64_t burst_ns; /* at this rate; at once, without waiting */
};

/* Bits 1 << enum pctl_direction: in which a policy has packets wait. */
unsigned int shape_directions(const struct compiled *compiled);

/*
 * The classes that a policy wants, in the order of its buckets, malloc'd; *classes is NULL if it
 * wants none. -E2BIG: more than SHAPE_CLASSES_MAX.
 * @plan: the policy has its ids
 * @previous: the generation in force, NULL: none
 * @meta: is told how many there are, and in which directions
 */
int shape_classes_number(const struct plan *plan, const struct generation *previous,
			 struct shape_class **classes, struct meta *meta);

/* Puts their numbers into treatments[], a copy of compiled->treatments, in the place of those of
 * buckets. */
void shape_classes_place(const struct compiled *compiled, const struct shape_class *classes,
			 struct pctl_treatment *treatments);

/* Those that a generation wants, malloc'd. */
int generation_shape_classes(const struct generation *generation, struct shape_class **classes,
			     size_t *count);

#endif
