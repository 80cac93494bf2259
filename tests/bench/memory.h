/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stdint.h>

struct generation;

/* Bytes of kernel memory of all programs and maps of a generation, as the kernel accounts them
 * (`memlock` in /proc/self/fdinfo); a map that several use counts once. */
uint64_t memory_of_generation(const struct generation *generation);

/* The same for one program and its maps. */
uint64_t memory_of_program(int fd);

#endif
