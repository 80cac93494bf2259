// SPDX-License-Identifier: GPL-2.0-only
/* Whose veth it is: claims_decide(). Enforcement never goes down by anything a container does. */
#include <stdlib.h>

#include "support.h"

#include "claims.h"
#include "util.h"

#define CONTAINERS 6
#define DEPTH 4
#define ROUNDS 300000

/* Containers are pointers into this; what is in it does not matter. */
static const char containers[CONTAINERS];

struct world {
	struct claimant of[CONTAINERS]; /* what the engine says */
	struct claims claims;
	struct recorded recorded;
	bool contested;
};

static unsigned int below(unsigned int count)
{
	return rand() % count;
}

static bool one_in(unsigned int count)
{
	return !below(count);
}

static void make_known(struct world *world)
{
	*world = (struct world){};
	for (size_t i = 0; i < CONTAINERS; i++)
		world->of[i].container = &containers[i];
}

static void set_running(struct world *world, size_t number, bool here)
{
	world->of[number].pid_known = true;
	world->of[number].pid_here = here;
}

/* --- what containers can do --- */

/* A process of `number`, behind the veth: below its own cgroup it may name whatever it likes. It is
 * never the first process of a pid namespace that was made from ours: its own are further down. */
static void add_nested(struct world *world, size_t number)
{
	struct claimant chain[DEPTH] = { world->of[number] };
	size_t length = 1 + below(DEPTH);

	for (size_t i = 1; i < length; i++)
		chain[i] = one_in(4) ? (struct claimant){ .missing = one_in(2) }
				     : world->of[below(CONTAINERS)];
	claims_add(&world->claims, chain, length, false, false);
}

/* With cgroup v1, and the hierarchy's root in sight, also beside it: in one hierarchy or in all. */
static void add_beside(struct world *world, bool running)
{
	const struct claimant chain[] = { world->of[below(CONTAINERS)] };

	if (running || !chain[0].pid_known)
		claims_add(&world->claims, chain, 1, false, one_in(2));
}

static void act(struct world *world, size_t attacker)
{
	for (unsigned int i = below(4); i > 0; i--) {
		if (one_in(3))
			add_beside(world, false);
		else
			add_nested(world, attacker);
	}
}

/* --- random worlds --- */

/* The container 0 has a veth with its policy, and does what it can to have another one's: its own
 * processes go and come, those of others that help it are behind its veth too. */
static void recorded_world(struct world *world)
{
	make_known(world);
	set_running(world, 0, one_in(2));
	for (size_t i = 1; i < CONTAINERS; i++)
		if (one_in(2))
			set_running(world, i, one_in(3));
	act(world, 0);
	for (size_t i = 1; i < CONTAINERS; i++)
		if (world->of[i].pid_known && one_in(3))
			add_nested(world, i);
	for (unsigned int i = below(3); i > 0; i--)
		add_beside(world, true);
	world->recorded = (struct recorded){ true, &containers[0], true };
	world->contested = one_in(2);
}

/* The container 0 starts: its first process is there, and the engine has not said so yet. Or it
 * runs, and a network is connected to it. Others went into its namespace. */
static void new_world(struct world *world)
{
	const struct claimant *self = &world->of[0];

	make_known(world);
	for (size_t i = 1; i < CONTAINERS; i++)
		if (one_in(2))
			set_running(world, i, false);
	if (one_in(2))
		set_running(world, 0, true);
	claims_add(&world->claims, self, 1, true, false);
	for (size_t i = 1; i < CONTAINERS; i++)
		if (world->of[i].pid_known && one_in(3))
			act(world, i);
	if (self->pid_known)
		act(world, 0);
	world->contested = one_in(2);
}

static void who_has_it_keeps_it(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct world world;

		recorded_world(&world);
		assert_ptr_equal(claims_decide(&world.claims, &world.recorded, world.contested),
				 &containers[0]);
	}
}

/* NULL: it stays held. */
static void nobody_gets_a_new_one_but_its_own(void **state)
{
	unsigned int held = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct world world;
		const void *found;

		new_world(&world);
		found = claims_decide(&world.claims, &world.recorded, world.contested);
		held += !found;
		if (found)
			assert_ptr_equal(found, &containers[0]);
	}
	assert_true(held < ROUNDS / 2); /* as a rule it is found */
}

/* --- single ones --- */

static const struct recorded nobody;

static const void *decide_one(const struct claimant chain[], size_t length, bool first)
{
	struct claims claims = {};

	claims_add(&claims, chain, length, first, false);
	return claims_decide(&claims, &nobody, false);
}

static void who_does_not_run_claims_nothing(void **state)
{
	const struct claimant stopped = { .container = &containers[1] };

	(void)state;
	assert_null(decide_one(&stopped, 1, false));
	assert_ptr_equal(decide_one(&stopped, 1, true), &containers[1]); /* it starts */
}

static void groups_that_differ_say_nothing(void **state)
{
	const struct claimant sure = { .container = &containers[1],
				       .pid_known = true,
				       .pid_here = true };
	struct claims claims = {};

	(void)state;
	claims_add(&claims, &sure, 1, true, true);
	assert_null(claims_decide(&claims, &nobody, false));
}

static void an_id_below_a_known_one_names_nothing(void **state)
{
	const struct claimant chain[] = {
		{ .container = &containers[0], .pid_known = true },
		{ .container = &containers[1], .pid_known = true, .pid_here = true },
	};
	const struct claimant unknown[] = { {}, chain[1] };
	const struct claimant missing[] = { { .missing = true }, chain[1] };

	(void)state;
	assert_ptr_equal(decide_one(chain, 2, true), &containers[0]);
	assert_null(decide_one(unknown, 2, true));
	/* An engine in a container of another engine. */
	assert_ptr_equal(decide_one(missing, 2, true), &containers[1]);
}

static void a_record_of_one_that_ended_gives_way(void **state)
{
	const struct recorded ended = { true, &containers[0], false }, unknown = { .is = true };
	const struct claimant sure = { .container = &containers[1],
				       .pid_known = true,
				       .pid_here = true };
	const struct claimant likely = { .container = &containers[1] };
	struct claims claims = {};

	(void)state;
	claims_add(&claims, &likely, 1, true, false);
	assert_ptr_equal(claims_decide(&claims, &ended, false), &containers[0]);
	assert_null(claims_decide(&claims, &unknown, false));
	claims_add(&claims, &sure, 1, true, false);
	assert_ptr_equal(claims_decide(&claims, &ended, false), &containers[1]);
	assert_ptr_equal(claims_decide(&claims, &unknown, false), &containers[1]);
}

static void two_are_none(void **state)
{
	const struct claimant sure[] = {
		{ .container = &containers[0], .pid_known = true, .pid_here = true },
		{ .container = &containers[1], .pid_known = true, .pid_here = true },
	};
	struct claims claims = {};

	(void)state;
	claims_add(&claims, &sure[0], 1, true, false);
	assert_ptr_equal(claims_decide(&claims, &nobody, true), &containers[0]);
	claims_add(&claims, &sure[1], 1, true, false);
	assert_null(claims_decide(&claims, &nobody, false));
}

static void who_starts_waits_where_another_one_is(void **state)
{
	const struct claimant starts[] = { { .container = &containers[0] },
					   { .container = &containers[1] } };
	const struct claimant visitor = { .container = &containers[2], .pid_known = true };
	const struct claimant unknown = {};
	struct claims claims = {}, visited, doubted;

	(void)state;
	claims_add(&claims, &starts[0], 1, true, false);
	visited = doubted = claims;
	claims_add(&doubted, &unknown, 1, false, false);
	assert_null(claims_decide(&doubted, &nobody, false));
	claims_add(&claims, &starts[1], 1, true, false);
	claims_add(&visited, &visitor, 1, true, false);
	assert_null(claims_decide(&claims, &nobody, false));
	assert_null(claims_decide(&visited, &nobody, false));
}

static void a_visitor_has_it_if_nobody_else_can(void **state)
{
	const struct claimant visitor[] = { { .container = &containers[0], .pid_known = true },
					    { .container = &containers[1], .pid_known = true } };
	struct claims claims = {};

	(void)state;
	claims_add(&claims, &visitor[0], 1, false, false);
	assert_ptr_equal(claims_decide(&claims, &nobody, false), &containers[0]);
	assert_null(claims_decide(&claims, &nobody, true));
	claims_add(&claims, &visitor[1], 1, false, false);
	assert_null(claims_decide(&claims, &nobody, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_it_keeps_it),
		cmocka_unit_test(nobody_gets_a_new_one_but_its_own),
		cmocka_unit_test(who_does_not_run_claims_nothing),
		cmocka_unit_test(an_id_below_a_known_one_names_nothing),
		cmocka_unit_test(a_record_of_one_that_ended_gives_way),
		cmocka_unit_test(two_are_none),
		cmocka_unit_test(groups_that_differ_say_nothing),
		cmocka_unit_test(who_starts_waits_where_another_one_is),
		cmocka_unit_test(a_visitor_has_it_if_nobody_else_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
