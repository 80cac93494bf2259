/* SPDX-License-Identifier: GPL-2.0-only */
/* What is printed can be applied again and gives the same tables. */
#include "support.h"

#include <stdio.h>

static void assert_prints(const char *text, const char *expected)
{
	struct policy *policy = parse_good(text);
	char *printed = policy_rule_print(&policy->rules[0]);

	assert_string_equal(printed, expected);
	free(printed);
	policy_free(policy);
}

static void rules_have_one_spelling(void **state)
{
	(void)state;
	assert_prints("deny   6", "deny tcp");
	assert_prints("deny proto { 17,6 , tcp }", "deny { tcp, udp }");
	assert_prints("deny { icmp, 2, 3, ipip }", "deny { icmp, igmp, 3, ipip }");
	assert_prints("deny to 200", "deny to proto 200");
	assert_prints("deny to { 200 }", "deny to proto 200");
	assert_prints("deny to { 200, 201 }", "deny to { 200, 201 }");
	assert_prints("allow from any", "allow from any");
	assert_prints("allow ipv6-icmp", "allow icmpv6");
	assert_prints("deny tcp dport { 80, 443, 81 }", "deny tcp dport { 80-81, 443 }");
	assert_prints("deny tcp dport { 80 }", "deny tcp dport 80");
	assert_prints("deny tcp dport 00080-0090", "deny tcp dport 80-90");
	assert_prints("deny icmp type 8", "deny icmp type echo-request");
	assert_prints("deny icmp type 8-11", "deny icmp type { echo-request, router-advertisement, "
					     "router-solicitation, time-exceeded }");
	assert_prints("deny icmp type { 6-8, 0 }", "deny icmp type { echo-reply, 6-8 }");
	assert_prints("deny icmp type 0-255", "deny icmp type 0-255");
	assert_prints("deny icmp type 3 code 4", "deny icmp type destination-unreachable code "
						 "fragmentation-needed");
	assert_prints("deny icmp type 8 code 0", "deny icmp type echo-request code 0");
	assert_prints("deny icmp type { 3, 5 } code { 1-2 }",
		      "deny icmp type { destination-unreachable, redirect } code 1-2");
}

static void a_policy_begins_with_its_defaults(void **state)
{
	struct policy *policy = parse_good("deny tcp\ndefault to deny\n");
	char *printed = policy_print(policy);

	(void)state;
	assert_string_equal(printed, "default from allow\ndefault to deny\ndeny tcp\n");
	free(printed);
	policy_free(policy);
}

static void assert_round_trip(const char *text)
{
	struct policy *policy = parse_good(text), *again;
	char *printed = policy_print(policy), *reprinted;
	struct compiled *a = compile(policy), *b;
	bool same = false;

	again = parse_good(printed);
	reprinted = policy_print(again);
	b = compile(again);
	assert_string_equal(printed, reprinted);
	assert_same_compiled(a, b);
	assert_int_equal(policy_same(policy, again, &same), 0);
	assert_true(same);
	compiled_free(a);
	compiled_free(b);
	free(printed);
	free(reprinted);
	policy_free(policy);
	policy_free(again);
}

static void random_policies_read_back(void **state)
{
	struct random random = { 20241122 };

	(void)state;
	for (int i = 0; i < 300; i++) {
		char *text = random_policy(&random, random_below(&random, 25));

		assert_round_trip(text);
		free(text);
	}
}

/* The longest line there can be: every second port. It is below what the parser takes. */
static void the_longest_rule_reads_back(void **state)
{
	char *text = malloc(32768 * 7 + 100), *at = text;

	(void)state;
	assert_non_null(text);
	at += sprintf(at, "deny { tcp, udp } dport {");
	for (int port = 0; port < 65536; port += 2)
		at += sprintf(at, "%s%d", port ? "," : "", port);
	sprintf(at, "}\n");
	assert_round_trip(text);
	free(text);
}

static void different_policies_are_not_the_same(void **state)
{
	struct policy *a = parse_good("deny tcp\ndeny udp"), *b = parse_good("deny udp\ndeny tcp");
	bool same = true;

	(void)state;
	assert_int_equal(policy_same(a, b, &same), 0);
	assert_false(same);
	policy_free(a);
	policy_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_have_one_spelling),
		cmocka_unit_test(a_policy_begins_with_its_defaults),
		cmocka_unit_test(random_policies_read_back),
		cmocka_unit_test(the_longest_rule_reads_back),
		cmocka_unit_test(different_policies_are_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
