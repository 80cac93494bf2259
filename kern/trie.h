/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an address to its class: the walk through the tries that abi.h describes.
 */
#ifndef PCTL_TRIE_H
#define PCTL_TRIE_H

#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* What is left of an address: the next bit is the highest of `high`. */
struct address {
	__u64 high, low;
};

/* Drops the first `bits` bits, 1 to 64. In two shifts, since one by 64 is not defined. */
static __always_inline void advance(struct address *address, __u32 bits)
{
	__u32 most = (bits - 1) & 63;

	address->high = (address->high << most << 1) | (address->low >> (63 - most));
	address->low = address->low << most << 1;
}

/*
 * One step: *reference, which is no leaf, becomes the next; false: the cell is not there. Always
 * inline, so that the map is the same for each instruction and the verifier makes of the lookup
 * what an array costs.
 */
static __always_inline bool step(void *map, __u32 *reference, struct address *address)
{
	bool jumps = PCTL_REFERENCE_KIND(*reference) == PCTL_JUMP;
	__u32 bits = PCTL_REFERENCE_STRIDE(*reference); /* of a jump 0 */
	__u32 entry = address->high >> 1 >> (63 - bits);
	__u32 index = PCTL_REFERENCE_CELL(*reference) + entry / 4;
	union pctl_cell *cell = bpf_map_lookup_elem(map, &index);

	if (!cell)
		return false;
	*reference = cell->references[entry % 4];
	if (jumps) {
		bits = PCTL_JUMP_SKIP(cell->jump.outside);
		*reference = cell->jump.inside;
		if ((address->high ^ cell->jump.bits) >> (64 - bits))
			*reference = PCTL_REFERENCE_RESULT(cell->jump.outside); /* a leaf */
	}
	advance(address, bits);
	return true;
}

/* The result for an address; `unknown` where the trie is not what it should be. */
static __always_inline __u32 walk_trie(void *map, __u32 reference, struct address address,
				       __u32 unknown)
{
	for (int i = 0; i < PCTL_TRIE_STEPS; i++) {
		if (PCTL_REFERENCE_KIND(reference) == PCTL_LEAF)
			return PCTL_REFERENCE_RESULT(reference);
		if (!step(map, &reference, &address))
			return unknown;
	}
	return unknown;
}

#endif
