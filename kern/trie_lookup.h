/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an address to its class: the walk through the tries that abi.h describes.
 */
#ifndef PCTL_TRIE_LOOKUP_H
#define PCTL_TRIE_LOOKUP_H

#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* What is left of an address: the next bit is the highest of `high`. */
struct address {
	__u64 high, low;
};

/* A lookup under way. */
struct walk {
	struct address address;
	__u32 reference;
};

/* Most lookups end after so many steps, and these are in line. The others go on in a loop that
 * costs a call for each step, but that the verifier walks once. */
#define TRIE_STEPS_NEAR 6

/* Drops the first `bits` bits, 1 to 64. In two shifts, since one by 64 is not defined. */
static __always_inline void advance(struct address *address, __u32 bits)
{
	__u32 most = (bits - 1) & 63;

	address->high = (address->high << most << 1) | (address->low >> (63 - most));
	address->low = address->low << most << 1;
}

/*
 * From a reference to the next; false: it is a leaf, the last one. `missing` is the leaf in place
 * of a cell that is not there. Always inline, so that the map is the same for each instruction and
 * the verifier makes of the lookup what an array costs.
 */
static __always_inline bool step(void *map, struct walk *walk, __u32 missing)
{
	__u32 bits = PCTL_REFERENCE_STRIDE(walk->reference); /* of a jump 0 */
	bool jumps = PCTL_REFERENCE_KIND(walk->reference) == PCTL_JUMP;
	__u32 entry = walk->address.high >> 1 >> (63 - bits);
	__u32 index = PCTL_REFERENCE_CELL(walk->reference) + entry / 4;
	union pctl_cell *cell;

	if (PCTL_REFERENCE_KIND(walk->reference) == PCTL_LEAF)
		return false;
	cell = bpf_map_lookup_elem(map, &index);
	if (!cell) {
		walk->reference = missing;
		return false;
	}
	walk->reference = cell->references[entry % 4];
	if (jumps) {
		bits = PCTL_JUMP_SKIP(cell->jump.outside);
		walk->reference = cell->jump.inside;
		if ((walk->address.high ^ cell->jump.bits) >> (64 - bits)) {
			walk->reference = PCTL_REFERENCE_RESULT(cell->jump.outside);
			return false;
		}
	}
	advance(&walk->address, bits);
	return true;
}

/*
 * Defines walk_MAP(reference, high, low): the result for an address in the trie of that map;
 * `unknown` where the trie is not what it should be.
 */
#define TRIE_LOOKUP(map, unknown)                                                       \
	static long step_##map(__u32 i, struct walk *walk)                              \
	{                                                                               \
		return !step(&map, walk, PCTL_REFERENCE(PCTL_LEAF, unknown));           \
	}                                                                               \
	static __always_inline __u32 walk_##map(__u32 reference, __u64 high, __u64 low) \
	{                                                                               \
		struct walk near = { { high, low }, reference }, far;                   \
                                                                                        \
		for (int i = 0; i < TRIE_STEPS_NEAR; i++)                               \
			if (!step(&map, &near, PCTL_REFERENCE(PCTL_LEAF, unknown)))     \
				return PCTL_REFERENCE_RESULT(near.reference);           \
		far = near;                                                             \
		bpf_loop(PCTL_TRIE_STEPS - TRIE_STEPS_NEAR, step_##map, &far, 0);       \
		return PCTL_REFERENCE_KIND(far.reference) == PCTL_LEAF                  \
			       ? PCTL_REFERENCE_RESULT(far.reference)                   \
			       : (unknown);                                             \
	}

#endif
