/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an address to its class: the lookup in the tries that abi.h describes.
 */
#ifndef PCTL_TRIE_LOOKUP_H
#define PCTL_TRIE_LOOKUP_H

#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* The rest of an address: its next bit is the highest of `high`. */
struct address {
	__u64 high, low;
};

/* A lookup under way. */
struct walk {
	struct address address;
	__u32 reference;
};

/* Most lookups end within this many steps, which are inlined. The others continue in bpf_loop(),
 * which costs a call for each step, and which the verifier walks once. */
#define TRIE_STEPS_INLINE 6

/* Drops the first `bits` bits, 1 to 64. Two shifts, because a shift by 64 is undefined. */
static __always_inline void advance(struct address *address, __u32 bits)
{
	__u32 most = (bits - 1) & 63;

	address->high = (address->high << most << 1) | (address->low >> (63 - most));
	address->low = address->low << most << 1;
}

/* The number of bits that are set: Warren, Hacker's Delight, 5-1. BPF has no instruction. */
static __always_inline __u32 count_bits(__u64 x)
{
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return x * 0x0101010101010101 >> 56;
}

/* The functions below are always inlined, so that each lookup instruction has one map only, and the
 * verifier can inline the lookup too. They return false when the walk has ended: then its reference
 * is a leaf. */
static __always_inline bool end_walk(struct walk *walk, __u32 result)
{
	walk->reference = PCTL_REFERENCE(PCTL_LEAF, PCTL_REFERENCE_RESULT(result));
	return false;
}

static __always_inline bool step_jump(struct walk *walk, const struct pctl_jump *jump)
{
	__u32 skip = PCTL_JUMP_SKIP(jump->outside);

	if ((walk->address.high ^ jump->bits) >> (64 - skip))
		return end_walk(walk, jump->outside);
	walk->reference = jump->inside;
	advance(&walk->address, skip);
	return true;
}

static __always_inline bool step_sparse(void *map, struct walk *walk, const struct pctl_word *word,
					__u32 slot, __u32 unknown)
{
	__u64 bit = 1ull << (slot & 63);
	union pctl_cell *cell;
	__u32 number, index;

	if (!(word->slots & bit))
		return end_walk(walk, word->outside);
	number = word->first + count_bits(word->slots & (bit - 1));
	index = number / 4;
	cell = bpf_map_lookup_elem(map, &index);
	if (!cell)
		return end_walk(walk, unknown);
	walk->reference = cell->references[number % 4];
	return true;
}

/* One step. @unknown: the result if a cell is missing */
static __always_inline bool step(void *map, struct walk *walk, __u32 unknown)
{
	__u32 kind = PCTL_REFERENCE_KIND(walk->reference), index;
	__u32 bits = PCTL_REFERENCE_STRIDE(walk->reference);
	__u32 next = walk->address.high >> 1 >> (63 - bits);
	union pctl_cell *cell;

	if (kind == PCTL_LEAF)
		return false;
	if (kind == PCTL_JUMP && bits)
		return end_walk(walk, next == PCTL_REFERENCE_CELL(walk->reference) ? PCTL_INSIDE
										   : PCTL_OUTSIDE);
	index = PCTL_REFERENCE_CELL(walk->reference);
	index += kind == PCTL_SPARSE ? next >> PCTL_WORD_BITS : next / 4;
	cell = bpf_map_lookup_elem(map, &index);
	if (!cell)
		return end_walk(walk, unknown);
	if (kind == PCTL_JUMP)
		return step_jump(walk, &cell->jump);
	if (kind == PCTL_NODE)
		walk->reference = cell->references[next % 4];
	else if (!step_sparse(map, walk, &cell->word, next, unknown))
		return false;
	advance(&walk->address, bits);
	return true;
}

/*
 * Defines walk_MAP(reference, high, low): the result for an address in the trie of that map.
 * @unknown: the result if the trie is damaged
 */
#define TRIE_LOOKUP(map, unknown)                                                       \
	static long step_##map(__u32 i, struct walk *walk)                              \
	{                                                                               \
		return !step(&map, walk, unknown);                                      \
	}                                                                               \
	static __always_inline __u32 walk_##map(__u32 reference, __u64 high, __u64 low) \
	{                                                                               \
		struct walk walk = { { high, low }, reference }, rest;                  \
                                                                                        \
		for (int i = 0; i < TRIE_STEPS_INLINE; i++)                             \
			if (!step(&map, &walk, unknown))                                \
				return PCTL_REFERENCE_RESULT(walk.reference);           \
		rest = walk;                                                            \
		bpf_loop(PCTL_TRIE_STEPS - TRIE_STEPS_INLINE, step_##map, &rest, 0);    \
		return PCTL_REFERENCE_KIND(rest.reference) == PCTL_LEAF                 \
			       ? PCTL_REFERENCE_RESULT(rest.reference)                  \
			       : (unknown);                                             \
	}

#endif
