/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of the results: a program, and packets that it passes or drops. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "harness.h"
#include "loaded.h"

struct row {
	const struct loaded *loaded;
	const char *program; /* where it runs: `xdp native`, `tc` */
	bool drops;
	struct work work, pass; /* it, and what it is compared with */
	double *samples; /* nanoseconds above `pass`, one a round; sorted by rows_print() */
	struct row *next;
};

struct rows {
	struct harness *harness;
	unsigned int rounds;
	uint32_t spread; /* how many packets where they are many */
	uint32_t runs; /* how often a packet is sent in a round, at least */
	uint32_t used; /* frames */
	struct row *first;
};

/* How many frames rows_add() will use. */
uint32_t rows_frames(const struct rows *rows, const struct subject *subject);

/* Ends the program if the verdicts are not what is expected. */
void rows_add(struct rows *rows, const struct loaded *loaded);

/* Measures each once, the pass-only program right before: what the machine does meanwhile meets
 * both. -1: the kernel refused, and why was printed. */
int rows_measure(struct rows *rows, unsigned int round);

/* A table on standard output, JSON lines to @json unless it is NULL. */
void rows_print(struct rows *rows, FILE *json);

void rows_clear(struct rows *rows);

#endif
