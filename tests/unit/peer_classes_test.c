/* SPDX-License-Identifier: GPL-2.0-only */
/* Peer classes: two addresses have one class exactly if the same peer lists contain them; and
 * each class knows whether an address has it. */
#include "world.h"

#include "budget.h"
#include "peer_classes.h"
#include "prefixes.h"
#include "trie.h"

#define SEED 20250104u
#define ADDRESSES 600

static bool is_held(const struct peers *peers, const struct address *address)
{
	struct prefix host = { address->high, address->low, address->family,
			       (uint8_t)(address->family == PCTL_IPV4 ? 32 : 128) };

	for (size_t i = 0; i < peers->prefixes.count; i++)
		if (prefix_holds(&peers->prefixes.items[i], &host))
			return true;
	for (size_t i = 0; i < peers->set_count; i++)
		for (size_t j = 0;
		     !set_has_map(peers->sets[i]) && j < peers->sets[i]->prefixes.count; j++)
			if (prefix_holds(&peers->sets[i]->prefixes.items[j], &host))
				return true;
	return false;
}

static bool is_member(const struct peer_classes *classes, uint32_t list, uint32_t class)
{
	const uint32_t *members;
	size_t count;

	members = members_of(&classes->members, list, &count);
	for (size_t i = 0; i < count; i++)
		if (members[i] == class)
			return true;
	return false;
}

/* The class of an address by the compiled trie. */
static uint32_t class_of(const struct peer_classes *classes, const struct address *address)
{
	struct trie_builder builder = { 0 };
	size_t first = address->family == PCTL_IPV4 ? 0 : classes->family_counts[PCTL_IPV4];
	unsigned int steps;
	uint32_t root, class;

	assert_int_equal(trie_add(&builder, classes->prefixes.items + first,
				  classes->classes + first, classes->family_counts[address->family],
				  CLASS_OUTSIDE, &root),
			 0);
	class = trie_lookup(&builder.trie, root, address, &steps);
	trie_builder_clear(&builder);
	return class;
}

static void assert_classes_are_right(const struct traits *traits, enum pctl_direction direction,
				     struct random *random, unsigned long *seen)
{
	struct peer_classes classes;
	struct budget budget;
	bool found[4096] = { false }, used[4096] = { false };

	assert_int_equal(budget_init(&budget, traits->count), 0);
	assert_int_equal(peer_classes_build(&classes, traits, direction, &budget), 0);
	assert_true(classes.count < COUNT(found) && traits->list_count < COUNT(used));
	for (size_t i = 0; i < traits->count; i++)
		if (trait_is_in(&traits->rules[i], direction) &&
		    traits->rules[i].peers != TRAIT_NONE)
			used[traits->rules[i].peers] = true;
	for (int i = 0; i < ADDRESSES; i++) {
		struct address address = world_packet(random).peer;
		uint32_t class = class_of(&classes, &address);

		assert_true(class >= CLASS_OUTSIDE && class <= classes.count - 1);
		assert_true(classes.occurs[class]);
		found[class] = true;
		for (uint32_t j = 0; j < traits->list_count; j++)
			assert_int_equal(is_member(&classes, j, class),
					 used[j] && is_held(traits->lists[j].peers, &address));
	}
	/* Different classes differ: no two have the same lists. */
	for (uint32_t a = CLASS_OUTSIDE; a < classes.count; a++)
		for (uint32_t b = a + 1; b < classes.count; b++) {
			bool differ = false;

			for (uint32_t j = 0; !differ && j < traits->list_count; j++)
				differ = is_member(&classes, j, a) != is_member(&classes, j, b);
			assert_true(differ);
		}
	for (uint32_t a = CLASS_OUTSIDE; a < classes.count; a++)
		*seen += found[a];
	assert_false(classes.occurs[CLASS_UNKNOWN]);
	peer_classes_clear(&classes);
	budget_clear(&budget);
}

static void classes_are_the_lists_that_hold_an_address(void **state)
{
	struct random random = { SEED };
	unsigned long seen = 0;

	(void)state;
	for (int i = 0; i < 150; i++) {
		char *text;
		struct policy *policy = world_policy(&random, random_below(&random, 16), &text);
		struct traits traits;

		assert_int_equal(traits_collect(&traits, policy, "test", NULL), 0);
		for (unsigned int j = 0; j < PCTL_DIRECTIONS; j++)
			assert_classes_are_right(&traits, j, &random, &seen);
		traits_clear(&traits);
		policy_free(policy);
		free(text);
	}
	print_message("seed %u: %lu classes met\n", SEED, seen);
	assert_true(seen > 500);
}

/* The flags of the classes of a direction, one letter each: `y`, an address has it; `n`. */
static void assert_occurs(const char *text, const char *expected)
{
	struct policy *policy = world_parse(text);
	struct peer_classes classes;
	struct budget budget;
	struct traits traits;

	assert_non_null(policy);
	assert_int_equal(traits_collect(&traits, policy, "test", NULL), 0);
	assert_int_equal(budget_init(&budget, traits.count), 0);
	assert_int_equal(peer_classes_build(&classes, &traits, PCTL_FROM, &budget), 0);
	assert_int_equal(classes.count, strlen(expected));
	for (uint32_t i = 0; i < classes.count; i++)
		assert_int_equal(classes.occurs[i], expected[i] == 'y');
	peer_classes_clear(&classes);
	budget_clear(&budget);
	traits_clear(&traits);
	policy_free(policy);
}

static void a_block_that_inner_ones_fill_has_no_address_left(void **state)
{
	(void)state;
	assert_occurs("", "ny");
	assert_occurs("deny tcp peer 192.0.2.0/24\n", "nyy");
	assert_occurs("deny tcp peer 0.0.0.0/0\n", "nyy"); /* IPv6 is outside */
	assert_occurs("deny tcp peer { 0.0.0.0/0, ::/0 }\n", "nny");
	assert_occurs("deny tcp peer 192.0.2.0/24\ndeny tcp peer 192.0.2.0/25\n"
		      "deny udp peer 192.0.2.128/25\n",
		      "nynyy");
	assert_occurs("deny tcp peer 192.0.2.0/24\ndeny tcp peer 192.0.2.0/25\n"
		      "deny udp peer 192.0.2.128/26\n",
		      "nyyyy");
	assert_occurs("deny tcp peer ::/0\ndeny tcp peer ::/1\ndeny tcp peer 8000::/1\n", "nynyy");
}

/* Unrelated blocks in the same rules are one class. */
static void classes_are_shared(void **state)
{
	(void)state;
	assert_occurs("set x { 192.0.2.1, 192.0.2.3, 198.51.100.0/24, 2001:db8::/32 }\n"
		      "deny tcp peer @x\ndeny udp peer not @x\nallow gre peer { @x }\n",
		      "nyy");
	/* However the lists are written. */
	assert_occurs("deny tcp peer { 192.0.2.0/24, 198.51.100.1 }\n"
		      "deny tcp peer { 192.0.2.1, 198.51.100.0/24 }\n",
		      "nyyyy");
}

static void rules_that_write_the_same_share_a_list(void **state)
{
	struct policy *policy = world_parse("set a { 192.0.2.1 }\n"
					    "set f file \"3\"\n"
					    "set g file \"3\"\n"
					    "deny tcp peer { 192.0.2.1, 2001:db8::1 }\n"
					    "deny udp peer not { 2001:db8::1, 192.0.2.1 }\n"
					    "deny gre peer @a\n"
					    "deny esp peer { @f }\n"
					    "allow to any peer not { @g }\n"
					    "deny ah peer { @g, 192.0.2.7 }\n"
					    "deny any\n");
	struct traits traits;

	(void)state;
	assert_non_null(policy);
	assert_int_equal(traits_collect(&traits, policy, "test", NULL), 0);
	assert_int_equal(traits.rules[0].peers, traits.rules[1].peers);
	assert_int_not_equal(traits.rules[0].peers, traits.rules[2].peers);
	assert_int_equal(traits.rules[3].peers, traits.rules[4].peers);
	assert_int_not_equal(traits.rules[3].peers, traits.rules[5].peers);
	assert_int_equal(traits.rules[6].peers, TRAIT_NONE);
	assert_int_equal(traits.set_count, 1); /* f and g have the same content */
	assert_int_equal(traits.listed_count, 2);
	traits_clear(&traits);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_the_lists_that_hold_an_address),
		cmocka_unit_test(a_block_that_inner_ones_fill_has_no_address_left),
		cmocka_unit_test(classes_are_shared),
		cmocka_unit_test(rules_that_write_the_same_share_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
