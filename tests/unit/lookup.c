/* SPDX-License-Identifier: GPL-2.0-only */
#include "lookup.h"

static uint64_t shift_out(struct address *address, unsigned int count)
{
	uint64_t top = address->high >> (64 - count);

	if (count == 64) {
		address->high = address->low;
		address->low = 0;
		return top;
	}
	address->high = address->high << count | address->low >> (64 - count);
	address->low <<= count;
	return top;
}

uint32_t trie_lookup(const struct trie *trie, uint32_t root, const struct address *address,
		     unsigned int *steps)
{
	struct address rest = *address;
	uint32_t reference = root, skip;
	const union pctl_cell *cell;
	uint64_t slot;

	for (*steps = 1; PCTL_REFERENCE_KIND(reference) != PCTL_LEAF; (*steps)++) {
		cell = &trie->cells[PCTL_REFERENCE_CELL(reference)];
		if (PCTL_REFERENCE_KIND(reference) == PCTL_NODE) {
			slot = shift_out(&rest, PCTL_REFERENCE_STRIDE(reference));
			reference = cell[slot / 4].references[slot % 4];
			continue;
		}
		skip = PCTL_JUMP_SKIP(cell->jump.outside);
		if ((rest.high & UINT64_MAX << (64 - skip)) != cell->jump.bits)
			return PCTL_REFERENCE_RESULT(cell->jump.outside);
		shift_out(&rest, skip);
		reference = cell->jump.inside;
	}
	return PCTL_REFERENCE_RESULT(reference);
}
