/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs and filters on the hooks of an attachment that are not its own. */
#ifndef PCTL_HOOK_NEIGHBOURS_H
#define PCTL_HOOK_NEIGHBOURS_H

#include "attachment.h"

struct neighbour {
	enum tc_hook hook;
	const struct filter *filter; /* NULL: a TCX program */
	uint32_t program; /* its id, 0: none */
	bool before; /* it runs before policyctl's own */
};

/* Calls @each for every neighbour: TCX programs first, then filters in the order in which they run.
 * Returns how many there are. */
size_t neighbours_each(const struct attachment *attachment,
		       void (*each)(const struct neighbour *neighbour, void *data), void *data);

/* "ingress" or "egress" */
const char *tc_hook_name(enum tc_hook hook);

#endif
