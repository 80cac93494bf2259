/* SPDX-License-Identifier: GPL-2.0-only */
/* The queues in which packets wait (shaping.h), as the kernel has them. */
#ifndef PCTL_SHAPED_H
#define PCTL_SHAPED_H

#include "netlink_shape.h"
#include "shape_classes.h"

/* A class in one direction, and what became of its packets. */
struct shaped {
	struct shape_class class;
	enum pctl_direction direction;
	bool there; /* in the kernel; without it packets do not wait */
	struct nl_class_state state; /* if so */
};

/* What to call it: "rule 3 from", "default to", "@slow from". */
#define SHAPED_NAME 72
void shaped_name(const struct shaped *shaped, char name[SHAPED_NAME]);

/* Has everything that a generation wants its queue? */
bool shaping_is_complete(struct nl *nl, const struct generation *generation);

/* All that a generation wants, the direction from first; the caller frees *all. */
int shaping_read(struct nl *nl, const struct generation *generation, struct shaped **all,
		 size_t *count);

#endif
