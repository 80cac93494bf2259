/* SPDX-License-Identifier: GPL-2.0-only */
/* What is printed can be applied again and gives the same tables. */
#include "compiled.h"
#include "print.h"
#include "random_rules.h"

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
	assert_prints("deny tcp dport not { 80, 81 }", "deny tcp dport not 80-81");
	assert_prints("deny tcp dport 0-65535", "deny tcp dport 0-65535");
	assert_prints("deny tcp peer ::1 dport 1 sport not { 3, 2 } log",
		      "deny tcp sport not 2-3 dport 1 peer ::1 log");
	assert_prints("deny icmp peer 1.2.3.4 type 3 code 4 log",
		      "deny icmp type destination-unreachable code fragmentation-needed "
		      "peer 1.2.3.4 log");
	assert_prints("deny proto arp", "deny arp");
	assert_prints("allow tcp rate 1000KBIT each burst 1000ms dport 80 log",
		      "allow tcp dport 80 rate 1mbit burst 1s each log");
	assert_prints("allow to udp rate 1500000bit burst 2500kb else deny",
		      "allow to udp rate 1500kbit burst 2500kB");
	assert_prints("allow icmp rate 100pps else reject burst 050p audit",
		      "allow icmp rate 100pps burst 50p else reject audit");
	assert_prints("rate slow 3mbit burst 1s\nallow any rate @slow", "allow any rate @slow");
	assert_prints("deny tcp vlan 10 dport 80 log", "deny tcp dport 80 vlan 10 log");
	assert_prints("deny arp vlan { 30, 10-12, 11-20 }", "deny arp vlan { 10-20, 30 }");
	assert_prints("deny any vlan not { 10, 1 }", "deny any vlan not { 1, 10 }");
	assert_prints("deny any peer 192.0.2.1 vlan not 1-4095",
		      "deny any peer 192.0.2.1 vlan not 1-4095");
	assert_prints("deny ethertype 0x88CC", "deny ethertype 0x88cc");
	assert_prints("allow to ethertype { 0x88cc, 0x600, 0x88cd } log",
		      "allow to ethertype { 0x0600, 0x88cc, 0x88cd } log");
	assert_prints("allow to arp log", "allow to arp log");
	assert_prints("deny any peer { 1.2.3.4/32, 2001:DB8:0:0::/64, 1.2.3.5 }",
		      "deny any peer { 1.2.3.4/31, 2001:db8::/64 }");
	assert_prints("deny any peer not { ::/0 }", "deny any peer not ::/0");
	assert_prints("deny any peer not { ::1, 10.0.0.0/8 }",
		      "deny any peer not { 10.0.0.0/8, ::1 }");
	assert_prints("set b { ::2 }\nset a { ::1 }\ndeny any peer not { @a, ::3, @b, @a }",
		      "deny any peer not { ::3, @b, @a }");
	assert_prints("set a { ::1 }\ndeny any peer { @a }", "deny any peer @a");
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

static void assert_same_ranges(const struct ranges *a, const struct ranges *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->items[i].low, b->items[i].low);
		assert_int_equal(a->items[i].high, b->items[i].high);
	}
}

static void assert_same_prefixes(const struct prefixes *a, const struct prefixes *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_true(prefix_holds(&a->items[i], &b->items[i]) &&
			    prefix_holds(&b->items[i], &a->items[i]));
}

static void assert_same_peers(const struct peers *a, const struct peers *b)
{
	assert_int_equal(a->negated, b->negated);
	assert_int_equal(a->set_count, b->set_count);
	for (size_t i = 0; i < a->set_count; i++)
		assert_string_equal(a->sets[i]->name, b->sets[i]->name);
	assert_same_prefixes(&a->prefixes, &b->prefixes);
}

static void assert_same_rules(const struct rule *a, const struct rule *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->audit, b->audit);
	assert_int_equal(a->directions, b->directions);
	assert_int_equal(a->arp, b->arp);
	assert_int_equal(a->log, b->log);
	assert_int_equal(a->dports_negated, b->dports_negated);
	assert_int_equal(a->sports_negated, b->sports_negated);
	assert_same_ranges(&a->protocols, &b->protocols);
	assert_same_ranges(&a->dports, &b->dports);
	assert_same_ranges(&a->sports, &b->sports);
	assert_same_ranges(&a->types, &b->types);
	assert_same_ranges(&a->codes, &b->codes);
	assert_same_peers(&a->peers, &b->peers);
}

static void assert_same_policies(const struct policy *a, const struct policy *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->set_count, b->set_count);
	assert_memory_equal(a->defaults, b->defaults, sizeof(a->defaults));
	for (size_t i = 0; i < a->count; i++)
		assert_same_rules(&a->rules[i], &b->rules[i]);
	for (size_t i = 0; i < a->set_count; i++) {
		assert_string_equal(a->sets[i]->name, b->sets[i]->name);
		assert_same_prefixes(&a->sets[i]->prefixes, &b->sets[i]->prefixes);
	}
}

static void policies_with_every_field_read_back(void **state)
{
	struct random random = { 20241123 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char *text = random_rules(&random, random_below(&random, 25));
		struct policy *policy = parse_with_files(text, random_feeds), *again;
		char *printed = policy_print(policy), *reprinted;
		bool same = false;

		again = parse_with_files(printed, random_feeds);
		reprinted = policy_print(again);
		assert_string_equal(printed, reprinted);
		assert_same_policies(policy, again);
		assert_int_equal(policy_same(policy, again, &same), 0);
		assert_true(same);
		policy_free(policy);
		policy_free(again);
		free(printed);
		free(reprinted);
		free(text);
	}
}

/* The longest line that is printed: every second port. The parser takes it. */
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
		cmocka_unit_test(policies_with_every_field_read_back),
		cmocka_unit_test(the_longest_rule_reads_back),
		cmocka_unit_test(different_policies_are_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
