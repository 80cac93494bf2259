/* SPDX-License-Identifier: GPL-2.0-only */
/* Warnings about policies that are well-formed, but hardly mean what they say. */
#include "check.h"
#include "spec.h"
#include "warnings.h"
#include "world.h"

#include <stdio.h>

static void policies_that_make_sense_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"deny tcp",
		"allow tcp dport 80\ndeny tcp\n",
		"deny from tcp\nallow to tcp\ndeny udp\n",
		"deny from tcp\ndeny tcp\n", /* the second rule still decides `to` */
		"deny tcp dport 0-100\ndeny tcp dport 50-101\n",
		"deny { tcp, udp }\ndeny { udp, gre }\n",
		"deny icmp\ndeny icmpv6\n",
		"deny icmp type 3 code 4\ndeny icmp type 3 code 5\ndeny icmp type 3\n",
		"deny gre\ndeny any\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_warnings(texts[i], "");
}

static void a_hidden_rule_names_what_hides_it(void **state)
{
	(void)state;
	assert_warnings("deny tcp\nallow udp\nallow tcp dport 80\n",
			"test:3:1: warning: \"allow tcp dport 80\" (line 3) is never reached: "
			"\"deny tcp\" (line 1) comes before it and decides all its packets\n");
	assert_warnings("deny any\ndeny gre\n",
			"test:2:1: warning: \"deny gre\" (line 2) is never reached: "
			"\"deny any\" (line 1) comes before it and decides all its packets\n");
	assert_warns("deny icmp type 3\ndeny icmp type 3 code 4\n",
		     "\"deny icmp type destination-unreachable\" (line 1) comes before it");
}

static void a_duplicate_is_hidden_too(void **state)
{
	(void)state;
	assert_warnings("deny tcp dport { 80, 443 }\ndeny tcp dport { 443, 80 }\n",
			"test:2:1: warning: \"deny tcp dport { 80, 443 }\" (line 2) is never "
			"reached: \"deny tcp dport { 80, 443 }\" (line 1) comes before it and "
			"decides all its packets\n");
}

static void the_one_that_hides_it_alone_is_named_first(void **state)
{
	(void)state;
	assert_warns("deny tcp dport 80\ndeny tcp dport 1-100\nallow tcp dport 80-90\n",
		     "\"deny tcp dport 1-100\" (line 2) comes before it");
}

static void several_rules_can_hide_one_together(void **state)
{
	(void)state;
	assert_warnings("deny udp\ndeny tcp dport 0-100\ndeny tcp dport 101-200\n"
			"allow tcp dport 50-150\n",
			"test:4:1: warning: \"allow tcp dport 50-150\" (line 4) is never reached: "
			"the rules before it together decide all its packets, the first of them is "
			"\"deny tcp dport 0-100\" (line 2)\n");
	assert_warns("deny from tcp\ndeny to tcp\nallow tcp\n",
		     "the first of them is \"deny from tcp\" (line 1)");
	assert_warns("deny tcp\ndeny udp\nallow { tcp, udp }\n",
		     "the first of them is \"deny tcp\" (line 1)");
}

static void what_a_hidden_rule_still_does_is_said(void **state)
{
	(void)state;
	assert_warns("default deny\nallow to tcp dport 0-65535\nallow to tcp\n",
		     "(line 2); it still lets pass what hides its port or protocol, "
		     "fragments for example\n");
	assert_warns("allow any\ndeny tcp dport 80\n",
		     "all its packets; it still drops frames that are not known to be IP or ARP\n");
	assert_warns("allow to any peer { 0.0.0.0/0, ::/0 }\ndeny to any peer 192.0.2.1\n",
		     "all its packets; it still drops frames that are not known to be IP or ARP\n");
	assert_warns("allow from any peer { 0.0.0.0/0, ::/0 }\nallow from any\n",
		     "all its packets; it still lets pass what hides its peer, source routed "
		     "packets for example\n");
	assert_warnings("allow tcp\ndeny tcp dport 80\n",
			"test:2:1: warning: \"deny tcp dport 80\" (line 2) is never reached: "
			"\"allow tcp\" (line 1) comes before it and decides all its packets; it "
			"still drops what hides its port or protocol, fragments for example\n");
}

#define NAMES "resolver { 192.0.2.1 }\nset a dns { a.test }\n"

static void connections_that_end_with_a_ttl_are_warned_of(void **state)
{
	(void)state;
	assert_warns(NAMES "allow from tcp peer @a\n",
		     "\"allow from tcp peer @a\" (line 3) lets a connection pass until the TTL");
	assert_warnings(NAMES "allow from tcp peer @a\nallow to established\n", "");
	assert_warnings(NAMES "deny from tcp peer @a\n", "");
	assert_warnings("set c container { c }\nallow from tcp peer @c\n", "");
}

static void questions_shadow_questions(void **state)
{
	static const char sets[] = "set a dns { a.test }\nset b dns { b.test }\n";
	char text[512];

	(void)state;
	snprintf(text, sizeof(text),
		 "%sallow from udp dport 53 dns @a\n"
		 "deny from udp dport 53 dns @b\ndeny from udp dport 53\n",
		 sets);
	assert_warnings(text, "");
	snprintf(text, sizeof(text),
		 "%sdeny from udp dport 53 peer 192.0.2.0/24\n"
		 "allow from udp dport 53 peer 192.0.2.1 dns @a\n"
		 "allow from udp dport 53 peer not 192.0.2.0/24 dns @b\n",
		 sets);
	assert_warns(text, "\"allow from udp dport 53 peer 192.0.2.1 dns @a\" (line 4) is never "
			   "reached: \"deny from udp dport 53 peer 192.0.2.0/24\" (line 3)");
	snprintf(text, sizeof(text),
		 "%sdeny from udp dport 53 dns @a\nallow from udp dport 53 dns @a\n"
		 "allow from udp dport 53 dns @b\n",
		 sets);
	assert_warns(text, "\"allow from udp dport 53 dns @a\" (line 4) is never reached");
}

static void rules_without_a_text_are_named_by_id_or_number(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = policy_new();
	char *messages;

	(void)state;
	assert_int_equal(policy_add_spec(policy, VERDICT_DENY, "any", &diagnostics), 0);
	assert_int_equal(policy_add_spec(policy, VERDICT_DENY, "tcp", &diagnostics), 0);
	policy->rules[0].id = 17;
	assert_int_equal(policy_check(policy, "test", &diagnostics), 0);
	messages = print_diagnostics(&diagnostics);
	assert_string_equal(messages, "test: warning: \"deny tcp\" (rule 2) is never reached: "
				      "\"deny any\" (rule id 17) comes before it and decides all "
				      "its packets\n");
	free(messages);
	policy_free(policy);
}

static void many_hidden_rules_are_summed_up(void **state)
{
	char text[2048] = "deny any\n", *messages;

	(void)state;
	for (int i = 0; i < 30; i++)
		sprintf(text + strlen(text), "deny tcp dport %d\n", i);
	messages = warnings_of(text);
	assert_contains(messages, "test:21:1: warning");
	assert_null(strstr(messages, "test:22:1"));
	assert_contains(messages, "test: warning: 10 more rules are never reached\n");
	free(messages);
}

#define FILES "set f file \"1\"\nset g file \"2\"\n"

static void hidden_by_peers(void **state)
{
	(void)state;
	assert_warnings(
		"set office { 192.0.2.0/24, 2001:db8::/32 }\n"
		"allow tcp peer @office\n"
		"allow tcp dport 22 peer { 192.0.2.7, 2001:db8::/64 }\n",
		"test:3:1: warning: \"allow tcp dport 22 peer { 192.0.2.7, 2001:db8::/64 }\" "
		"(line 3) is never reached: \"allow tcp peer @office\" (line 2) comes before "
		"it and decides all its packets\n");
	assert_warns("deny tcp peer not 192.0.2.1\nallow tcp peer 192.0.2.0/25\n"
		     "deny tcp peer 192.0.2.1\nallow tcp peer 2001:db8::1\n",
		     "test:4:1: warning: \"allow tcp peer 2001:db8::1\" (line 4) is never reached: "
		     "\"deny tcp peer not 192.0.2.1\" (line 1) comes before it");
	assert_warns("allow tcp peer 192.0.2.0/25\nallow tcp peer 192.0.2.128/25\n"
		     "allow tcp dport 80 peer 192.0.2.0/24\n",
		     "together decide all its packets, the first of them is \"allow tcp peer "
		     "192.0.2.0/25\" (line 1)");
	assert_warns(
		"deny udp peer 198.51.100.1\nallow tcp peer 0.0.0.0/0\n"
		"allow tcp peer ::/0\nallow tcp\n",
		"test:4:1: warning: \"allow tcp\" (line 4) is never reached: the rules before it "
		"together decide all its packets, the first of them is \"allow tcp peer 0.0.0.0/0\""
		" (line 2)");
}

static void hidden_by_ports(void **state)
{
	(void)state;
	assert_warns(
		"allow tcp dport not 80\nallow tcp dport 443 sport 7\n",
		"\"allow tcp dport not 80\" (line 1) comes before it and decides all its packets");
	assert_warns(
		"deny tcp sport not 53\ndeny tcp sport 53\nallow tcp dport 80\n",
		"together decide all its packets, the first of them is \"deny tcp sport not 53\"");
	assert_warns("allow udp sport 0-99 peer 192.0.2.1\nallow udp sport 5 peer 192.0.2.1\n",
		     "\"allow udp sport 0-99 peer 192.0.2.1\" (line 1) comes before it");
}

static void hidden_by_sets_from_files(void **state)
{
	(void)state;
	assert_warns(FILES "deny any peer @f\ndeny tcp dport 80 peer @f\n",
		     "test:4:1: warning: \"deny tcp dport 80 peer @f\" (line 4) is never reached: "
		     "\"deny any peer @f\" (line 3) comes before it and decides all its packets");
	assert_warns(FILES "allow any peer { @f, @g }\nallow tcp peer @g\n",
		     "\"allow any peer { @f, @g }\" (line 3) comes before it and decides");
	assert_warns(FILES "allow tcp peer not @f\nallow tcp peer not { @g, @f, 192.0.2.1 }\n",
		     "\"allow tcp peer not @f\" (line 3) comes before it and decides");
	assert_warns(FILES "allow tcp peer @f\nallow tcp peer not @f\nallow tcp peer 192.0.2.1\n",
		     "together decide all its packets, the first of them is \"allow tcp peer @f\"");
}

/* The sets of a rule are shadowed by one rule, or only by several together. */
static void hidden_by_sets_together(void **state)
{
	(void)state;
	assert_warns(FILES
		     "allow tcp peer not { @f, @g }\nallow tcp peer @g\ndeny tcp peer not @f\n",
		     "the rules before it together decide all its packets");
	assert_warns(FILES "allow tcp peer @f\nallow tcp peer @g\ndeny tcp peer { @f, @g }\n",
		     "the rules before it together decide all its packets");
	assert_warns(FILES "allow tcp peer { @f, @g }\nallow tcp peer not { @f, @g }\ndeny tcp\n",
		     "the rules before it together decide all its packets");
	assert_warns(
		"allow tcp peer { 0.0.0.0/0, ::/0 }\ndeny tcp\n",
		"\"allow tcp peer { 0.0.0.0/0, ::/0 }\" (line 1) comes before it and decides all");
}

static void hidden_by_arp(void **state)
{
	(void)state;
	assert_warns("deny arp\nallow from arp\n",
		     "\"allow from arp\" (line 2) is never reached: \"deny arp\" (line 1) comes "
		     "before it");
}

static void hidden_by_ethertypes_and_vlans(void **state)
{
	(void)state;
	assert_warns("deny any peer 192.0.2.1\nallow ethertype 0x88cc\n",
		     "\"allow ethertype 0x88cc\" (line 2) is never reached: \"deny any peer "
		     "192.0.2.1\" (line 1) comes before it and decides all its packets");
	assert_warns("allow ethertype { 0x88cc, 0x8035 }\ndeny ethertype 0x8035\n",
		     "\"deny ethertype 0x8035\" (line 2) is never reached");
	assert_warns("deny tcp vlan 10-20\nallow tcp dport 80 vlan 15\n",
		     "\"allow tcp dport 80 vlan 15\" (line 2) is never reached: \"deny tcp vlan "
		     "10-20\" (line 1) comes before it");
	assert_warns("allow from udp vlan 10\nallow from udp vlan not 10\ndeny from udp\n",
		     "\"deny from udp\" (line 3) is never reached: the rules before it together");
}

static void rules_with_all_fields_that_make_sense_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"deny any\nallow arp\n", /* ARP is not IP */
		"deny arp\nallow any\n",
		"allow ethertype 0x88cc\ndeny any peer 192.0.2.1\n",
		"allow any\nallow arp\nallow ethertype 0x88cc\n",
		"deny tcp vlan 10\nallow tcp vlan 11\ndeny tcp vlan 1-4095\nallow tcp\n",
		"deny tcp vlan 1-4095\nallow tcp\n",
		"deny tcp peer 192.0.2.0/24\nallow tcp peer 192.0.0.0/16\ndeny tcp\n",
		"allow tcp dport 22 peer 192.0.2.1\ndeny tcp dport 22\nallow tcp peer 192.0.2.1\n",
		"deny tcp sport 1\nallow tcp dport 1\ndeny tcp sport 2 peer ::/0\n",
		"deny udp dport 53 peer not 198.51.100.53\nallow udp dport 53\n",
		FILES "deny any peer @f log\nallow any peer @g\ndeny tcp peer not @f\n",
		FILES "allow tcp peer @f\nallow tcp peer { @f, @g }\nallow tcp peer 192.0.2.1\n",
		FILES "allow tcp peer not @f\nallow tcp peer @g\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_warnings(texts[i], "");
}

static void what_a_hidden_deny_does_to_unknown_peers_is_said(void **state)
{
	(void)state;
	assert_warns("allow tcp peer 192.0.2.1\nallow tcp dport 0-65535 peer 192.0.2.2\n"
		     "deny gre peer 192.0.2.0/31\nallow gre peer 192.0.2.1\n"
		     "deny from any\n",
		     "\"allow gre peer 192.0.2.1\" (line 4) is never reached: \"deny gre peer "
		     "192.0.2.0/31\" (line 3) comes before it and decides all its packets\n");
	assert_warns(
		"allow gre peer 192.0.2.0/31\nallow { tcp, udp }\n"
		"deny gre peer 192.0.2.1\n",
		"\"deny gre peer 192.0.2.1\" (line 3) is never reached: \"allow gre peer "
		"192.0.2.0/31\" (line 1) comes before it and decides all its packets; it still "
		"drops what hides its port, protocol or peer, fragments and source routed packets "
		"for example\n");
	assert_warns("deny esp\nallow gre peer 192.0.2.0/31\ndeny gre peer 192.0.2.1\n",
		     "decides all its packets; it still drops what hides its peer, source routed "
		     "packets for example\n");
}

static void shadowed_by_established(void **state)
{
	(void)state;
	assert_warns("allow to established\nallow to tcp established\nallow to tcp\n",
		     "\"allow to tcp established\" (line 2) is never reached: \"allow to any "
		     "established\" (line 1) comes before it");
	assert_warns("allow to tcp\nallow to tcp established\n",
		     "\"allow to tcp established\" (line 2) is never reached");
	/* What is unknown may be either. */
	assert_warns("allow to established\ndeny to tcp established\n",
		     "it still drops what hides its port or protocol");
	assert_warnings(
		"deny from tcp established\nallow from tcp\ndeny from tcp\n",
		"test:3:1: warning: \"deny from tcp\" (line 3) is never reached: \"allow from "
		"tcp\" (line 2) comes before it and decides all its packets; it still drops "
		"what hides its port or protocol, fragments for example\n");
}

static void lost_neighbour_discovery_is_warned_of(void **state)
{
	(void)state;
	assert_warnings("deny from any peer { 192.168.0.0/16, fe80::/10 }\n",
			"test:1:1: warning: \"deny from any peer { 192.168.0.0/16, fe80::/10 }\" "
			"(line 1) also drops neighbour discovery with link-local addresses, and "
			"without it IPv6 ends within seconds: `allow from icmpv6 type { "
			"router-solicitation, neighbour-solicitation, neighbour-advertisement }` "
			"above this rule lets it pass\n");
	assert_warns("deny any peer { fe80::/10, ff00::/8 }\n",
		     "link-local and multicast addresses, and without it IPv6 ends within seconds: "
		     "`allow icmpv6 type {");
	assert_warns("deny any peer ff02::/16\n", "multicast addresses, and without it IPv6 ends "
						  "within seconds: `allow from icmpv6 type {");
	assert_warns("deny from any peer fe80::1\n", "discovery with link-local");
	assert_warns("set lan { 10.0.0.0/8, fe80::/64 }\ndeny to icmpv6 peer @lan\n",
		     "`allow to icmpv6 type");
	assert_warns("deny to any peer not 192.0.2.1\n", "discovery with link-local");
	assert_warns("default deny\ndeny to any peer not 192.0.2.1\n", "discovery with link-local");
	assert_warns("allow any peer 2001:db8::/32\nallow from icmpv6 type neighbour-solicitation\n"
		     "deny from any peer not 192.0.2.1\n",
		     "line 3) also drops neighbour discovery");
}

static void neighbour_discovery_that_stays_is_not(void **state)
{
	static const char *const texts[] = {
		"allow from icmpv6 type { router-solicitation, neighbour-solicitation, "
		"neighbour-advertisement }\ndeny from any peer { 192.168.0.0/16, fe80::/10 }\n",
		"allow icmpv6 type { 133, 135, 136 }\ndeny any peer not 192.0.2.1\n",
		"deny from any peer { 192.168.0.0/16, 2001:db8::/32 }\n",
		"deny { tcp, udp } peer { fe80::/10, ff00::/8 }\n",
		"deny to any peer ff00::/8\n", /* nobody sends from there */
		"deny icmp peer not 192.0.2.1\n",
		/* the author wrote what is meant */
		"deny from icmpv6 type neighbour-solicitation peer fe80::/10\n",
		"deny icmpv6\n",
		"deny any\n",
		FILES "deny any peer @f\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *messages = warnings_of(texts[i]);

		assert_null(strstr(messages, "neighbour discovery"));
		free(messages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_that_make_sense_are_left_alone),
		cmocka_unit_test(a_hidden_rule_names_what_hides_it),
		cmocka_unit_test(a_duplicate_is_hidden_too),
		cmocka_unit_test(the_one_that_hides_it_alone_is_named_first),
		cmocka_unit_test(several_rules_can_hide_one_together),
		cmocka_unit_test(what_a_hidden_rule_still_does_is_said),
		cmocka_unit_test(rules_without_a_text_are_named_by_id_or_number),
		cmocka_unit_test(many_hidden_rules_are_summed_up),
		cmocka_unit_test(hidden_by_peers),
		cmocka_unit_test(hidden_by_ports),
		cmocka_unit_test(hidden_by_sets_from_files),
		cmocka_unit_test(hidden_by_sets_together),
		cmocka_unit_test(hidden_by_arp),
		cmocka_unit_test(hidden_by_ethertypes_and_vlans),
		cmocka_unit_test(rules_with_all_fields_that_make_sense_are_left_alone),
		cmocka_unit_test(what_a_hidden_deny_does_to_unknown_peers_is_said),
		cmocka_unit_test(connections_that_end_with_a_ttl_are_warned_of),
		cmocka_unit_test(questions_shadow_questions),
		cmocka_unit_test(shadowed_by_established),
		cmocka_unit_test(lost_neighbour_discovery_is_warned_of),
		cmocka_unit_test(neighbour_discovery_that_stays_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
