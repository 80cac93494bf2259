/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of addresses against brute force, in a small part of the address space. */
#include "support.h"

#include "addresses.h"
#include "prefixes.h"
#include "prefixes_parse.h"

#define BITS 7
#define SMALL (1u << BITS) /* addresses of each family that the sets use */

struct bitmap {
	bool in[PCTL_FAMILIES][SMALL];
};

/* Where the small part lies: its bits end at the address's bit number `end`. IPv6's lie on both
 * sides of the middle. */
static const unsigned int ends[PCTL_FAMILIES] = { [PCTL_IPV4] = 32, [PCTL_IPV6] = 67 };

/* The block of 2^(BITS - length) small addresses around @address. */
static struct prefix small_prefix(unsigned int family, unsigned int address, unsigned int length)
{
	struct prefix prefix = { .family = (uint8_t)family };
	unsigned int end = ends[family];

	for (unsigned int bit = 0; bit < BITS; bit++) {
		unsigned int place = end - 1 - bit; /* from the left */

		if (!(address & 1u << bit))
			continue;
		if (place < 64)
			prefix.high |= 1ull << (63 - place);
		else
			prefix.low |= 1ull << (127 - place);
	}
	prefix.length = (uint8_t)(end - BITS + length);
	prefix_align(&prefix);
	return prefix;
}

static void paint(struct bitmap *bitmap, unsigned int family, unsigned int address,
		  unsigned int length)
{
	unsigned int size = 1u << (BITS - length), begin = address & ~(size - 1);

	for (unsigned int i = 0; i < size; i++)
		bitmap->in[family][begin + i] = true;
}

/* A random set, normalised, and the addresses that it should contain. */
static struct prefixes random_set(struct random *random, struct bitmap *bitmap)
{
	unsigned int count = random_below(random, 3) ? random_below(random, 60) : 0;
	struct prefixes set = { 0 };
	size_t capacity = 0;

	memset(bitmap, 0, sizeof(*bitmap));
	for (unsigned int i = 0; i < count; i++) {
		unsigned int family = random_below(random, 2);
		unsigned int address = random_below(random, SMALL);
		unsigned int length = BITS - (random_below(random, 4) ? random_below(random, 3)
								      : random_below(random, 8));

		paint(bitmap, family, address, length);
		assert_int_equal(
			prefixes_add(&set, &capacity, small_prefix(family, address, length)), 0);
	}
	prefixes_normalise(&set);
	return set;
}

static bool brute_holds(const struct prefixes *set, const struct prefix *prefix)
{
	for (size_t i = 0; i < set->count; i++)
		if (prefix_holds(&set->items[i], prefix))
			return true;
	return false;
}

/* The blocks that are needed for what is painted in [begin, begin + size). */
static unsigned int blocks(const bool *in, unsigned int begin, unsigned int size)
{
	unsigned int painted = 0;

	for (unsigned int i = 0; i < size; i++)
		painted += in[begin + i];
	if (!painted || painted == size)
		return painted ? 1 : 0;
	return blocks(in, begin, size / 2) + blocks(in, begin + size / 2, size / 2);
}

static void assert_holds_just(const struct prefixes *set, const struct bitmap *bitmap)
{
	uint64_t counts[PCTL_FAMILIES];

	prefixes_count(set, counts);
	assert_int_equal(counts[0] + counts[1], set->count);
	for (unsigned int family = 0; family < PCTL_FAMILIES; family++) {
		assert_int_equal(counts[family], blocks(bitmap->in[family], 0, SMALL));
		for (unsigned int i = 0; i < SMALL; i++) {
			struct prefix one = small_prefix(family, i, BITS);

			assert_int_equal(prefixes_hold(set, &one), bitmap->in[family][i]);
			assert_int_equal(brute_holds(set, &one), bitmap->in[family][i]);
		}
	}
}

static void assert_sorted(const struct prefixes *set)
{
	for (size_t i = 1; i < set->count; i++) {
		const struct prefix *a = &set->items[i - 1], *b = &set->items[i];

		assert_true(a->family <= b->family);
		if (a->family == b->family)
			assert_true(a->high < b->high || (a->high == b->high && a->low < b->low));
	}
}

static void normalised_sets_are_sorted_and_as_short_as_can_be(void **state)
{
	struct random random = { 11 };
	struct bitmap bitmap;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct prefixes set = random_set(&random, &bitmap);

		assert_sorted(&set);
		assert_holds_just(&set, &bitmap);
		prefixes_clear(&set);
	}
}

static void questions_agree_with_brute_force(void **state)
{
	struct bitmap of_a, of_b;
	struct random random = { 12 };
	unsigned int covers = 0, overlaps = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct prefixes a = random_set(&random, &of_a), b = random_set(&random, &of_b);
		bool cover = true, overlap = false;

		for (unsigned int j = 0; j < 2 * SMALL; j++) {
			cover &= of_a.in[j / SMALL][j % SMALL] || !of_b.in[j / SMALL][j % SMALL];
			overlap |= of_a.in[j / SMALL][j % SMALL] && of_b.in[j / SMALL][j % SMALL];
		}
		assert_int_equal(prefixes_cover(&a, &b), cover);
		assert_int_equal(prefixes_overlap(&a, &b), overlap);
		covers += cover;
		overlaps += overlap;
		prefixes_clear(&a);
		prefixes_clear(&b);
	}
	assert_true(covers > 100 && overlaps > 100); /* else the test would prove little */
}

static void the_ends_of_the_space_are_no_exception(void **state)
{
	struct prefix corners[] = {
		{ .family = PCTL_IPV6, .high = UINT64_MAX, .low = UINT64_MAX, .length = 128 },
		{ .family = PCTL_IPV6, .length = 128 },
		{ .family = PCTL_IPV4, .high = 0xffffffffull << 32, .length = 32 },
		{ .family = PCTL_IPV4, .length = 32 },
	};
	struct prefix halves[] = {
		{ .family = PCTL_IPV6, .high = 1ull << 63, .length = 1 },
		{ .family = PCTL_IPV4, .high = 1ull << 63, .length = 1 },
		{ .family = PCTL_IPV6, .length = 1 },
		{ .family = PCTL_IPV4, .length = 1 },
	};
	struct prefixes some = { .items = corners, .count = COUNT(corners) };
	struct prefixes all = { .items = halves, .count = COUNT(halves) };

	(void)state;
	prefixes_normalise(&some);
	assert_int_equal(some.count, 4);
	prefixes_normalise(&all);
	assert_int_equal(all.count, PCTL_FAMILIES);
	assert_true(prefixes_cover(&all, &some) && !prefixes_cover(&some, &all));
	assert_true(prefixes_overlap(&all, &some) && prefixes_overlap(&some, &all));
	assert_false(prefixes_overlap(&some, &(struct prefixes){ 0 }));
}

static void behind_a_block_comes_the_next_address(void **state)
{
	static const struct {
		struct prefix block;
		uint64_t high, low; /* both 0: there is none */
	} cases[] = {
		{ { .family = PCTL_IPV4 }, 0, 0 },
		{ { .family = PCTL_IPV4, .length = 1 }, 1ull << 63, 0 },
		{ { .family = PCTL_IPV4, .high = 1ull << 63, .length = 1 }, 0, 0 },
		{ { .family = PCTL_IPV4, .length = 32 }, 1ull << 32, 0 },
		{ { .family = PCTL_IPV4, .high = ~0ull << 32, .length = 32 }, 0, 0 },
		{ { .family = PCTL_IPV6 }, 0, 0 },
		{ { .family = PCTL_IPV6, .high = 5, .length = 64 }, 6, 0 },
		{ { .family = PCTL_IPV6, .high = ~0ull, .length = 64 }, 0, 0 },
		{ { .family = PCTL_IPV6, .high = 5, .length = 65 }, 5, 1ull << 63 },
		{ { .family = PCTL_IPV6, .high = 5, .low = 1ull << 63, .length = 65 }, 6, 0 },
		{ { .family = PCTL_IPV6, .high = 5, .low = ~0ull, .length = 128 }, 6, 0 },
		{ { .family = PCTL_IPV6, .high = ~0ull, .low = ~0ull, .length = 128 }, 0, 0 },
	};
	struct prefix next;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool more = cases[i].high || cases[i].low;

		assert_int_equal(prefix_next(&cases[i].block, &next), more);
		if (!more)
			continue;
		assert_true(next.high == cases[i].high && next.low == cases[i].low);
		assert_int_equal(next.family, cases[i].block.family);
		assert_int_equal(next.length, next.family == PCTL_IPV4 ? 32 : 128);
	}
}

/* A printed block is read as the same block. */
static void blocks_print_and_read_back(void **state)
{
	struct random random = { 14 };
	struct diagnostics diagnostics = { 0 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct prefix prefix = { .family = (uint8_t)random_below(&random, 2) };
		struct prefixes again = { 0 };
		char text[ADDRESS_TEXT];

		prefix.high = (uint64_t)random_below(&random, UINT32_MAX) << 32;
		if (prefix.family == PCTL_IPV6 && random_below(&random, 2)) {
			prefix.high = random_below(&random, 2) ? prefix.high >> 48 : 0;
			prefix.low = (uint64_t)random_below(&random, UINT32_MAX)
				     << random_below(&random, 33);
		}
		prefix.length = (uint8_t)random_below(&random, family_bits(prefix.family) + 1);
		prefix_align(&prefix);
		address_print(&prefix, text);
		assert_int_equal(
			prefixes_parse("x", text, strlen(text), &again, &diagnostics, NULL, NULL),
			0);
		assert_int_equal(again.count, 1);
		assert_true(prefix_holds(&prefix, again.items) &&
			    prefix_holds(again.items, &prefix));
		prefixes_clear(&again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalised_sets_are_sorted_and_as_short_as_can_be),
		cmocka_unit_test(questions_agree_with_brute_force),
		cmocka_unit_test(the_ends_of_the_space_are_no_exception),
		cmocka_unit_test(behind_a_block_comes_the_next_address),
		cmocka_unit_test(blocks_print_and_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
