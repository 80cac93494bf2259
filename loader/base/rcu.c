// SPDX-License-Identifier: GPL-2.0-only
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rcu.h"

void wait_for_running_programs(void)
{
	const struct timespec long_enough = { .tv_nsec = 100 * 1000 * 1000 };

	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&long_enough, NULL); /* the kernel refuses it with nohz_full */
}
