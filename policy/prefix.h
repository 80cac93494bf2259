/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic on one struct prefix. */
#ifndef PCTL_PREFIX_H
#define PCTL_PREFIX_H

#include "policy.h"

/* How many bits an address of this family has. */
static inline unsigned int family_bits(unsigned int family)
{
	return family == PCTL_IPV4 ? 32 : 128;
}

/* The 64 bits from bit @from on, 0 being the first; behind the 128th come zeros. */
static inline uint64_t prefix_bits(const struct prefix *prefix, unsigned int from)
{
	if (!from)
		return prefix->high;
	if (from < 64)
		return prefix->high << from | prefix->low >> (64 - from);
	return from < 128 ? prefix->low << (from - 64) : 0;
}

/* How many leading bits the two addresses share, their lengths left aside. */
static inline unsigned int prefix_common(const struct prefix *a, const struct prefix *b)
{
	if (a->high != b->high)
		return (unsigned int)__builtin_clzll(a->high ^ b->high);
	return a->low == b->low ? 128 : 64 + (unsigned int)__builtin_clzll(a->low ^ b->low);
}

/* The order of trees: an outer prefix comes right before what is in it. Negative, 0, positive. */
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

#endif
