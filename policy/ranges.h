/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of numbers as lists of inclusive ranges. In a rule, a set that was not given holds
 * everything. */
#ifndef PCTL_RANGES_H
#define PCTL_RANGES_H

#include "policy.h"

/* Appends one; *capacity is the caller's, 0 at first. 0 or -ENOMEM. */
int ranges_add(struct ranges *ranges, size_t *capacity, struct range range);

/* The one way to write this set: sorted, nothing overlapping or touching. */
void ranges_normalise(struct ranges *ranges);

/* What is not in @ranges, which is normalised, up to @max; the caller clears the result. Nothing at
 * all is an empty list. 0 or -ENOMEM. */
int ranges_complement(const struct ranges *ranges, unsigned int max, struct ranges *result);

/* 0 or -ENOMEM. */
int ranges_copy(struct ranges *to, const struct ranges *from);
void ranges_clear(struct ranges *ranges);

/* A set that was not given holds every value. */
bool ranges_match(const struct ranges *ranges, unsigned int value);
bool ranges_overlap(const struct ranges *a, const struct ranges *b);
/* Whether @outer, which is normalised, holds all of @inner. */
bool ranges_cover(const struct ranges *outer, const struct ranges *inner);

#endif
