/* SPDX-License-Identifier: GPL-2.0-only */
/* One block of addresses. */
#ifndef PCTL_PREFIX_H
#define PCTL_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

/* Host byte order, aligned to the left: an IPv4 address is the first 32 bits of `high`. The bits
 * behind `length` are 0. */
struct prefix {
	uint64_t high, low;
	uint8_t family; /* enum pctl_family */
	uint8_t length; /* 0 to 32, 0 to 128 */
};

/* How many bits an address of this family has. */
static inline unsigned int family_bits(unsigned int family)
{
	return family == PCTL_IPV4 ? 32 : 128;
}

/* The 64 bits from bit @from on; bit 0 is the first. Bits behind the 128th are 0. */
static inline uint64_t prefix_bits(const struct prefix *prefix, unsigned int from)
{
	if (!from)
		return prefix->high;
	if (from < 64)
		return prefix->high << from | prefix->low >> (64 - from);
	return from < 128 ? prefix->low << (from - 64) : 0;
}

/* How many leading bits the two addresses share, whatever their lengths. */
static inline unsigned int prefix_common(const struct prefix *a, const struct prefix *b)
{
	if (a->high != b->high)
		return (unsigned int)__builtin_clzll(a->high ^ b->high);
	return a->low == b->low ? 128 : 64 + (unsigned int)__builtin_clzll(a->low ^ b->low);
}

/* Preorder of the tree of prefixes: an outer prefix comes right before those in it. Negative, 0,
 * positive. */
static inline int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (int)a->length - (int)b->length;
}

/* Whether all of @inner is in @outer. */
bool prefix_holds(const struct prefix *outer, const struct prefix *inner);
/* Whether the bits behind its length are 0. */
bool prefix_is_aligned(const struct prefix *prefix);
/* Clears the bits behind its length. */
void prefix_align(struct prefix *prefix);

/* Puts the first address behind a block into *address. False: the block is the last one of its
 * family. */
bool prefix_next(const struct prefix *prefix, struct prefix *address);

#endif
