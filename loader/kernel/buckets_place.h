/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_BUCKETS_PLACE_H
#define PCTL_BUCKETS_PLACE_H

#include "compiled.h"
#include "generation.h"

struct policy_bpf;

/* Before an object is loaded: gives it the attachment's buckets, those that are there or new ones,
 * or none. */
int buckets_place(struct policy_bpf *skeleton, const struct generation_input *input,
		  struct generation *generation);

/*
 * When its maps are there: gives each bucket of the policy an element of `buckets`, the one that
 * `previous` has for the same, else one that `previous` does not use. Writes into the treatments
 * which one it is, and what it costs.
 * @treatments: a copy of compiled->treatments
 */
int buckets_assign(const struct policy_bpf *skeleton, const struct compiled *compiled,
		   const struct generation_input *input, struct pctl_treatment *treatments);

#endif
