/* SPDX-License-Identifier: GPL-2.0-only */
/* How large the maps of a policy are, and which of them there are. */
#ifndef PCTL_MAP_SIZES_H
#define PCTL_MAP_SIZES_H

#include "compiled.h"
#include "generation.h"

struct policy_bpf;

/* How many elements `vlan_planes` and `treatments` have. */
size_t maps_vlan_planes(const struct compiled *compiled);
size_t maps_treatments(const struct compiled *compiled);

/* Sets the sizes of the maps that the compiler fills. What constants say is never asked is not
 * created. */
void maps_size(struct policy_bpf *skeleton, const struct compiled *c,
	       const struct generation *generation);

#endif
