/* SPDX-License-Identifier: GPL-2.0-only */
/* The trie finds for each address the value of the longest prefix that contains it. Compared
 * with a linear search, with small and with random sets of prefixes. */
#include "support.h"

#include "lookup.h"
#include "prefix.h"
#include "prefixes.h"
#include "set_compile.h"
#include "trie.h"

#define SEED 20250102u
#define MAX_PREFIXES 400
#define MANY_PREFIXES 40000
#define OUTSIDE 77

struct table {
	struct prefix prefixes[MANY_PREFIXES];
	uint32_t values[MANY_PREFIXES];
	size_t count;
	bool is_set; /* without values */
};

static struct table table; /* too large for a stack */

static uint64_t random_word(struct random *random)
{
	return (uint64_t)random_below(random, UINT32_MAX) << 32 | random_below(random, UINT32_MAX);
}

/* Few different bits: prefixes are near each other and inside each other. */
static uint64_t dense_word(struct random *random)
{
	return random_word(random) & random_word(random) & random_word(random) &
	       random_word(random);
}

static struct prefix masked(struct prefix prefix)
{
	unsigned int length = prefix.length;

	if (length < 64)
		prefix.high &= length ? UINT64_MAX << (64 - length) : 0;
	if (length < 128)
		prefix.low &= length > 64 ? UINT64_MAX << (128 - length) : 0;
	return prefix;
}

static struct prefix random_prefix(struct random *random, unsigned int family, bool dense)
{
	struct prefix prefix = { .family = (uint8_t)family };

	prefix.high = dense ? dense_word(random) : random_word(random);
	prefix.low = dense ? dense_word(random) : random_word(random);
	prefix.length = (uint8_t)random_below(random, family_bits(family) + 1);
	if (!random_below(random, 3))
		prefix.length = (uint8_t)family_bits(family);
	return masked(prefix);
}

static int by_tree(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* Sorts the prefixes, removes duplicates, and gives them values. */
static void finish_table(struct random *random)
{
	uint32_t values = 1 + random_below(random, 5);
	size_t count = table.count;

	qsort(table.prefixes, count, sizeof(struct prefix), by_tree);
	table.count = 0;
	for (size_t i = 0; i < count; i++) {
		if (i && !prefix_compare(&table.prefixes[i], &table.prefixes[i - 1]))
			continue;
		table.prefixes[table.count] = table.prefixes[i];
		table.values[table.count++] = random_below(random, values);
	}
}

static void fill_table(struct random *random, unsigned int family)
{
	bool dense = random_below(random, 4);
	size_t wanted = random_below(random, random_below(random, 2) ? 6 : MAX_PREFIXES);

	for (table.count = 0; table.count < wanted; table.count++)
		table.prefixes[table.count] = random_prefix(random, family, dense);
	table.is_set = random_below(random, 3) == 0;
	finish_table(random);
}

static uint32_t outside(void)
{
	return table.is_set ? PCTL_OUTSIDE : OUTSIDE;
}

static uint32_t search(const struct address *address)
{
	struct prefix host = { address->high, address->low, address->family,
			       (uint8_t)family_bits(address->family) };
	uint32_t found = outside();

	for (size_t i = 0; i < table.count; i++) /* outer ones come first */
		if (prefix_holds(&table.prefixes[i], &host))
			found = table.is_set ? PCTL_INSIDE : table.values[i];
	return found;
}

/* At the borders of a prefix, inside, or anywhere. */
static struct address random_address(struct random *random, unsigned int family)
{
	struct prefix at = random_prefix(random, family, random_below(random, 2));
	unsigned int bit;

	if (table.count && random_below(random, 4)) {
		at = table.prefixes[random_below(random, (uint32_t)table.count)];
		bit = random_below(random, family_bits(family));
		if (random_below(random, 2) && bit < 64)
			at.high ^= 1ull << (63 - bit);
		else if (random_below(random, 2) && bit >= 64)
			at.low ^= 1ull << (127 - bit);
	}
	if (family == PCTL_IPV4) {
		at.high &= 0xffffffff00000000;
		at.low = 0;
	}
	return (struct address){ at.high, at.low, (uint8_t)family };
}

static void assert_form(const struct trie *trie, uint32_t reference, unsigned int left);

static uint32_t reference_number(const struct trie *trie, size_t number)
{
	assert_true(number / 4 < trie->count);
	return trie->cells[number / 4].references[number % 4];
}

static void assert_jump_form(const struct trie *trie, uint32_t reference, unsigned int left)
{
	uint32_t bits = PCTL_REFERENCE_STRIDE(reference), skip;
	const struct pctl_jump *jump = &trie->cells[PCTL_REFERENCE_CELL(reference)].jump;

	if (bits) { /* of a set: it ends here */
		assert_true(bits <= PCTL_CELL_BITS && bits <= left);
		return;
	}
	skip = PCTL_JUMP_SKIP(jump->outside);
	assert_true(skip <= left && (skip >= 4 || skip == left));
	assert_true(skip == 64 || !(jump->bits << skip));
	assert_form(trie, jump->inside, left - skip);
}

static void assert_sparse_form(const struct trie *trie, uint32_t reference, unsigned int left)
{
	uint32_t cell = PCTL_REFERENCE_CELL(reference), bits = PCTL_REFERENCE_STRIDE(reference);
	const struct pctl_word *word;
	size_t rank;

	assert_true(bits <= left);
	assert_true(bits >= PCTL_WORD_BITS && bits <= PCTL_SPARSE_STRIDE_MAX);
	for (size_t i = 0; i < 1u << (bits - PCTL_WORD_BITS); i++) {
		assert_true(cell + i < trie->count);
		word = &trie->cells[cell + i].word;
		rank = 0;
		for (uint64_t rest = word->slots; rest; rest &= rest - 1)
			assert_form(trie, reference_number(trie, word->first + rank++),
				    left - bits);
	}
}

/* The form of references in abi.h: each uses four bits or more of the address, unless the
 * address ends before. So every lookup ends. */
static void assert_form(const struct trie *trie, uint32_t reference, unsigned int left)
{
	uint32_t cell = PCTL_REFERENCE_CELL(reference), bits = PCTL_REFERENCE_STRIDE(reference);

	if (PCTL_REFERENCE_KIND(reference) == PCTL_LEAF)
		return;
	assert_true(left > 0);
	if (PCTL_REFERENCE_KIND(reference) == PCTL_JUMP)
		return assert_jump_form(trie, reference, left);
	if (PCTL_REFERENCE_KIND(reference) == PCTL_SPARSE)
		return assert_sparse_form(trie, reference, left);
	assert_true(bits >= 2 && bits <= PCTL_STRIDE_MAX);
	assert_true(bits >= 4 || bits >= left);
	for (size_t i = 0; i < (size_t)1 << bits; i++)
		assert_form(trie, reference_number(trie, cell * (size_t)4 + i),
			    left > bits ? left - bits : 0);
}

static void compare(struct random *random, unsigned int family, unsigned int *deepest)
{
	struct trie_builder builder = { 0 };
	struct trie trie;
	unsigned int steps;
	uint32_t root, before;

	/* A trie behind other content in the same cells. */
	assert_int_equal(trie_reserve(&builder, random_below(random, 5), &before), 0);
	assert_int_equal(trie_add(&builder, table.prefixes, table.is_set ? NULL : table.values,
				  table.count, outside(), &root),
			 0);
	trie = trie_take(&builder);
	assert_form(&trie, root, family_bits(family));
	for (int i = 0; i < 200; i++) {
		struct address address = random_address(random, family);
		uint32_t found = trie_lookup(&trie, root, &address, &steps);

		assert_int_equal(found, search(&address));
		assert_true(steps <= PCTL_TRIE_STEPS);
		*deepest = steps > *deepest ? steps : *deepest;
	}
	free(trie.cells);
}

static void random_tables_agree_with_a_search(void **state)
{
	struct random random = { SEED };
	unsigned int deepest = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		unsigned int family = random_below(&random, PCTL_FAMILIES);

		fill_table(&random, family);
		compare(&random, family, &deepest);
	}
	print_message("seed %u: at most %u steps\n", SEED, deepest);
}

/* A third of the prefixes is longer than the first bitmaps can distinguish, a third is hosts,
 * and some are wider than a word of a bitmap. */
static struct prefix one_of_many(struct random *random, unsigned int family)
{
	unsigned int longest = family == PCTL_IPV4 ? 32 : 64;
	struct prefix prefix = { .family = (uint8_t)family, .high = random_word(random) };

	if (family == PCTL_IPV6) /* 2001:d00::/24, or near */
		prefix.high = 0x20010d0000000000 | prefix.high >> 20;
	prefix.length = (uint8_t)(longest - random_below(random, 12));
	if (!random_below(random, 100))
		prefix.length = (uint8_t)(longest - random_below(random, 28));
	if (!random_below(random, 3))
		prefix.length = (uint8_t)family_bits(family);
	return masked(prefix);
}

static void many_prefixes_agree_with_a_search(void **state)
{
	struct random random = { SEED };
	unsigned int deepest = 0;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		table.is_set = i / PCTL_FAMILIES;
		for (table.count = 0; table.count < MANY_PREFIXES; table.count++)
			table.prefixes[table.count] = one_of_many(&random, i % PCTL_FAMILIES);
		finish_table(&random);
		compare(&random, i % PCTL_FAMILIES, &deepest);
	}
	assert_true(deepest <= 10);
}

/* One prefix of each length along one path, and one beside it: the deepest trie. */
static void a_comb_takes_no_more_than_the_steps_there_are(void **state)
{
	struct random random = { SEED };
	unsigned int deepest = 0;

	(void)state;
	table.is_set = false;
	table.count = 0;
	for (unsigned int i = 1; i <= 128; i++) {
		table.values[table.count] = i % 3;
		table.prefixes[table.count++] = masked((struct prefix){ .family = PCTL_IPV6,
									.length = (uint8_t)i,
									.high = UINT64_MAX,
									.low = UINT64_MAX });
	}
	for (int i = 0; i < 50; i++)
		compare(&random, PCTL_IPV6, &deepest);
	print_message("%u steps\n", deepest);
	assert_true(deepest >= 10 && deepest <= PCTL_TRIE_STEPS);
}

/* Bits in which no prefixes differ cost nothing. */
static void what_is_the_same_everywhere_takes_no_cells(void **state)
{
	struct trie_builder builder = { 0 };
	struct prefix halves[] = { { 0, 0, PCTL_IPV6, 1 }, { 1ull << 63, 0, PCTL_IPV6, 1 } };
	struct prefix host = { 0x20010db800000000, 1, PCTL_IPV6, 128 };
	uint32_t same[] = { 5, 5 }, root;

	(void)state;
	assert_int_equal(trie_add(&builder, NULL, NULL, 0, 3, &root), 0);
	assert_int_equal(root, PCTL_REFERENCE(PCTL_LEAF, 3));
	assert_int_equal(trie_add(&builder, halves, same, 2, 3, &root), 0);
	assert_int_equal(root, PCTL_REFERENCE(PCTL_LEAF, 5));
	assert_int_equal(trie_add(&builder, &host, same, 1, 5, &root), 0);
	assert_int_equal(root, PCTL_REFERENCE(PCTL_LEAF, 5));
	assert_int_equal(builder.trie.count, 0);
	assert_int_equal(trie_add(&builder, &host, same, 1, 3, &root), 0);
	assert_int_equal(builder.trie.count, 2); /* two jumps of 64 bits */
	trie_builder_clear(&builder);
}

static void a_set_is_its_header_and_its_trie(void **state)
{
	struct prefix prefixes[] = { { 0xc633640000000000, 0, PCTL_IPV4, 24 },
				     { 0x20010db800010000, 0, PCTL_IPV6, 48 } };
	struct set set = { .prefixes = { prefixes, 2 }, .loaded = true, .digest = { 1, 2, 3 } };
	struct pctl_set_header header;
	struct trie trie;
	unsigned int steps;

	(void)state;
	assert_int_equal(set_compile(&set, &trie), 0);
	memcpy(&header, trie.cells, sizeof(header));
	assert_memory_equal(header.digest, set.digest, sizeof(header.digest));
	for (unsigned int i = 0; i < PCTL_FAMILIES; i++) {
		struct address in = { prefixes[i].high | 1ull << (i ? 8 : 33), 0, (uint8_t)i };
		struct address out = { prefixes[i].high ^ 1ull << 60, 0, (uint8_t)i };

		if (i == PCTL_IPV6)
			in.low = 17;
		assert_int_equal(header.prefixes[i], 1);
		assert_int_equal(trie_lookup(&trie, header.roots[i], &in, &steps), PCTL_INSIDE);
		assert_int_equal(trie_lookup(&trie, header.roots[i], &out, &steps), PCTL_OUTSIDE);
	}
	free(trie.cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_tables_agree_with_a_search),
		cmocka_unit_test(many_prefixes_agree_with_a_search),
		cmocka_unit_test(a_comb_takes_no_more_than_the_steps_there_are),
		cmocka_unit_test(what_is_the_same_everywhere_takes_no_cells),
		cmocka_unit_test(a_set_is_its_header_and_its_trie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
