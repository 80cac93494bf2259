/* SPDX-License-Identifier: GPL-2.0-only */
/* What cleanup.h has for memory, for file descriptors. */
#ifndef PCTL_UTIL_H
#define PCTL_UTIL_H

#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The value of a variable whose _cleanup_(closep) must no longer close it. */
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
