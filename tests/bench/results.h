/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of the results: a program, and packets that it passes or drops. */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "harness.h"
#include "loaded.h"

struct result {
	const struct loaded *loaded;
	const char *program; /* where it runs: `xdp native`, `tc` */
	bool drops;
	struct work work, pass; /* the program, and the pass-only program to compare it with */
	double *samples; /* nanoseconds above `pass`, one a round; sorted by results_print() */
	struct result *next;
};

struct results {
	struct harness *harness;
	unsigned int rounds;
	uint32_t spread; /* how many different packets, where there are many */
	uint32_t runs; /* how often a packet is sent in a round, at least */
	uint32_t used; /* frames */
	struct result *first;
};

/* How many frames results_add() will use. */
uint32_t results_frames(const struct results *results, const struct subject *subject);

/* Ends the program if a verdict is not as expected. */
void results_add(struct results *results, const struct loaded *loaded);

/* Measures each once, the pass-only program right before it, so that other load meets both. -1:
 * the kernel refused; the reason was printed. */
int results_measure(struct results *results, unsigned int round);

/* A table on standard output, JSON lines to @json unless it is NULL. */
void results_print(struct results *results, FILE *json);

void results_clear(struct results *results);

#endif
