/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples made by hand, in place of the kernel's counters. */
#ifndef PCTL_TEST_SAMPLES_H
#define PCTL_TEST_SAMPLES_H

#include "sample.h"

/* A row with `packets` of 100 bytes each in each of its directions. */
struct sample_row row_of(enum counter_kind kind, enum verdict verdict, uint32_t id_or_slot,
			 uint64_t packets);

#define BOTH ((1u << PCTL_FROM) | (1u << PCTL_TO))

/* An attachment with copies of these rows and the totals that follow from them. */
struct sample_item item_of(uint32_t ifindex, const char *name, const struct sample_row *rows,
			   size_t count);

/* A sample taken at this second, which takes the items over. */
struct sample sample_of(double clock, const struct sample_item *items, size_t count);

#endif
