/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by driver.bpf.c and the harness. */
#ifndef BENCH_DRIVER_H
#define BENCH_DRIVER_H

#include <linux/types.h>

#define DRIVER_FRAME_WORDS 8

/* The first 64 bytes of a frame: Ethernet, IPv6 and ports fit in. */
struct driver_frame {
	__u64 words[DRIVER_FRAME_WORDS];
};

struct driver_state {
	__u32 first;
	__u32 mask;
	__u32 next;
};

#endif
