/* SPDX-License-Identifier: GPL-2.0-only */
/* Random policies and random frames, made to meet: few ports, few ids, all the ways a frame can be
 * odd. */
#ifndef PROG_RANDOM_INPUT_H
#define PROG_RANDOM_INPUT_H

#include "frame.h"

/* xorshift64*: the same numbers everywhere, unlike rand(). Must not be 0. */
struct random {
	uint64_t state;
};

uint32_t random_below(struct random *random, uint32_t bound);

/* A policy in the policy language; the caller frees. */
char *random_policy(struct random *random, unsigned int rules);

void random_frame(struct random *random, struct frame *frame);

#endif
