/* SPDX-License-Identifier: GPL-2.0-only */
/* A sweep over the 16-bit numbers from 0 up. At each number it knows the active things: those
 * that were noted with a stretch that contains the number. */
#ifndef PCTL_SWEEP_H
#define PCTL_SWEEP_H

#include "words.h"

#define SWEEP_SIZE 65536

struct sweep {
	struct words active; /* the things that contain the number, sorted */
	struct words things, nexts; /* linked lists of the things that begin or end at a number */
	struct words changing, merged; /* scratch */
	uint32_t at[SWEEP_SIZE + 1]; /* the first of each list, plus 1; 0: none */
};

/* NULL without memory. */
struct sweep *sweep_new(void);
void sweep_free(struct sweep *sweep);

static inline void sweep_freep(struct sweep **sweep) /* for _cleanup_ */
{
	sweep_free(*sweep);
}

/* Forgets everything. */
void sweep_clear(struct sweep *sweep);

/* Notes that @thing contains @low to @high; stretches of one thing do not overlap. 0 or -ENOMEM. */
int sweep_note(struct sweep *sweep, uint32_t low, uint32_t high, uint32_t thing);

int sweep_change(struct sweep *sweep, uint32_t number);

/* Goes on to @number, which is 0 or the last number plus 1. 1: `active` changed; 0: it did not;
 * -ENOMEM. */
static inline int sweep_step(struct sweep *sweep, uint32_t number)
{
	return sweep->at[number] ? sweep_change(sweep, number) : 0;
}

#endif
