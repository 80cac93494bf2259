/* SPDX-License-Identifier: GPL-2.0-only */
/* Later fragments take the verdict of their first one. */
#ifndef PCTL_EVALUATE_FRAGMENTS_H
#define PCTL_EVALUATE_FRAGMENTS_H

#include "evaluate.h"

/*
 * Remembers the verdict of a first fragment. Gives a later one, which is denied by itself, that of
 * its first one.
 * @with_vlan: rules of this direction match on VLANs
 * @may_follow: the first one tells what there is to know of the later one
 */
void fragment_evaluate(struct fragment_memory *memory, enum pctl_direction direction,
		       const struct packet_fields *fields, bool with_vlan, bool may_follow,
		       struct evaluation *evaluation);

#endif
