/* SPDX-License-Identifier: GPL-2.0-only */
/* A rule that stays keeps its id, and with it its counters; no id is ever given twice. */
#include "ids.h"
#include "spec.h"
#include "support.h"

#include <errno.h>

static struct policy *with_ids(const char *text, const struct policy *previous)
{
	struct policy *policy = parse_good(text);

	assert_int_equal(policy_assign_ids(policy, previous), 0);
	return policy;
}

static void assert_ids(const struct policy *policy, const uint32_t *ids, size_t count)
{
	assert_int_equal(policy->count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(policy->rules[i].id, ids[i]);
}

#define ASSERT_IDS(policy, ...) \
	assert_ids(policy, (uint32_t[]){ __VA_ARGS__ }, COUNT(((uint32_t[]){ __VA_ARGS__ })))

static void a_first_policy_counts_from_one(void **state)
{
	struct policy *policy = with_ids("deny tcp\ndeny udp\nallow any\n", NULL);

	(void)state;
	ASSERT_IDS(policy, 1, 2, 3);
	assert_int_equal(policy->next_id, 4);
	policy_free(policy);
}

static void rules_that_stay_keep_their_id(void **state)
{
	struct policy *old = with_ids("deny tcp dport { 80, 443 }\ndeny udp\ndeny gre\n", NULL);
	/* Another order, another spelling, one gone, one new. */
	struct policy *new = with_ids("deny 47\nallow icmp\ndeny tcp dport {443,80}\n", old);

	(void)state;
	ASSERT_IDS(new, 3, 4, 1);
	assert_int_equal(new->next_id, 5);
	policy_free(old);
	policy_free(new);
}

static void ids_are_not_used_again(void **state)
{
	struct policy *first = with_ids("deny tcp\ndeny udp\n", NULL);
	struct policy *second = with_ids("deny tcp\n", first);
	struct policy *third = with_ids("deny tcp\ndeny udp\n", second);

	(void)state;
	ASSERT_IDS(second, 1);
	ASSERT_IDS(third, 1, 3);
	policy_free(first);
	policy_free(second);
	policy_free(third);
}

static void twins_get_each_their_own_id(void **state)
{
	struct policy *old = with_ids("deny tcp\ndeny udp\ndeny tcp\n", NULL);
	struct policy *new = with_ids("deny tcp\ndeny tcp\ndeny tcp\n", old);

	(void)state;
	ASSERT_IDS(old, 1, 2, 3);
	ASSERT_IDS(new, 1, 3, 4);
	policy_free(old);
	policy_free(new);
}

static void an_added_rule_does_not_take_a_neighbours_id(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *old = with_ids("deny tcp\ndeny udp\n", NULL);
	struct policy *new = policy_copy(old);

	(void)state;
	assert_int_equal(policy_add_spec(new, VERDICT_DENY, "tcp", &diagnostics), 0);
	assert_int_equal(policy_assign_ids(new, old), 0);
	ASSERT_IDS(new, 1, 2, 3);
	policy_free(old);
	policy_free(new);
}

static void removing_is_by_id(void **state)
{
	struct policy *policy = with_ids("deny tcp\ndeny udp\ndeny gre\n", NULL);

	(void)state;
	assert_int_equal(policy_remove(policy, 2), 0);
	ASSERT_IDS(policy, 1, 3);
	assert_int_equal(policy_remove(policy, 2), -ENOENT);
	assert_int_equal(policy_remove(policy, 3), 0);
	assert_int_equal(policy_remove(policy, 1), 0);
	assert_int_equal(policy->count, 0);
	assert_int_equal(policy->next_id, 4);
	policy_free(policy);
}

static void without_an_id_left_nothing_changes(void **state)
{
	struct policy *policy = parse_good("deny tcp\ndeny udp\n");

	(void)state;
	policy->next_id = UINT32_MAX - 1;
	assert_int_equal(policy_assign_ids(policy, NULL), -EOVERFLOW);
	assert_int_equal(policy->rules[0].id, 0);
	assert_int_equal(policy->next_id, UINT32_MAX - 1);
	policy_free(policy);
}

static void many_rules_keep_their_ids(void **state)
{
	struct random random = { 3 };
	char *text = random_policy(&random, 5000);
	struct policy *old = with_ids(text, NULL), *new = with_ids(text, old);

	(void)state;
	for (size_t i = 0; i < old->count; i++)
		assert_int_equal(new->rules[i].id, old->rules[i].id);
	assert_int_equal(new->next_id, old->next_id);
	policy_free(old);
	policy_free(new);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_policy_counts_from_one),
		cmocka_unit_test(rules_that_stay_keep_their_id),
		cmocka_unit_test(ids_are_not_used_again),
		cmocka_unit_test(twins_get_each_their_own_id),
		cmocka_unit_test(an_added_rule_does_not_take_a_neighbours_id),
		cmocka_unit_test(removing_is_by_id),
		cmocka_unit_test(without_an_id_left_nothing_changes),
		cmocka_unit_test(many_rules_keep_their_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
