/* SPDX-License-Identifier: GPL-2.0-only */
/* The constants of the programs, which are set before they are loaded: kern/maps.h. */
#ifndef PCTL_CONSTANTS_H
#define PCTL_CONSTANTS_H

#include "compiled.h"
#include "generation.h"

struct policy_bpf;

/* Random, not 0. */
uint64_t unique_number(void);

/* In native mode a veth cannot send what it receives (XDP_TX). */
enum pctl_answers_by answers_by(const struct compiled *compiled, const struct meta *meta);

/* @generation: its meta and `own` are known */
void constants_set(struct policy_bpf *skeleton, const struct compiled *compiled,
		   const struct generation *generation);

#endif
