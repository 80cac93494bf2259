/* SPDX-License-Identifier: GPL-2.0-only */
/* How long things took: histograms as Prometheus has them. */
#ifndef PCTL_TIMINGS_H
#define PCTL_TIMINGS_H

#include <stdint.h>
#include <stdio.h>

#define TIMING_BUCKETS 16

struct histogram {
	uint64_t buckets[TIMING_BUCKETS + 1]; /* by timing_bounds, the last one is above all */
	uint64_t count;
	double sum; /* seconds */
};

/* Upper bounds in seconds, 0.25 ms to 10 s. */
extern const double timing_bounds[TIMING_BUCKETS];

void histogram_add(struct histogram *histogram, double seconds);
/* In the text format, buckets cumulated. @labels: `stage="gate"`, or "" */
void histogram_write(FILE *out, const struct histogram *histogram, const char *name,
		     const char *labels);

#endif
