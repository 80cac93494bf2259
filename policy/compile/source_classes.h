/* SPDX-License-Identifier: GPL-2.0-only */
/* The classes of source ports in one direction: two ports have one class if the same lists of
 * source ports contain them. Class 0: in no list. */
#ifndef PCTL_SOURCE_CLASSES_H
#define PCTL_SOURCE_CLASSES_H

#include "members.h"
#include "traits.h"

struct budget;

struct source_classes {
	uint32_t count; /* 0: no rule matches on source ports */
	uint16_t *classes; /* of each port */
	bool outside_occurs; /* some port has class 0; each other class has a port */
	struct members members; /* the classes of the ports in each list */
};

/* 0, -ENOMEM, or -E2BIG: *budget says why. */
int source_classes_build(struct source_classes *classes, const struct traits *traits,
			 enum pctl_direction direction, struct budget *budget);
void source_classes_clear(struct source_classes *classes);

#endif
