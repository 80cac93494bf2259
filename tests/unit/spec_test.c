/* SPDX-License-Identifier: GPL-2.0-only */
/* The short form of a rule, as --deny and --allow take it. */
#include "print.h"
#include "spec.h"
#include "support.h"

#include <errno.h>

/* The rule that a SPEC means; NULL and messages when it has an error. */
static char *meaning(const char *spec, char **messages)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = policy_new();
	char *text = NULL;
	int error;

	assert_non_null(policy);
	error = policy_add_spec(policy, VERDICT_DENY, spec, &diagnostics);
	if (!error)
		text = policy_rule_print(&policy->rules[0]);
	else
		assert_int_equal(error, -EINVAL);
	assert_int_equal(policy->count, error ? 0 : 1);
	assert_int_equal(diagnostics.errors, error ? 1 : 0);
	*messages = print_diagnostics(&diagnostics);
	policy_free(policy);
	return text;
}

static void specs_mean_rules(void **state)
{
	static const char *const cases[][2] = {
		{ "tcp", "deny tcp" },
		{ "tcp/443", "deny tcp dport 443" },
		{ "443/tcp", "deny tcp dport 443" },
		{ "from:udp/53", "deny from udp dport 53" },
		{ "to:tcp/8000-8100", "deny to tcp dport 8000-8100" },
		{ "from:8000-8100/udp", "deny from udp dport 8000-8100" },
		{ "tcp/443,80", "deny tcp dport { 80, 443 }" },
		{ "80,443/tcp", "deny tcp dport { 80, 443 }" },
		{ "tcp/https", "deny tcp dport 443" },
		{ "https/tcp", "deny tcp dport 443" },
		{ "6/https", "deny tcp dport 443" },
		{ "443/TCP", "deny tcp dport 443" },
		{ "udp/domain,123", "deny udp dport { 53, 123 }" },
		{ "sctp/9", "deny sctp dport 9" },
		{ "icmp", "deny icmp" },
		{ "icmp/echo-request", "deny icmp type echo-request" },
		{ "icmp/8", "deny icmp type echo-request" },
		{ "8/icmp", "deny icmp type echo-request" },
		{ "icmpv6", "deny icmpv6" },
		{ "ipv6-icmp", "deny icmpv6" },
		{ "icmpv6/echo-request", "deny icmpv6 type echo-request" },
		{ "sctp", "deny sctp" },
		{ "ah", "deny ah" },
		{ "ipip", "deny ipip" },
		{ "47", "deny gre" },
		{ "gre", "deny gre" },
		{ "any", "deny any" },
		{ "arp", "deny arp" },
		{ "from:arp", "deny from arp" },
		{ "ethertype/0x88cc", "deny ethertype 0x88cc" },
		{ "to:ethertype/0x8035,0x88cc", "deny to ethertype { 0x8035, 0x88cc }" },
		{ "to:any", "deny to any" },
		{ "tcp dport 80 peer 198.51.100.0/24", "deny tcp dport 80 peer 198.51.100.0/24" },
		{ "tcp/80 peer 198.51.100.0/24", "deny tcp dport 80 peer 198.51.100.0/24" },
		{ "80/tcp sport 1024-65535", "deny tcp sport 1024-65535 dport 80" },
		{ "from:udp dport { 53, 123 } peer not { 198.51.100.1, 2001:db8::1 }",
		  "deny from udp dport { 53, 123 } peer not { 198.51.100.1, 2001:db8::1 }" },
		{ "to { tcp, udp } sport 53", "deny to { tcp, udp } sport 53" },
		{ "from spoofed audit", "deny from any spoofed audit" },
		{ "from:spoofed log", "deny from any spoofed log" },
		{ "any peer 198.51.100.1 vlan 7 log", "deny any peer 198.51.100.1 vlan 7 log" },
		{ "icmp/echo-request code 0", "deny icmp type echo-request code 0" },
		{ " tcp ", "deny tcp" },
		{ "tcp # the rest is a comment", "deny tcp" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *messages, *text = meaning(cases[i][0], &messages);

		if (!text)
			fail_msg("%s", messages);
		assert_string_equal(text, cases[i][1]);
		assert_string_equal(messages, "");
		free(messages);
		free(text);
	}
}

static void mistakes_are_explained(void **state)
{
	static const char *const cases[][2] = {
		{ "", "SPEC:1:1: error: a rule is written PROTO or PROTO/PORTS" },
		{ "from:", "SPEC:1:6: error: a rule is written PROTO or PROTO/PORTS" },
		{ "/tcp", "SPEC:1:1: error: a rule is written PROTO or PROTO/PORTS" },
		{ "tcp/", "SPEC:1:5: error: there is nothing behind the '/'" },
		{ "tcp/80/81", "SPEC:1:8: error: a second '/' means nothing" },
		{ "tcp/80,", "SPEC:1:8: error: a port is missing here" },
		{ "tcp/,80", "SPEC:1:5: error: a port is missing here" },
		{ "tcp/80,,81", "SPEC:1:8: error: a port is missing here" },
		{ "in:tcp", "SPEC:1:1: error: unknown direction 'in'" },
		{ "from:to:tcp", "SPEC:1:6: error: unknown protocol 'to:tcp'" },
		{ "any/80", "SPEC:1:5: error: `any` has no ports: name the protocol, `tcp/80`" },
		{ "80/any", "SPEC:1:1: error: `any` has no ports: name the protocol, `tcp/80`" },
		{ "gre/80", "SPEC:1:5: error: gre has no ports" },
		{ "arp/80", "SPEC:1:5: error: arp has no ports" },
		{ "ethertype", "SPEC:1:1: error: which one? Write `ethertype/0x88cc`" },
		{ "ethertype/tcp", "SPEC:1:11: error: an ethertype is written as a hexadecimal" },
		{ "ethertype/0x0806", "SPEC:1:11: error: ethertype 0x0806: this is ARP" },
		{ "80/gre", "SPEC:1:1: error: gre has no ports" },
		{ "443", "SPEC:1:1: error: a port needs its protocol: `tcp/443`" },
		{ "80,443", "SPEC:1:1: error: a port needs its protocol: `tcp/80,443`" },
		{ "https", "SPEC:1:1: error: a port needs its protocol: `tcp/https`" },
		{ "6/443", "SPEC:1:1: error: which of the two is the protocol?" },
		{ "ip", "SPEC:1:1: error: every IP protocol is written `any`" },
		{ "tpc", "SPEC:1:1: error: unknown protocol 'tpc', did you mean 'tcp'?" },
		{ "tpc/80", "SPEC:1:1: error: unknown protocol 'tpc', did you mean 'tcp'?" },
		{ "tcp/70000", "SPEC:1:5: error: port 70000 is larger than 65535" },
		{ "tcp/90-80", "SPEC:1:5: error: the range 90-80 is empty: write 80-90" },
		{ "tcp/foo", "SPEC:1:5: error: unknown port 'foo'" },
		{ "icmp/redirec", "SPEC:1:6: error: unknown type 'redirec', did you mean" },
		{ "icmp/256", "SPEC:1:6: error: type 256 is larger than 255" },
		{ "0", "SPEC:1:1: error: protocol 0 (hopopt) is an IPv6 extension header" },
		{ "to:ipv6-frag", "SPEC:1:4: error: protocol 44 (ipv6-frag) is an IPv6" },
		{ "tcp udp", "SPEC:1:5: error: several protocols are written as a list" },
		{ "deny tcp", "SPEC:1:1: error: `deny` is said by what the SPEC belongs to" },
		{ "tcp dport 80; udp", "SPEC:1:13: error: a SPEC is one rule, and ends here" },
		{ "tcp dport 80\nudp", "SPEC:1:13: error: a SPEC is one rule, and ends here" },
		{ "tcp/80 dport 81", "SPEC:1:8: error: `dport` is given twice" },
		{ "tcp peer @office", "SPEC:1:10: error: unknown set '@office'" },
		{ "tcp port 80", "SPEC:1:5: error: write `dport` (destination) or `sport`" },
		{ "from udp rate 1mbit", "SPEC:1:10: error: `rate` does not fit here" },
		{ "tcp/80,, peer 198.51.100.1", "SPEC:1:8: error: a port is missing here" },
		{ "in:tcp peer 198.51.100.1", "SPEC:1:1: error: unknown direction 'in'" },
		{ " ", "SPEC:1:2: error: the line ends where a protocol" },
		{ "\x1b[2J", "unknown protocol '?[2J'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *messages, *text = meaning(cases[i][0], &messages);

		if (text)
			fail_msg("'%s' was taken as %s", cases[i][0], text);
		assert_contains(messages, cases[i][1]);
		free(messages);
	}
}

static void a_number_alone_is_a_protocol_and_a_warning(void **state)
{
	char *messages, *text = meaning("80", &messages);

	(void)state;
	assert_string_equal(text, "deny proto 80");
	assert_contains(messages, "SPEC:1:1: warning: 80 alone is the IP protocol 80; port 80 is "
				  "written `tcp/80` or `udp/80`");
	free(messages);
	free(text);
}

static void specs_keep_their_order(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = policy_new();
	char *text;

	(void)state;
	assert_int_equal(policy_add_spec(policy, VERDICT_ALLOW, "tcp/22", &diagnostics), 0);
	assert_int_equal(policy_add_spec(policy, VERDICT_DENY, "tcp", &diagnostics), 0);
	assert_int_equal(policy_add_spec(policy, VERDICT_DENY, "nonsense", &diagnostics), -EINVAL);
	assert_int_equal(policy_add_spec(policy, VERDICT_DENY, "from:udp", &diagnostics), 0);
	text = policy_print(policy);
	assert_string_equal(text, "default from allow\ndefault to allow\nallow tcp dport 22\n"
				  "deny tcp\ndeny from udp\n");
	assert_int_equal(policy->rules[2].place.line, 0);
	free(text);
	policy_free(policy);
	diagnostics_clear(&diagnostics);
}

static void defaults_are_set_by_direction(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = parse_good("default from deny");

	(void)state;
	assert_int_equal(policy_set_default(policy, "to:deny", &diagnostics), 0);
	assert_int_equal(policy->defaults[PCTL_FROM], VERDICT_DENY);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_DENY);
	assert_int_equal(policy->default_places[PCTL_FROM].line, 1);
	assert_int_equal(policy_set_default(policy, "allow", &diagnostics), 0);
	assert_int_equal(policy->defaults[PCTL_FROM], VERDICT_ALLOW);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_ALLOW);
	assert_int_equal(policy->default_places[PCTL_FROM].line, 0);
	assert_int_equal(policy_set_default(policy, "from:deny", &diagnostics), 0);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_ALLOW);
	assert_int_equal(diagnostics.count, 0);
	policy_free(policy);
}

static void bad_defaults_change_nothing(void **state)
{
	static const char *const texts[] = { "",	"drop",	 "to:",		"to:drop",
					     "in:deny", "denyy", "to:from:deny" };
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = policy_new();
	char *messages;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(policy_set_default(policy, texts[i], &diagnostics), -EINVAL);
	assert_int_equal(diagnostics.errors, COUNT(texts));
	assert_int_equal(policy->defaults[PCTL_FROM], VERDICT_ALLOW);
	assert_int_equal(policy->defaults[PCTL_TO], VERDICT_ALLOW);
	messages = print_diagnostics(&diagnostics);
	assert_contains(messages,
			"DEFAULT:1:4: error: expected `allow`, `deny` or `reject`, not 'drop'");
	free(messages);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs_mean_rules),
		cmocka_unit_test(mistakes_are_explained),
		cmocka_unit_test(a_number_alone_is_a_protocol_and_a_warning),
		cmocka_unit_test(specs_keep_their_order),
		cmocka_unit_test(defaults_are_set_by_direction),
		cmocka_unit_test(bad_defaults_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
