/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs programs over many frames and measures the time. */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "driver.h"

enum bench_hook {
	BENCH_XDP,
	BENCH_TC,
	BENCH_HOOKS,
};

/* One thing to measure. */
struct work {
	enum bench_hook hook;
	int program;
	bool frags; /* an XDP program that takes frames in pieces */
	/* Frames to send, in turn: `count` (a power of two) from `first` on. Of one frame alone the
	 * program is run directly, without the driver, unless `driven`. */
	uint32_t first, count;
	bool driven;
	uint32_t runs; /* how many in one measurement */
};

struct harness;

/* @frames: how many it can hold. NULL: the kernel refused; the reason was printed. */
struct harness *harness_new(uint32_t frames);
void harness_free(struct harness *harness);

/* Where to write the frames. */
struct driver_frame *harness_frames(struct harness *harness);

/* The program that only passes, to compare @work with. */
int harness_pass(const struct harness *harness, const struct work *work);

/* Nanoseconds of this thread's CPU time for each run, or less than 0: the kernel refused. */
double harness_measure(struct harness *harness, const struct work *work);

/* Whether an XDP program takes frames in pieces. The kernel does not report it, so this tries. */
bool harness_frags(const struct harness *harness, int program);

/* What the program returns for one frame; -EINVAL: the kernel refused. */
int harness_verdict(const struct harness *harness, int program, uint32_t frame);

#endif
