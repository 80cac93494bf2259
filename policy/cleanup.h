/* SPDX-License-Identifier: GPL-2.0-only */
/* Ownership that can be read in one function: a variable declared _cleanup_ is freed when it
 * goes out of scope, unless TAKE_PTR() has handed it on. */
#ifndef PCTL_CLEANUP_H
#define PCTL_CLEANUP_H

#include <stdlib.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define TAKE_PTR(pointer)                               \
	__extension__({                                 \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

/* For _cleanup_(freep) on any pointer. */
static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

#endif
