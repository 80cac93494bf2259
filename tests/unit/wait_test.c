// SPDX-License-Identifier: GPL-2.0-only
/* How long a veth is held whose container is not known: wait_is_over(). */
#include "support.h"

#include "util.h"
#include "wait.h"

static bool is_over(const struct wait *wait, uint64_t held_ns)
{
	struct wait then = *wait;
	char why[WAIT_WHY] = "";
	bool over;

	then.held_ns = held_ns;
	over = wait_is_over(&then, why);
	assert_true(why[0]);
	return over;
}

/* After how many ms it is let go; -1: never, as long as nothing else changes. */
static int ends_after(const struct wait *wait)
{
	for (int ms = 0; ms <= 2 * 60000; ms += 100)
		if (is_over(wait, ms * NS_PER_MS))
			return ms;
	return -1;
}

#define LIMIT 1500
#define LIMIT_PODMAN 10000
#define LIMIT_NAMED_BY_ENGINE 60000

static void foreign_ones_are_let_go(void **state)
{
	static const struct wait foreign[] = {
		/* LXC, and a bridge made by hand: the engine does not list it */
		{ .bridge = BRIDGE_UNKNOWN,
		  .may_be_followed = true,
		  .engine_answers = true,
		  .listed = true },
		{ .bridge = BRIDGE_UNKNOWN,
		  .may_be_followed = true,
		  .engine_answers = true,
		  .listed = true,
		  .here = true },
		/* a veth put into a container by hand, on such a bridge */
		{ .bridge = BRIDGE_UNKNOWN,
		  .may_be_followed = true,
		  .engine_answers = true,
		  .listed = true,
		  .named = true },
		/* no engine, and a name as engines give it */
		{ .bridge = BRIDGE_UNKNOWN, .may_be_followed = true },
		{ .bridge = BRIDGE_UNKNOWN, .may_be_followed = true, .here = true },
		/* on the engine's own bridge */
		{ .bridge = BRIDGE_FOLLOWED,
		  .may_be_followed = true,
		  .engine_answers = true,
		  .listed = true },
		{ .bridge = BRIDGE_FOLLOWED,
		  .may_be_followed = true,
		  .engine_answers = true,
		  .here = true },
		{ .bridge = BRIDGE_FOLLOWED, .may_be_followed = true, .here = true },
		{ .bridge = BRIDGE_FOLLOWED,
		  .may_be_followed = true,
		  .here = true,
		  .podman = true,
		  .engine_answers = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		assert_int_equal(ends_after(&foreign[i]), LIMIT);
}

static void foreign_bridges_hold_nothing(void **state)
{
	const struct wait foreign = { .bridge = BRIDGE_FOREIGN,
				      .may_be_followed = false,
				      .named = true };
	const struct wait none = { .bridge = BRIDGE_UNKNOWN,
				   .may_be_followed = false,
				   .named = true };

	(void)state;
	assert_int_equal(ends_after(&foreign), 0);
	assert_int_equal(ends_after(&none), 0);
}

static void what_may_be_a_containers_stays_held(void **state)
{
	static const struct wait doubtful[] = {
		/* at boot, before the engine answers */
		{ .bridge = BRIDGE_UNKNOWN, .may_be_followed = true, .named = true },
		{ .bridge = BRIDGE_FOLLOWED, .may_be_followed = true, .named = true },
		{ .bridge = BRIDGE_FOLLOWED, .may_be_followed = true },
		/* the engine does not know the id yet, or several claim it */
		{ .bridge = BRIDGE_FOLLOWED,
		  .may_be_followed = true,
		  .named = true,
		  .engine_answers = true },
		/* a container that left its namespace while a network was connected */
		{ .bridge = BRIDGE_FOLLOWED,
		  .may_be_followed = true,
		  .engine_answers = true,
		  .without_veth = "web" },
		/* a network that is being made */
		{ .bridge = BRIDGE_UNKNOWN, .may_be_followed = true, .engine_answers = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(doubtful); i++)
		assert_int_equal(ends_after(&doubtful[i]), -1);
}

static void podman_makes_the_network_first(void **state)
{
	const struct wait wait = { .bridge = BRIDGE_FOLLOWED,
				   .may_be_followed = true,
				   .engine_answers = true,
				   .podman = true };

	(void)state;
	assert_int_equal(ends_after(&wait), LIMIT_PODMAN);
}

/* Whatever is known: what is in this network namespace is no container's, or not yet. */
static void no_state_holds_what_no_container_can_use(void **state)
{
	(void)state;
	for (unsigned int bits = 0; bits < 128; bits++) {
		const struct wait wait = {
			.bridge = bits & 1 ? BRIDGE_FOLLOWED : BRIDGE_UNKNOWN,
			.may_be_followed = true,
			.here = true,
			.named = bits & 2,
			.engine_answers = bits & 4,
			.listed = bits & 8,
			.podman = bits & 16,
			.without_veth = bits & 32 ? "web" : NULL,
			.engine_name = bits & 64,
		};
		bool by_engine = wait.engine_name && wait.bridge == BRIDGE_FOLLOWED;

		assert_int_equal(ends_after(&wait), by_engine ? LIMIT_NAMED_BY_ENGINE : LIMIT);
	}
}

/* It lasts as long as the start does, which ends by time. */
static void nothing_is_let_go_before_the_engine_can_answer(void **state)
{
	static const struct wait starting[] = {
		{ .bridge = BRIDGE_UNKNOWN, .may_be_followed = true, .starting = true },
		{ .bridge = BRIDGE_UNKNOWN,
		  .may_be_followed = true,
		  .starting = true,
		  .podman = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(starting); i++)
		assert_int_equal(ends_after(&starting[i]), -1);
}

/* A busy host takes seconds from the veth to the container's first process. */
static void names_of_the_engine_are_held_longer(void **state)
{
	const struct wait wait = { .bridge = BRIDGE_FOLLOWED,
				   .may_be_followed = true,
				   .engine_answers = true,
				   .listed = true,
				   .engine_name = true };
	static const char *const others[] = { "veth0",	     "veth012345",  "veth01234567",
					      "vethABCDEF0", "vethgabcdef", "eth0123456" };

	(void)state;
	assert_int_equal(ends_after(&wait), LIMIT_NAMED_BY_ENGINE);
	assert_true(wait_is_engine_name("veth0a1b2c3"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(wait_is_engine_name(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_ones_are_let_go),
		cmocka_unit_test(foreign_bridges_hold_nothing),
		cmocka_unit_test(what_may_be_a_containers_stays_held),
		cmocka_unit_test(podman_makes_the_network_first),
		cmocka_unit_test(nothing_is_let_go_before_the_engine_can_answer),
		cmocka_unit_test(names_of_the_engine_are_held_longer),
		cmocka_unit_test(no_state_holds_what_no_container_can_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
