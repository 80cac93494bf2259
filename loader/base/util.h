/* SPDX-License-Identifier: GPL-2.0-only */
/* Cleanup of file descriptors, as cleanup.h has it for memory. */
#ifndef PCTL_UTIL_H
#define PCTL_UTIL_H

#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The descriptor in a variable, which _cleanup_(closep) then no longer closes. */
#define TAKE_FD(fd)             \
	({                      \
		int fd_ = (fd); \
		(fd) = -1;      \
		fd_;            \
	})

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#endif
