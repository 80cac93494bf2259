/* SPDX-License-Identifier: GPL-2.0-only */
/* DNS names for the programs: constants and maps (kern/abi_names.h). */
#ifndef PCTL_NAMES_PLACE_H
#define PCTL_NAMES_PLACE_H

#include "generation.h"

struct policy_bpf;

/* Before an object is loaded, and behind live_place(): what the programs are to read, and the maps
 * of the attachment for it, those that are there or new ones, or none. Sets meta.names. */
int names_place(struct policy_bpf *skeleton, const struct generation_input *input,
		struct generation *generation);

/* Once its maps are made: the names. */
int names_fill(const struct policy_bpf *skeleton, const struct compiled *compiled);

#endif
