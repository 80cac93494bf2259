/* SPDX-License-Identifier: GPL-2.0-only */
/* Which classes are in a list: the inverse of which lists contain a class. */
#ifndef PCTL_MEMBERS_H
#define PCTL_MEMBERS_H

#include "intern.h"

/* The classes of list i are classes[ends[i - 1]] to classes[ends[i] - 1], in ascending order. */
struct members {
	uint32_t *classes;
	uint32_t *ends;
};

/*
 * @sets: for each class, from number @first on, the lists that contain it
 * @list_count: how many lists there are
 * 0 or -ENOMEM.
 */
int members_collect(struct members *members, const struct intern *sets, uint32_t first,
		    size_t list_count);
void members_clear(struct members *members);

static inline const uint32_t *members_of(const struct members *members, uint32_t list,
					 size_t *count)
{
	uint32_t start = list ? members->ends[list - 1] : 0;

	*count = members->ends[list] - start;
	return members->classes + start;
}

#endif
