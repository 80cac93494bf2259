/* SPDX-License-Identifier: GPL-2.0-only */
/* Pseudo-random numbers, the same in every run. */
#ifndef BENCH_NUMBERS_H
#define BENCH_NUMBERS_H

#include <stdint.h>

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits. */
static inline uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* A bijection of the numbers below 2^bits. */
static inline uint64_t scatter(uint64_t x, unsigned int bits)
{
	uint64_t mask = (1ull << bits) - 1;

	for (int i = 0; i < 3; i++) {
		x = (x * 0x9e3779b97f4a7c15 + 0x7f4a7c15) & mask;
		x ^= x >> (bits / 2);
	}
	return x;
}

#endif
