/* SPDX-License-Identifier: GPL-2.0-only */
/* Looking an address up in the map of a set gives the same as its prefixes: random sets, random
 * addresses, and the addresses around the edges of each block. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "support.h"
#include "prefix.h"
#include "prefixes.h"
#include "random_input.h"
#include "set_files.h"
#include "set_map_lookup.h"
#include "shared_sets.h"
#include "util.h"

#define SETS 60

static struct prefix prefix_of(int family, const uint8_t bytes[16])
{
	struct prefix prefix = { .family = family, .length = family_bits(family) };
	uint64_t halves[2];

	memcpy(halves, bytes, sizeof(halves));
	prefix.high = be64toh(halves[0]);
	prefix.low = family == PCTL_IPV4 ? 0 : be64toh(halves[1]);
	if (family == PCTL_IPV4)
		prefix.high &= 0xffffffff00000000;
	return prefix;
}

/* Half of them near each other, half of them anywhere. */
static struct prefix random_prefix(struct random *random, int family)
{
	uint8_t bytes[16] = {};
	struct prefix prefix;

	if (one_in(random, 2)) {
		random_neighbour(random, family, bytes);
	} else {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = random_below(random, 256);
	}
	prefix = prefix_of(family, bytes);
	prefix.length = 1 + random_below(random, family_bits(family));
	prefix_align(&prefix);
	return prefix;
}

static void fill(struct random *random, struct set *set, uint32_t count)
{
	size_t capacity = 0;

	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(prefixes_add(&set->prefixes, &capacity,
					      random_prefix(random, random_below(random, 2))),
				 0);
	prefixes_normalise(&set->prefixes);
	set_identify(set);
	set->loaded = true;
}

static unsigned int inside; /* how many of the addresses were in the set */

static void check_address(int fd, const struct set *set, struct prefix address)
{
	bool expected;

	address.length = family_bits(address.family);
	expected = prefixes_hold(&set->prefixes, &address);
	assert_int_equal(set_map_contains(fd, &address), expected);
	inside += expected;
}

/* The first address of a block, the one before it, and the one behind it. */
static void check_edges(int fd, const struct set *set, const struct prefix *prefix)
{
	uint64_t one = 1ull << 32;
	struct prefix edge = *prefix;

	check_address(fd, set, edge);
	if (prefix_next(prefix, &edge))
		check_address(fd, set, edge);
	edge = *prefix;
	if (edge.family == PCTL_IPV4) {
		edge.high -= one;
	} else {
		edge.high -= !edge.low;
		edge.low--;
	}
	check_address(fd, set, edge);
}

static void check_set(struct random *random, uint32_t count)
{
	char name[] = "random", path[] = "/random.txt";
	struct set set = { .name = name, .path = path };
	int fd = -1;

	fill(random, &set, count);
	assert_int_equal(shared_set_get(NULL, &set, true, &fd), 0);
	for (size_t i = 0; i < set.prefixes.count; i++)
		check_edges(fd, &set, &set.prefixes.items[i]);
	for (int i = 0; i < 2000; i++)
		check_address(fd, &set, random_prefix(random, i % 2));
	closep(&fd);
	prefixes_clear(&set.prefixes);
}

static void test_random_sets(void **state)
{
	struct random random;

	(void)state;
	random_start(&random, 4);
	for (int i = 0; i < SETS; i++)
		check_set(&random, i < 8 ? (uint32_t)i : 1 + random_below(&random, 3000));
	assert_true(inside > 10000);
}

/* A map that is no set is refused, not read. */
static void test_not_a_set(void **state)
{
	char name[] = "unused", path[] = "/unused.txt";
	struct set set = { .name = name, .path = path };
	struct prefix address = { .family = PCTL_IPV4, .length = 32 };
	const struct enforcer *enforcer = enforce("deny tcp");
	int fd = -1;

	(void)state;
	assert_int_equal(set_map_contains(enforcer->generation.maps[MAP_META], &address), -EIO);
	assert_int_equal(shared_set_get(NULL, &set, false, &fd), 0);
	assert_int_equal(set_map_contains(fd, &address), 0);
	closep(&fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_sets),
		cmocka_unit_test(test_not_a_set),
	};

	return run_group("set_lookup", tests, COUNT(tests));
}
