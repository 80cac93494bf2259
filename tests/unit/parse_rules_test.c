/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy has what its text says. */
#include "compiled.h"
#include "policy_parse.h"
#include "print.h"
#include "support.h"

#include <errno.h>

static void assert_ranges(const struct ranges *ranges, const struct range *expected, size_t count)
{
	assert_int_equal(ranges->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ranges->items[i].low, expected[i].low);
		assert_int_equal(ranges->items[i].high, expected[i].high);
	}
}

#define ASSERT_RANGES(ranges, ...)                                  \
	do {                                                        \
		const struct range expected_[] = { __VA_ARGS__ };   \
		assert_ranges(ranges, expected_, COUNT(expected_)); \
	} while (0)

static void without_defaults_everything_is_allowed(void **state)
{
	struct policy *policy = parse_good("# nothing but a comment");

	(void)state;
	assert_int_equal(policy->count, 0);
	assert_int_equal(policy->defaults[PCTL_FROM], VERDICT_ALLOW);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_ALLOW);
	assert_int_equal(policy->default_places[PCTL_FROM].line, 0);
	policy_free(policy);
}

static void defaults_are_per_direction(void **state)
{
	struct policy *policy = parse_good("default from allow\n  default to deny\n");

	(void)state;
	assert_int_equal(policy->defaults[PCTL_FROM], VERDICT_ALLOW);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_DENY);
	assert_int_equal(policy->default_places[PCTL_TO].line, 2);
	assert_int_equal(policy->default_places[PCTL_TO].column, 3);
	policy_free(policy);
	policy = parse_good("default deny");
	assert_int_equal(policy->defaults[PCTL_FROM], VERDICT_DENY);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_DENY);
	policy_free(policy);
}

static void rules_keep_their_order_place_and_direction(void **state)
{
	struct policy *policy = parse_good("deny tcp\n\n\tallow from udp # why\r\ndeny to any");

	(void)state;
	assert_int_equal(policy->count, 3);
	assert_int_equal(policy->rules[0].verdict, VERDICT_DENY);
	assert_int_equal(policy->rules[0].directions, POLICY_BOTH);
	assert_int_equal(policy->rules[1].verdict, VERDICT_ALLOW);
	assert_int_equal(policy->rules[1].directions, 1 << PCTL_FROM);
	assert_int_equal(policy->rules[1].place.line, 3);
	assert_int_equal(policy->rules[1].place.column, 2);
	assert_int_equal(policy->rules[2].directions, 1 << PCTL_TO);
	assert_int_equal(policy->rules[2].protocols.count, 0);
	assert_int_equal(policy->rules[2].id, 0);
	policy_free(policy);
}

static void protocols_are_names_numbers_and_lists(void **state)
{
	struct policy *policy = parse_good("deny proto 47\ndeny 47\ndeny gre\ndeny {udp,tcp}\n"
					   "deny proto { 6, 7 }\ndeny proto any\ndeny ah\n");

	(void)state;
	for (int i = 0; i < 3; i++)
		ASSERT_RANGES(&policy->rules[i].protocols, { 47, 47 });
	ASSERT_RANGES(&policy->rules[3].protocols, { 6, 6 }, { 17, 17 });
	ASSERT_RANGES(&policy->rules[4].protocols, { 6, 7 });
	assert_int_equal(policy->rules[5].protocols.count, 0);
	ASSERT_RANGES(&policy->rules[6].protocols, { 51, 51 });
	policy_free(policy);
}

static void ports_are_sorted_and_merged(void **state)
{
	struct policy *policy = parse_good("deny tcp dport { 443, 80, 81-90, 85-100, 443, 0 }\n"
					   "deny tcp dport 65535\n"
					   "deny { tcp, udp } dport https\n"
					   "deny tcp dport { 20-30, 10-90, 40, 90-91 }\n");

	(void)state;
	ASSERT_RANGES(&policy->rules[0].dports, { 0, 0 }, { 80, 100 }, { 443, 443 });
	ASSERT_RANGES(&policy->rules[1].dports, { 65535, 65535 });
	ASSERT_RANGES(&policy->rules[2].dports, { 443, 443 });
	ASSERT_RANGES(&policy->rules[3].dports, { 10, 91 });
	policy_free(policy);
}

static void types_are_those_of_the_protocol(void **state)
{
	struct policy *policy =
		parse_good("deny icmp type echo-request\ndeny icmpv6 type echo-request\n"
			   "deny icmp type destination-unreachable code fragmentation-needed\n"
			   "deny ipv6-icmp type { neighbor-solicitation, 136-137 } code 0\n"
			   "deny 58 type 1 code { 0-2, port-unreachable }\n");

	(void)state;
	ASSERT_RANGES(&policy->rules[0].types, { 8, 8 });
	ASSERT_RANGES(&policy->rules[1].types, { 128, 128 });
	ASSERT_RANGES(&policy->rules[2].types, { 3, 3 });
	ASSERT_RANGES(&policy->rules[2].codes, { 4, 4 });
	ASSERT_RANGES(&policy->rules[3].types, { 135, 137 });
	ASSERT_RANGES(&policy->rules[3].codes, { 0, 0 });
	ASSERT_RANGES(&policy->rules[4].codes, { 0, 2 }, { 4, 4 });
	policy_free(policy);
}

static void not_matches_the_others(void **state)
{
	struct policy *policy = parse_good("deny tcp dport not { 80, 443 } sport not 0-1023\n"
					   "deny udp sport { 53, 5353 } dport not 65535\n");

	(void)state;
	ASSERT_RANGES(&policy->rules[0].dports, { 0, 79 }, { 81, 442 }, { 444, 65535 });
	ASSERT_RANGES(&policy->rules[0].sports, { 1024, 65535 });
	assert_true(policy->rules[0].dports_negated && policy->rules[0].sports_negated);
	ASSERT_RANGES(&policy->rules[1].dports, { 0, 65534 });
	ASSERT_RANGES(&policy->rules[1].sports, { 53, 53 }, { 5353, 5353 });
	assert_true(policy->rules[1].dports_negated && !policy->rules[1].sports_negated);
	policy_free(policy);
}

/* Refused is only `not` of every address. */
static void not_leaves_some_addresses(void **state)
{
	struct policy *policy = parse_good("set a { 0.0.0.0/1, 8000::/1, 255.255.255.254 }\n"
					   "set b { ::/1, 128.0.0.0/2, 192.0.0.0/3 }\n"
					   "deny icmp peer not { @a, @b }\n"
					   "deny icmp peer not @a\n"
					   "deny icmpv6 peer not { ::/1, 8000::/2 }\n");

	(void)state;
	assert_int_equal(policy->count, 3);
	policy_free(policy);
}

static void arp_and_log_are_flags(void **state)
{
	struct policy *policy = parse_good("deny arp\nallow from arp log\ndeny any log\n"
					   "deny tcp dport 1 peer ::1 log\n");

	(void)state;
	assert_true(policy->rules[0].arp && !policy->rules[0].log);
	assert_true(policy->rules[1].arp && policy->rules[1].log);
	assert_int_equal(policy->rules[1].directions, 1 << PCTL_FROM);
	assert_true(!policy->rules[2].arp && policy->rules[2].log);
	assert_true(!policy->rules[3].arp && policy->rules[3].log);
	policy_free(policy);
}

static void assert_prefix(const struct prefix *prefix, uint8_t family, uint64_t high, uint64_t low,
			  uint8_t length)
{
	assert_int_equal(prefix->family, family);
	assert_true(prefix->high == high && prefix->low == low);
	assert_int_equal(prefix->length, length);
}

static void peers_are_addresses_blocks_and_lists(void **state)
{
	struct policy *policy = parse_good("deny any peer 192.0.2.1\n"
					   "deny tcp peer not 2001:db8:0:1::/64 dport 22\n"
					   "deny icmpv6 type 1 peer { ::2, 1::, ::3 }\n"
					   "deny { icmp, icmpv6 } peer { ::1, 0.0.0.0/0 }\n");

	(void)state;
	assert_prefix(policy->rules[0].peers.prefixes.items, PCTL_IPV4, 0xc0000201ull << 32, 0, 32);
	assert_false(policy->rules[0].peers.negated);
	assert_prefix(policy->rules[1].peers.prefixes.items, PCTL_IPV6, 0x20010db800000001, 0, 64);
	assert_true(policy->rules[1].peers.negated);
	ASSERT_RANGES(&policy->rules[1].dports, { 22, 22 });
	assert_int_equal(policy->rules[2].peers.prefixes.count, 2);
	assert_prefix(&policy->rules[2].peers.prefixes.items[0], PCTL_IPV6, 0, 2, 127);
	assert_prefix(&policy->rules[2].peers.prefixes.items[1], PCTL_IPV6, 1ull << 48, 0, 128);
	assert_int_equal(policy->rules[3].peers.prefixes.count, 2);
	assert_prefix(policy->rules[3].peers.prefixes.items, PCTL_IPV4, 0, 0, 0);
	policy_free(policy);
}

static void a_copy_is_deep(void **state)
{
	struct policy *policy = parse_good("default to deny\ndeny tcp dport { 1, 3 }\nallow any\n");
	struct policy *copy = policy_copy(policy);
	char *before = policy_print(policy), *after;

	(void)state;
	policy->rules[0].dports.items[0].low = 0;
	policy_free(policy);
	after = policy_print(copy);
	assert_string_equal(before, after);
	policy_free(copy);
	free(before);
	free(after);
}

static void failure_leaves_the_output_untouched(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = parse_good("deny tcp"), *kept = policy;

	(void)state;
	assert_int_equal(policy_parse("test", "deny", 4, NULL, &policy, &diagnostics), -EINVAL);
	assert_ptr_equal(policy, kept);
	diagnostics_clear(&diagnostics);
	policy_free(policy);
}

static void free_functions_take_null(void **state)
{
	(void)state;
	policy_free(NULL);
	compiled_free(NULL);
	diagnostics_clear(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_defaults_everything_is_allowed),
		cmocka_unit_test(defaults_are_per_direction),
		cmocka_unit_test(rules_keep_their_order_place_and_direction),
		cmocka_unit_test(protocols_are_names_numbers_and_lists),
		cmocka_unit_test(ports_are_sorted_and_merged),
		cmocka_unit_test(types_are_those_of_the_protocol),
		cmocka_unit_test(not_matches_the_others),
		cmocka_unit_test(not_leaves_some_addresses),
		cmocka_unit_test(arp_and_log_are_flags),
		cmocka_unit_test(peers_are_addresses_blocks_and_lists),
		cmocka_unit_test(a_copy_is_deep),
		cmocka_unit_test(failure_leaves_the_output_untouched),
		cmocka_unit_test(free_functions_take_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
