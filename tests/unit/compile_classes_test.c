/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules with all fields: the compiled tables decide each packet as the policy does. Random policies
 * in a small world, and packets with every combination of unknown fields.
 */
#include "world.h"

#include "compiled.h"
#include "naive.h"

#define SEED 20250103u
#define POLICIES 3000
#define PACKETS 300

static void compare(const struct policy *policy, const struct lookup *lookup,
		    const struct packet *packet, const char *text)
{
	uint32_t said = naive_decide(policy, packet), found = lookup_packet(lookup, packet);
	char what[256];

	if (said == found)
		return;
	world_describe(packet, what, sizeof(what));
	fail_msg("policy says %#x, tables say %#x of %s, by\n%s", said, found, what, text);
}

static void random_packets_agree(void **state)
{
	struct random random = { SEED };
	unsigned long by_rule = 0, classes = 0;

	(void)state;
	for (int i = 0; i < POLICIES; i++) {
		char *text;
		struct policy *policy = world_policy(&random, random_below(&random, 24), &text);
		struct compiled *compiled = compile(policy);
		struct lookup *lookup = lookup_new(compiled);

		assert_non_null(lookup);
		for (int j = 0; j < PACKETS; j++) {
			struct packet packet = world_packet(&random);

			compare(policy, lookup, &packet, text);
			by_rule +=
				PCTL_OUTCOME_ARG(lookup_packet(lookup, &packet)) >= PCTL_SLOT_RULES;
		}
		classes += compiled->service_count;
		lookup_free(lookup);
		compiled_free(compiled);
		policy_free(policy);
		free(text);
	}
	print_message("seed %u: %d policies, %d packets, %lu decided by a rule, %lu services\n",
		      SEED, POLICIES, POLICIES * PACKETS, by_rule, classes);
	assert_true(by_rule > POLICIES * PACKETS / 4);
	assert_true(classes > POLICIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_packets_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
