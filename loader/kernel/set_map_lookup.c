// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"
#include "prefix.h"
#include "set_map_lookup.h"

/* A way through the trie of a set. */
struct way {
	const union pctl_cell *cells;
	size_t count;
	struct prefix
		rest; /* the bits of the address that were not looked at yet, first ones first */
	uint32_t reference; /* how it goes on */
};

static uint64_t take_bits(struct way *way, unsigned int count)
{
	uint64_t bits = way->rest.high >> (64 - count);

	way->rest.high = prefix_bits(&way->rest, count);
	way->rest.low = count < 64 ? way->rest.low << count : 0;
	return bits;
}

static void end_with(struct way *way, uint32_t result)
{
	way->reference = PCTL_REFERENCE(PCTL_LEAF, PCTL_REFERENCE_RESULT(result));
}

/* Goes on with reference number @number, counted from the first one of cell 0. */
static bool follow_number(struct way *way, uint64_t number)
{
	if (number / 4 >= way->count)
		return false;
	way->reference = way->cells[number / 4].references[number % 4];
	return true;
}

static bool follow_sparse(struct way *way, uint32_t cell, uint64_t slot)
{
	const struct pctl_word *word;
	uint64_t bit = 1ull << slot % (1 << PCTL_WORD_BITS);

	cell += slot >> PCTL_WORD_BITS;
	if (cell >= way->count)
		return false;
	word = &way->cells[cell].word;
	if (word->slots & bit)
		return follow_number(way, (uint64_t)word->first +
						  __builtin_popcountll(word->slots & (bit - 1)));
	end_with(way, word->outside);
	return true;
}

static bool follow_jump(struct way *way, uint32_t cell, uint32_t bits)
{
	const struct pctl_jump *jump;
	uint32_t skip;

	if (bits) { /* without a cell: they are the bits */
		end_with(way, take_bits(way, bits) == cell ? PCTL_INSIDE : PCTL_OUTSIDE);
		return true;
	}
	if (cell >= way->count)
		return false;
	jump = &way->cells[cell].jump;
	skip = PCTL_JUMP_SKIP(jump->outside);
	if (take_bits(way, skip) << (64 - skip) == jump->bits)
		way->reference = jump->inside;
	else
		end_with(way, jump->outside);
	return true;
}

/* False: there is nothing where it leads to. */
static bool step(struct way *way)
{
	uint32_t cell = PCTL_REFERENCE_CELL(way->reference);
	uint32_t bits = PCTL_REFERENCE_STRIDE(way->reference);

	switch (PCTL_REFERENCE_KIND(way->reference)) {
	case PCTL_JUMP:
		return follow_jump(way, cell, bits);
	case PCTL_NODE:
		return bits && follow_number(way, cell * 4ull + take_bits(way, bits));
	case PCTL_SPARSE:
		return bits && follow_sparse(way, cell, take_bits(way, bits));
	default:
		return false;
	}
}

static int look_up(struct way *way)
{
	for (int i = 0; i < PCTL_TRIE_STEPS; i++) {
		if (PCTL_REFERENCE_KIND(way->reference) == PCTL_LEAF)
			break;
		if (!step(way))
			return -EIO;
	}
	switch (way->reference) {
	case PCTL_INSIDE:
		return 1;
	case PCTL_OUTSIDE:
		return 0;
	default:
		return -EIO;
	}
}

int set_map_contains(int fd, const struct prefix *address)
{
	struct way way = { .rest = *address };
	const struct pctl_set_header *header;
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	void *mapping;
	size_t size;
	int found;

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about the map of a set: %m");
	way.count = info.max_entries;
	size = way.count * sizeof(*way.cells);
	if (info.value_size != sizeof(*way.cells) || way.count < PCTL_SET_HEADER_CELLS)
		return error_set(-EIO, "this is not the map of a set");
	mapping = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (mapping == MAP_FAILED)
		return error_set(-errno, "cannot read the map of a set: %m");
	header = mapping;
	way.cells = mapping;
	way.reference = header->roots[address->family & (PCTL_FAMILIES - 1)];
	found = look_up(&way);
	munmap(mapping, size);
	return found < 0 ? error_set(found, "the map of a set leads nowhere") : found;
}
