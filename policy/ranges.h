/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of numbers as lists of inclusive ranges. In a rule, a set that was not given holds every
 * number. */
#ifndef PCTL_RANGES_H
#define PCTL_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Inclusive at both ends. */
struct range {
	uint16_t low;
	uint16_t high;
};

/* What this library makes is sorted, and no two ranges overlap or touch. */
struct ranges {
	struct range *items;
	size_t count; /* 0: not given, every number matches */
};

/* Appends one. The caller keeps *capacity, 0 at first. 0 or -ENOMEM. */
int ranges_add(struct ranges *ranges, size_t *capacity, struct range range);

/* Makes the set sorted, with no two ranges that overlap or touch. */
void ranges_normalise(struct ranges *ranges);

/*
 * The numbers up to @max that are not in @ranges, which is normalised. An empty result means that
 * there is none. The caller clears it. 0 or -ENOMEM.
 */
int ranges_complement(const struct ranges *ranges, unsigned int max, struct ranges *result);

/* 0 or -ENOMEM. */
int ranges_copy(struct ranges *to, const struct ranges *from);
void ranges_clear(struct ranges *ranges);

/* A set that was not given holds every number. */
bool ranges_match(const struct ranges *ranges, unsigned int value);
bool ranges_overlap(const struct ranges *a, const struct ranges *b);
/* Whether @outer, which is normalised, holds all of @inner. */
bool ranges_cover(const struct ranges *outer, const struct ranges *inner);

#endif
