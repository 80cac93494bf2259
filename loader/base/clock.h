/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's clocks in nanoseconds. None of these functions fails. */
#ifndef PCTL_CLOCK_H
#define PCTL_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS 1000000ull
#define NS_PER_SECOND 1000000000ull

uint64_t clock_monotonic_ns(void); /* CLOCK_MONOTONIC: for durations and deadlines; never 0 */
uint64_t clock_boot_ns(void); /* CLOCK_BOOTTIME: the clock of BPF programs' events */
uint64_t clock_realtime_ns(void); /* CLOCK_REALTIME, since the epoch: only for people and files */

static inline double ns_to_seconds(uint64_t ns)
{
	return ns / 1e9;
}

static inline struct timespec ns_to_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };
}

#endif
