/* SPDX-License-Identifier: GPL-2.0-only */
/* A step of generation_make(): the live sets of its policy. */
#ifndef PCTL_LIVE_PLACE_H
#define PCTL_LIVE_PLACE_H

#include "generation.h"

struct policy_bpf;

/*
 * Finds or makes the live sets that rules ask for, gives the object their maps, and the programs
 * their numbers (struct pctl_classes.live). A policy without any gets no maps.
 */
int live_place(struct policy_bpf *skeleton, const struct generation_input *input,
	       struct generation *generation);

#endif
