// SPDX-License-Identifier: GPL-2.0-only
#include "timings.h"

const double timing_bounds[TIMING_BUCKETS] = {
	0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025,
	0.05,	 0.1,	 0.25,	0.5,   1,     2.5,   5,	   10,
};

void histogram_add(struct histogram *histogram, double seconds)
{
	unsigned int bucket = 0;

	while (bucket < TIMING_BUCKETS && seconds > timing_bounds[bucket])
		bucket++;
	histogram->buckets[bucket]++;
	histogram->count++;
	histogram->sum += seconds;
}

void histogram_write(FILE *out, const struct histogram *histogram, const char *name,
		     const char *labels)
{
	const char *comma = *labels ? "," : "", *open = *labels ? "{" : "",
		   *close = *labels ? "}" : "";
	unsigned long long below = 0;

	for (unsigned int i = 0; i < TIMING_BUCKETS; i++) {
		below += histogram->buckets[i];
		fprintf(out, "%s_bucket{%s%sle=\"%g\"} %llu\n", name, labels, comma,
			timing_bounds[i], below);
	}
	fprintf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma,
		(unsigned long long)histogram->count);
	fprintf(out, "%s_sum%s%s%s %.9g\n", name, open, labels, close, histogram->sum);
	fprintf(out, "%s_count%s%s%s %llu\n", name, open, labels, close,
		(unsigned long long)histogram->count);
}
