/* SPDX-License-Identifier: GPL-2.0-only */
#include "peers_have.h"

/* Whether the address begins with the prefix. */
static bool is_in_prefix(const struct prefix *prefix, uint8_t family, const uint8_t *address)
{
	if (prefix->family != family)
		return false;
	for (unsigned int bit = 0; bit < prefix->length; bit++) {
		uint64_t half = bit < 64 ? prefix->high : prefix->low;
		unsigned int expected = half >> (63 - bit % 64) & 1;

		if ((address[bit / 8] >> (7 - bit % 8) & 1) != expected)
			return false;
	}
	return true;
}

static bool is_in_prefixes(const struct prefixes *prefixes, uint8_t family, const uint8_t *address)
{
	for (size_t i = 0; i < prefixes->count; i++)
		if (is_in_prefix(&prefixes->items[i], family, address))
			return true;
	return false;
}

/* The best answer that one of them gives. */
static enum answer either(enum answer a, enum answer b)
{
	return a > b ? a : b;
}

/* Of a live set: an address that is no member, or is no longer one. */
static enum answer is_stranger(const struct set *set)
{
	return set->loaded ? NO : MAYBE;
}

static enum answer is_in_live(const struct set *set, uint8_t family, const uint8_t *address,
			      enum pctl_established established)
{
	if (is_in_prefixes(&set->prefixes, family, address))
		return YES;
	if (!is_in_prefixes(&set->expired, family, address))
		return is_stranger(set);
	switch (established) {
	case PCTL_ESTABLISHED_YES:
		return YES;
	case PCTL_ESTABLISHED_NO:
		return is_stranger(set);
	default:
		return MAYBE;
	}
}

enum answer peers_have(const struct peers *peers, uint8_t family, const uint8_t *address,
		       enum pctl_established established)
{
	enum answer answer = is_in_prefixes(&peers->prefixes, family, address) ? YES : NO, one;

	for (size_t i = 0; i < peers->set_count; i++) {
		const struct set *set = peers->sets[i];

		if (set->live)
			one = is_in_live(set, family, address, established);
		else
			one = is_in_prefixes(&set->prefixes, family, address) ? YES : NO;
		answer = either(answer, one);
	}
	return negate(answer, peers->negated);
}
