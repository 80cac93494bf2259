/* SPDX-License-Identifier: GPL-2.0-only */
#include "trie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "prefix.h"

/* Fewer bits a step would be too many steps for the kernel; only the last one may be shorter. */
#define STEP_MIN 4
#define STRIDE_MIN 2
#define JUMP_MAX 64
/* The longest jump of a set that needs no cell. */
#define SHORT_JUMP_MAX PCTL_CELL_BITS

/* Fewer prefixes are not worth a bitmap. With this many slots for each reference, most addresses
 * outside the prefixes end at a clear bit; the bitmap takes 4 bytes for each reference. */
#define SPARSE_MIN 16
#define SPARSE_SLOTS 16
/* A wider bitmap is split into narrow ones, so that a lookup reads only one or two pages of it. */
#define SPARSE_WIDE 18
#define SPARSE_NARROW 12
#define WORD_SLOTS (1u << PCTL_WORD_BITS)

#define CELL_REFERENCES 4

/* State of one trie_add(). */
struct growth {
	struct trie_builder *builder;
	const struct prefix *prefixes;
	const uint32_t *values;
	uint8_t *common; /* common[i]: how many bits prefixes i - 1 and i share */
	unsigned int bits; /* of an address */
};

/* Prefixes begin to end - 1; all share the first `depth` bits of the first one. */
struct span {
	size_t begin, end;
	unsigned int depth;
	uint32_t outside; /* the result for addresses in none of them */
};

/* The references of a node's slots: in its cells, or in an array before they have cells. */
struct slots {
	uint32_t *array; /* NULL: in cells, from this cell on: */
	uint32_t cell;
};

static int grow(const struct growth *growth, struct span span, uint32_t *reference);

int trie_reserve(struct trie_builder *builder, size_t cells, uint32_t *cell)
{
	struct trie *trie = &builder->trie;
	size_t wanted = builder->capacity ? builder->capacity : 64;
	union pctl_cell *grown;

	if (trie->count + cells > (size_t)1 << PCTL_CELL_BITS)
		return -E2BIG;
	while (wanted < trie->count + cells)
		wanted *= 2;
	if (wanted > builder->capacity) {
		grown = realloc(trie->cells, wanted * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		trie->cells = grown;
		builder->capacity = wanted;
	}
	memset(&trie->cells[trie->count], 0, cells * sizeof(*trie->cells));
	*cell = (uint32_t)trie->count;
	trie->count += cells;
	return 0;
}

struct trie trie_take(struct trie_builder *builder)
{
	struct trie trie = builder->trie;
	union pctl_cell *exact;

	exact = trie.count ? realloc(trie.cells, trie.count * sizeof(*exact)) : NULL;
	if (exact)
		trie.cells = exact;
	*builder = (struct trie_builder){ 0 };
	return trie;
}

void trie_builder_clear(struct trie_builder *builder)
{
	free(builder->trie.cells);
	*builder = (struct trie_builder){ 0 };
}

static uint32_t result_of(const struct growth *growth, size_t index)
{
	return growth->values ? growth->values[index] : PCTL_INSIDE;
}

static uint32_t leaf(uint32_t result)
{
	return PCTL_REFERENCE(PCTL_LEAF, result);
}

/* The bit up to which all prefixes of a span are equal: there they differ, or one of them ends. */
static unsigned int end_of_path(const struct growth *growth, const struct span *span)
{
	const struct prefix *first = &growth->prefixes[span->begin];
	unsigned int common = prefix_common(first, &growth->prefixes[span->end - 1]);

	return common < first->length ? common : first->length;
}

static int add_jump(const struct growth *growth, struct span span, unsigned int to,
		    uint32_t *reference)
{
	unsigned int skip = to - span.depth;
	uint32_t cell, outside = span.outside;
	struct pctl_jump jump;
	int error;

	if (skip > JUMP_MAX) /* leaves enough bits for the next jump */
		skip = skip - JUMP_MAX < STEP_MIN ? JUMP_MAX - STEP_MIN : JUMP_MAX;
	jump.bits = prefix_bits(&growth->prefixes[span.begin], span.depth) & UINT64_MAX
										     << (64 - skip);
	jump.outside = (uint32_t)(skip - 1) << PCTL_LEAF_BITS | outside;
	error = trie_reserve(growth->builder, 1, &cell);
	span.depth += skip;
	if (!error)
		error = grow(growth, span, &jump.inside);
	if (error)
		return error;
	*reference = PCTL_REFERENCE(PCTL_JUMP, cell);
	if (jump.inside == leaf(outside)) {
		growth->builder->trie.count = cell;
		*reference = jump.inside;
	}
	growth->builder->trie.cells[cell].jump = jump;
	return 0;
}

/* Figures that decide how wide a node may be. */
struct width {
	size_t pieces[PCTL_SPARSE_STRIDE_MAX +
		      1]; /* how many different beginnings of that length */
	unsigned int longest; /* the length of the longest prefix */
};

static void measure(const struct growth *growth, const struct span *span, struct width *width)
{
	unsigned int shared;

	*width = (struct width){ .pieces = { 1 } };
	for (size_t i = span->begin; i < span->end; i++) {
		if (growth->prefixes[i].length - span->depth > width->longest)
			width->longest = growth->prefixes[i].length - span->depth;
		shared = i > span->begin ? growth->common[i] - span->depth : PCTL_SPARSE_STRIDE_MAX;
		if (shared < PCTL_SPARSE_STRIDE_MAX)
			width->pieces[shared + 1]++;
	}
	for (unsigned int i = 1; i <= PCTL_SPARSE_STRIDE_MAX; i++)
		width->pieces[i] += width->pieces[i - 1];
}

/* The widest stride up to @limit with at most @slots slots for each slot that has a reference;
 * 0: none. */
static unsigned int widest(const struct width *width, unsigned int limit, size_t slots)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i <= width->longest && i <= limit; i++)
		if (width->pieces[i] * slots >= (size_t)1 << i)
			best = i;
	return best;
}

static uint32_t *slot_at(const struct growth *growth, const struct slots *slots, size_t slot)
{
	if (slots->array)
		return &slots->array[slot];
	return &growth->builder->trie.cells[slots->cell + slot / CELL_REFERENCES]
			.references[slot % CELL_REFERENCES];
}

static void fill(const struct growth *growth, const struct slots *slots, size_t from, size_t count,
		 uint32_t reference)
{
	for (size_t i = 0; i < count; i++)
		*slot_at(growth, slots, from + i) = reference;
}

/* The first prefix behind @begin that is not in the same slot. */
static size_t end_of_slot(const struct growth *growth, const struct span *span, size_t begin,
			  unsigned int depth)
{
	size_t i = begin + 1;

	while (i < span->end && growth->common[i] >= depth)
		i++;
	return i;
}

/* Fills a node: prefixes that end in it fill their slots, longer ones grow below their slots. */
static int fill_slots(const struct growth *growth, const struct span *span, unsigned int stride,
		      const struct slots *slots)
{
	unsigned int depth = span->depth + stride;
	const struct prefix *prefix;
	struct span below;
	uint32_t reference;
	size_t slot;
	int error;

	fill(growth, slots, 0, (size_t)1 << stride, leaf(span->outside));
	for (size_t i = span->begin; i < span->end; i = below.end) {
		prefix = &growth->prefixes[i];
		slot = prefix_bits(prefix, span->depth) >> (64 - stride);
		below = (struct span){ .begin = i, .end = i + 1, .depth = depth };
		if (prefix->length <= depth) {
			fill(growth, slots, slot, (size_t)1 << (depth - prefix->length),
			     leaf(result_of(growth, i)));
			continue;
		}
		below.end = end_of_slot(growth, span, i, depth);
		below.outside = PCTL_REFERENCE_RESULT(*slot_at(growth, slots, slot));
		error = grow(growth, below, &reference);
		if (error)
			return error;
		*slot_at(growth, slots, slot) = reference;
	}
	return 0;
}

/* Whether all slots lead to the same result. */
static bool is_uniform(const struct growth *growth, const struct slots *slots, size_t count)
{
	uint32_t first = *slot_at(growth, slots, 0);

	for (size_t i = 1; i < count; i++)
		if (*slot_at(growth, slots, i) != first)
			return false;
	return PCTL_REFERENCE_KIND(first) == PCTL_LEAF;
}

static int add_node(const struct growth *growth, const struct span *span, unsigned int stride,
		    uint32_t *reference)
{
	size_t count = (size_t)1 << stride;
	struct slots slots = { 0 };
	int error;

	error = trie_reserve(growth->builder, count / CELL_REFERENCES, &slots.cell);
	error = error ? error : fill_slots(growth, span, stride, &slots);
	if (error)
		return error;
	*reference = PCTL_REFERENCE_BITS(PCTL_NODE, stride, slots.cell);
	if (is_uniform(growth, &slots, count)) {
		*reference = *slot_at(growth, &slots, 0);
		growth->builder->trie.count = slots.cell;
	}
	return 0;
}

/* --- nodes with a bitmap --- */

/* The references of the slots whose bits are set. */
struct references {
	uint32_t *items;
	size_t count, capacity;
};

static int references_add(struct references *references, uint32_t reference)
{
	size_t capacity = references->capacity ? references->capacity * 2 : WORD_SLOTS;
	uint32_t *grown;

	if (references->count == references->capacity) {
		grown = realloc(references->items, capacity * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		references->items = grown;
		references->capacity = capacity;
	}
	references->items[references->count++] = reference;
	return 0;
}

static struct pctl_word *word_at(const struct growth *growth, uint32_t cell)
{
	return &growth->builder->trie.cells[cell].word;
}

/* @span: the prefixes of one word */
static int fill_word(const struct growth *growth, const struct span *span, uint32_t cell,
		     struct references *references)
{
	struct pctl_word word = { .first = references->count, .outside = span->outside };
	uint32_t array[WORD_SLOTS];
	int error = fill_slots(growth, span, PCTL_WORD_BITS, &(struct slots){ .array = array });

	for (unsigned int i = 0; !error && i < WORD_SLOTS; i++) {
		if (array[i] == leaf(span->outside))
			continue;
		word.slots |= UINT64_C(1) << i;
		error = references_add(references, array[i]);
	}
	*word_at(growth, cell) = word;
	return error;
}

/* Like fill_slots(), with bitmap words. */
static int fill_words(const struct growth *growth, const struct span *span, unsigned int bits,
		      uint32_t cell, struct references *references)
{
	unsigned int depth = span->depth + bits;
	const struct prefix *prefix;
	struct span below;
	uint32_t word;
	int error = 0;

	for (size_t i = 0; i < (size_t)1 << bits; i++)
		word_at(growth, cell + i)->outside = span->outside;
	for (size_t i = span->begin; !error && i < span->end; i = below.end) {
		prefix = &growth->prefixes[i];
		word = cell +
		       (uint32_t)(bits ? prefix_bits(prefix, span->depth) >> (64 - bits) : 0);
		below = (struct span){ .begin = i, .end = i + 1, .depth = depth };
		if (prefix->length <= depth) {
			for (size_t j = 0; j < (size_t)1 << (depth - prefix->length); j++)
				word_at(growth, word + j)->outside = result_of(growth, i);
			continue;
		}
		below.end = end_of_slot(growth, span, i, depth);
		below.outside = word_at(growth, word)->outside;
		error = fill_word(growth, &below, word, references);
	}
	return error;
}

/* Appends the references to the cells, and stores their place in the words. */
static int place_references(const struct growth *growth, uint32_t cell, size_t words,
			    const struct references *references)
{
	size_t cells = (references->count + CELL_REFERENCES - 1) / CELL_REFERENCES;
	struct slots slots = { 0 };
	int error = trie_reserve(growth->builder, cells, &slots.cell);

	if (error)
		return error;
	for (size_t i = 0; i < references->count; i++)
		*slot_at(growth, &slots, i) = references->items[i];
	for (size_t i = 0; i < words; i++)
		word_at(growth, cell + i)->first += slots.cell * CELL_REFERENCES;
	return 0;
}

static int add_sparse(const struct growth *growth, const struct span *span, unsigned int stride,
		      uint32_t *reference)
{
	unsigned int bits = stride - PCTL_WORD_BITS;
	struct references references = { 0 };
	size_t words = (size_t)1 << bits;
	uint32_t cell = 0;
	int error;

	error = trie_reserve(growth->builder, words, &cell);
	error = error ? error : fill_words(growth, span, bits, cell, &references);
	error = error ? error : place_references(growth, cell, words, &references);
	free(references.items);
	*reference = PCTL_REFERENCE_BITS(PCTL_SPARSE, stride, cell);
	return error;
}

/* The smallest stride that a node may have here. */
static unsigned int least_stride(const struct growth *growth, const struct span *span)
{
	unsigned int left = growth->bits - span->depth;

	if (left >= STEP_MIN)
		return STEP_MIN;
	return left > STRIDE_MIN ? left : STRIDE_MIN;
}

static int add_branch(const struct growth *growth, const struct span *span, uint32_t *reference)
{
	unsigned int stride, sparse = 0, least = least_stride(growth, span);
	struct width width;

	measure(growth, span, &width);
	stride = widest(&width, PCTL_STRIDE_MAX, 2);
	if (stride < least)
		stride = least;
	if (span->end - span->begin >= SPARSE_MIN)
		sparse = widest(&width, PCTL_SPARSE_STRIDE_MAX, SPARSE_SLOTS);
	if (sparse <= stride || sparse < PCTL_WORD_BITS)
		return add_node(growth, span, stride, reference);
	if (sparse < SPARSE_WIDE)
		return add_sparse(growth, span, sparse, reference);
	return add_node(growth, span, sparse - SPARSE_NARROW, reference);
}

/* Whether only one prefix of a set is left, with few enough bits to fit into the reference. */
static bool is_short(const struct growth *growth, const struct span *span)
{
	return !growth->values && span->outside == PCTL_OUTSIDE && span->end - span->begin == 1 &&
	       growth->prefixes[span->begin].length - span->depth <= SHORT_JUMP_MAX;
}

static uint32_t short_jump(const struct prefix *prefix, unsigned int depth)
{
	unsigned int skip = prefix->length - depth;

	return PCTL_REFERENCE_BITS(PCTL_JUMP, skip, prefix_bits(prefix, depth) >> (64 - skip));
}

static int grow(const struct growth *growth, struct span span, uint32_t *reference)
{
	unsigned int path;

	if (span.begin < span.end && growth->prefixes[span.begin].length == span.depth)
		span.outside = result_of(growth, span.begin++);
	if (span.begin == span.end) {
		*reference = leaf(span.outside);
		return 0;
	}
	if (is_short(growth, &span)) {
		*reference = short_jump(&growth->prefixes[span.begin], span.depth);
		return 0;
	}
	path = end_of_path(growth, &span);
	if (path >= span.depth + STEP_MIN || (path > span.depth && path == growth->bits))
		return add_jump(growth, span, path, reference);
	return add_branch(growth, &span, reference);
}

int trie_add(struct trie_builder *builder, const struct prefix *prefixes, const uint32_t *values,
	     size_t count, uint32_t outside, uint32_t *root)
{
	_cleanup_(freep) uint8_t *common = malloc(count + 1);
	struct span all = { .end = count, .outside = outside };
	struct growth growth = {
		.builder = builder,
		.prefixes = prefixes,
		.values = values,
		.common = common,
		.bits = count ? family_bits(prefixes->family) : 0,
	};

	if (!common)
		return -ENOMEM;
	for (size_t i = 1; i < count; i++)
		common[i] = (uint8_t)prefix_common(&prefixes[i - 1], &prefixes[i]);
	return grow(&growth, all, root);
}
