/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks of addresses as lists of bad networks have them: half are single addresses, a quarter are
 * IPv4 /24 or IPv6 /48, a quarter lie between. They do not overlap, and are scattered: IPv4 over
 * half of all addresses, IPv6 over 4096 /32 blocks all over 2000::/3.
 */
#ifndef BENCH_BLOCKS_H
#define BENCH_BLOCKS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy.h"

/* Block number @i of a family. */
struct prefix block_number(int family, uint64_t i);

/* Some address inside block number @i. */
struct prefix block_inside(int family, uint64_t i);

/* Some address outside the first @count blocks, another for each @i; one in 16 is next to one. */
struct prefix blocks_outside(int family, uint64_t i, size_t count);

void block_print(FILE *file, const struct prefix *prefix);

#endif
