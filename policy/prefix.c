/* SPDX-License-Identifier: GPL-2.0-only */
#include "prefix.h"

/* The first @length bits, from the highest on. */
static void mask(unsigned int length, uint64_t *high, uint64_t *low)
{
	*high = !length ? 0 : length >= 64 ? UINT64_MAX : UINT64_MAX << (64 - length);
	*low = length <= 64 ? 0 : UINT64_MAX << (128 - length);
}

bool prefix_is_aligned(const struct prefix *prefix)
{
	uint64_t high, low;

	mask(prefix->length, &high, &low);
	return !(prefix->high & ~high) && !(prefix->low & ~low);
}

void prefix_align(struct prefix *prefix)
{
	uint64_t high, low;

	mask(prefix->length, &high, &low);
	prefix->high &= high;
	prefix->low &= low;
}

bool prefix_holds(const struct prefix *outer, const struct prefix *inner)
{
	return outer->family == inner->family && outer->length <= inner->length &&
	       prefix_common(outer, inner) >= outer->length;
}

bool prefix_next(const struct prefix *prefix, struct prefix *address)
{
	struct prefix next = *prefix;

	next.length = (uint8_t)family_bits(prefix->family);
	if (!prefix->length)
		return false;
	if (prefix->length <= 64) {
		next.high += UINT64_C(1) << (64 - prefix->length);
	} else {
		next.low += UINT64_C(1) << (128 - prefix->length);
		next.high += !next.low;
	}
	*address = next;
	return next.high || next.low;
}
