/* SPDX-License-Identifier: GPL-2.0-only */
/* Each error is reported once, at its place. tests/golden/ has whole messages. */
#include "policy_parse.h"
#include "support.h"

#include <errno.h>
#include <stdio.h>

struct mistake {
	const char *text, *message;
};

static const struct mistake mistakes[] = {
	{ "alow tcp", "test:1:1: error: unknown word 'alow', did you mean 'allow'?" },
	{ "\n\n  sett x", "test:3:3: error: unknown word 'sett', did you mean 'set'?" },
	{ "x", "test:1:1: error: unknown word 'x', known here: `allow`, `deny`, `reject`, "
	       "`default`, `set`" },
	{ "deny tpc", "test:1:6: error: unknown protocol 'tpc', did you mean 'tcp'?" },
	{ "deny ip", "test:1:6: error: every IP protocol is written `any`" },
	{ "deny 256", "test:1:6: error: protocol 256 is larger than 255" },
	{ "deny 99999999999999999999", "test:1:6: error: protocol 9999999" },
	{ "deny 5-9", "test:1:6: error: a protocol has no ranges" },
	{ "deny { tcp, any }", "test:1:13: error: `any` is every protocol: it stands alone" },
	{ "deny tcp, udp", "test:1:9: error: several values are written as a list in braces" },
	{ "deny tcp dport 80 443",
	  "test:1:19: error: several values are written as a list in braces" },
	{ "deny tcp 80", "test:1:10: error: write `dport` (destination)" },
	{ "deny { tcp, udp } port 80", "test:1:19: error: write `dport`" },
	{ "deny icmp 8", "test:1:11: error: unknown word '8', known here: `type`" },
	{ "deny tcp udp", "test:1:10: error: several protocols are written as a list" },
	{ "deny tcp dport 65536", "test:1:16: error: port 65536 is larger than 65535" },
	{ "deny tcp dport 9-8", "test:1:16: error: the range 9-8 is empty: write 8-9" },
	{ "deny tcp dport 9-", "test:1:16: error: '9-' is not a range" },
	{ "deny tcp dport -9", "test:1:16: error: '-9' is not a range" },
	{ "deny tcp dport 1-2-3", "test:1:16: error: '1-2-3' is not a range" },
	{ "deny tcp dport nosuchservice", "test:1:16: error: unknown port" },
	{ "deny tcp dport", "test:1:15: error: the line ends where a port should be" },
	{ "deny tcp dport {}", "test:1:17: error: expected a port, not '}'" },
	{ "deny tcp dport { 1 2 }", "test:1:20: error: expected ',' or '}', not '2'" },
	{ "deny tcp dport { 1,", "test:1:20: error: the line ends where a port" },
	{ "deny tcp dport { 1\n}", "test:1:19: error: the line ends where ',' or '}'" },
	{ "deny tcp dport 1 dport 2", "test:1:18: error: `dport` is given twice" },
	{ "deny gre dport 1", "test:1:10: error: `dport` does not fit here: only tcp" },
	{ "deny any dport 1", "test:1:10: error: `dport` does not fit here: only tcp" },
	{ "deny { tcp, gre } dport 1", "test:1:19: error: `dport` does not fit" },
	{ "deny tcp type 8", "test:1:10: error: `type` does not fit here: only icmp" },
	{ "deny { icmp, icmpv6 } type 8", "test:1:23: error: `type` does not fit" },
	{ "deny icmp code 3", "test:1:11: error: `code` does not fit here" },
	{ "deny icmp type 256", "test:1:16: error: type 256 is larger than 255" },
	{ "deny icmp type 3 code 999", "test:1:23: error: code 999 is larger than 255" },
	{ "deny icmp type redirec", "did you mean 'redirect'?" },
	{ "deny icmp type mld-query", "test:1:16: error: unknown type 'mld-query'" },
	{ "deny icmp type 3 code host-unreachabel", "did you mean 'host-unreachable'?" },
	{ "deny icmp type { 3, 4 } code host-unreachable", "unknown code" },
	{ "deny tcp pear 1.2.3.4", "test:1:10: error: unknown word 'pear', did you mean 'peer'?" },
	{ "deny tcp expires",
	  "test:1:10: error: unknown word 'expires', known here: "
	  "`sport`, `dport`, `peer`, `vlan`, `established`, `mirror`, `audit`, `log`" },
	{ "deny tcp dport 1 }", "test:1:18: error: expected the end of the line" },
	{ "deny tcp/80", "test:1:9: error: '/' belongs to the short form" },
	{ "deny from:tcp", "test:1:10: error: ':' belongs to the short form" },
	{ "deny tcp dport 80/90", "test:1:18: error: '/' belongs to the short form" },
	{ "deny from", "test:1:10: error: the line ends where a protocol" },
	{ "default", "test:1:8: error: the line ends where `allow`, `deny` or `reject`" },
	{ "default form deny", "test:1:9: error: unknown word 'form', did you mean 'from'?" },
	{ "default to drop", "test:1:12: error: unknown word 'drop': write `deny`" },
	{ "default deny now", "test:1:14: error: expected the end of the line" },
	{ "default deny\ndefault to deny", "test:2:1: error: the default of `to` was set in "
					   "line 1 already" },
	{ "deny 0", "test:1:6: error: protocol 0 (hopopt) is an IPv6 extension header" },
	{ "deny 43", "protocol 43 (ipv6-route) is an IPv6 extension header" },
	{ "deny { tcp, 44 }", "test:1:13: error: protocol 44 (ipv6-frag)" },
	{ "deny ipv6-opts", "protocol 60 (ipv6-opts) is an IPv6 extension header" },
	{ "\xef\xbb\xbf"
	  "deny tcp",
	  "test:1:1: error: expected `allow`" },
	{ "\"deny\" tcp", "test:1:1: error: expected `allow`" },
};

/* Errors in one rule and its fields. */
static const struct mistake field_mistakes[] = {
	{ "deny dport 5", "test:1:6: error: write a protocol before `dport`" },
	{ "deny peer 1.2.3.4", "test:1:6: error: write a protocol before `peer`" },
	{ "deny { tcp, arp }", "test:1:13: error: `arp` is not an IP protocol: it stands alone" },
	{ "deny arp dport 1", "test:1:10: error: `dport` does not fit here" },
	{ "deny arp peer 1.2.3.4", "test:1:10: error: `peer` does not fit here: a rule for `arp`" },
	{ "deny { tcp, ethertype }", "test:1:13: error: an ethertype is not an IP protocol" },
	{ "deny ethertype 0x88cc dport 1", "test:1:23: error: `dport` does not fit here" },
	{ "deny ethertype 0x88cc peer 1.2.3.4", "test:1:23: error: `peer` does not fit here" },
	{ "deny any vlan", "test:1:14: error: the line ends where a VLAN" },
	{ "deny any vlan 0", "test:1:15: error: the id 0 is of no VLAN" },
	{ "deny any vlan 0-10", "test:1:15: error: the id 0 is of no VLAN" },
	{ "deny any vlan 4096", "test:1:15: error: VLAN 4096 is larger than 4095" },
	{ "deny any vlan 20-10", "test:1:15: error: the range 20-10 is empty" },
	{ "deny any vlan red", "test:1:15: error: unknown VLAN 'red'" },
	{ "deny any vlan 10 vlan 20", "test:1:18: error: `vlan` is given twice" },
	{ "deny vlan 10", "test:1:6: error: write a protocol before `vlan`; `any` is every" },
	{ "deny ethertype", "test:1:15: error: the line ends where an ethertype" },
	{ "deny ethertype lldp", "test:1:16: error: an ethertype is written as a hexadecimal" },
	{ "deny ethertype 8035", "test:1:16: error: an ethertype is written as a hexadecimal" },
	{ "deny ethertype 0x88cc-0x88cf", "test:1:16: error: an ethertype is written as a hex" },
	{ "deny ethertype 0x", "test:1:16: error: ethertype 0x is not a number up to 0xffff" },
	{ "deny ethertype 0x10000", "test:1:16: error: ethertype 0x10000 is not a number up to" },
	{ "deny ethertype 0x88ccx", "test:1:16: error: ethertype 0x88ccx is not a number up to" },
	{ "deny ethertype 0x0800", "test:1:16: error: ethertype 0x0800: this is IPv4: `any` is" },
	{ "deny ethertype 0x86DD", "test:1:16: error: ethertype 0x86DD: this is IPv6: `any` is" },
	{ "deny ethertype 0x0806", "test:1:16: error: ethertype 0x0806: this is ARP: write `arp`" },
	{ "deny ethertype 0x8100", "test:1:16: error: ethertype 0x8100: this is a VLAN tag" },
	{ "deny ethertype 0x88a8", "test:1:16: error: ethertype 0x88a8: this is a VLAN tag" },
	{ "deny ethertype 0x5ff", "test:1:16: error: ethertype 0x5ff: numbers below 0x0600 are" },
	{ "deny gre sport 1", "test:1:10: error: `sport` does not fit here: only tcp" },
	{ "deny tcp dport not", "test:1:19: error: the line ends where a port should be" },
	{ "deny tcp dport not 0-65535", "test:1:16: error: `not` of every port" },
	{ "deny tcp sport not { 0-9, 10-65535 }", "test:1:16: error: `not` of every port" },
	{ "deny tcp dport not not 1", "test:1:20: error: unknown port 'not'" },
	{ "deny icmp type not 1", "test:1:16: error: unknown type 'not'" },
	{ "deny tcp log dport 1",
	  "test:1:14: error: `log` is the last word of a rule: write `dport`" },
	{ "deny tcp log log", "test:1:14: error: `log` is the last word of a rule: nothing" },
	{ "deny tcp log what", "test:1:14: error: `log` is the last word of a rule: nothing" },
	{ "deny tcp 1.2.3.4", "test:1:10: error: write `peer` before an address or a set" },
	{ "deny tcp @a", "test:1:10: error: write `peer` before an address or a set: peer @a" },
	{ "deny tcp peer", "test:1:14: error: the line ends where an address or a set" },
	{ "deny tcp peer not", "test:1:18: error: the line ends where an address or a set" },
	{ "deny tcp peer {}", "test:1:16: error: expected an address or a set, not '}'" },
	{ "deny tcp peer ::1 peer ::2", "test:1:19: error: `peer` is given twice" },
	{ "deny tcp peer ::1, ::2", "test:1:18: error: several values are written as a list" },
	{ "deny tcp peer { ::1 ::2 }", "test:1:21: error: expected ',' or '}', not '::2'" },
	{ "deny tcp peer { ::1\n}", "test:1:20: error: the line ends where ',' or '}'" },
	{ "deny tcp peer home", "test:1:15: error: 'home' is not an address: write 192.0.2.1" },
	{ "deny tcp peer host", "test:1:15: error: a set is written with an @: @host" },
	{ "deny tcp peer 1.2.3", "test:1:15: error: '1.2.3' is not an address" },
	{ "deny tcp peer 01.2.3.4", "test:1:15: error: '01.2.3.4' is not an address" },
	{ "deny tcp peer 1.2.3.4-1.2.3.9", "there are no ranges of addresses" },
	{ "deny tcp peer 1.2.3.4/33", "behind the '/' stands the length of the prefix, a number "
				      "from 0 to 32" },
	{ "deny tcp peer 1.2.3.4/", "behind the '/' stands the length" },
	{ "deny tcp peer 10.0.0.0/8x", "behind the '/' stands the length" },
	{ "deny tcp peer 2001:db8::/32:", "behind the '/' stands the length" },
	{ "deny tcp peer 1.2.3.4/08", "behind the '/' stands the length" },
	{ "deny tcp peer 1.2.3.0/255.255.255.0", "behind the '/' stands the length" },
	{ "deny tcp peer 1::/129", "a number from 0 to 128" },
	{ "deny tcp peer 198.51.100.7/24", "test:1:15: error: '198.51.100.7/24' has bits behind "
					   "its length: write 198.51.100.0/24 for the block, "
					   "198.51.100.7 for the address" },
	{ "deny tcp peer 2001:db8::1/32", "write 2001:db8::/32 for the block, 2001:db8::1 for" },
	{ "deny tcp peer ::ffff:1.2.3.4", "test:1:15: error: '::ffff:1.2.3.4' is an IPv4 address "
					  "in the form of IPv6: write 1.2.3.4" },
	{ "deny tcp peer ::ffff:102:300/120", "write 1.2.3.0/24" },
	{ "deny tcp peer not { ::/0, 0.0.0.0/0 }", "test:1:15: error: `not` of every address" },
	{ "set a { 0.0.0.0/1, 8000::/1 }\nset b { 192.0.0.0/2, ::/2 }\n"
	  "deny tcp peer not { 4000::/2, @a, @b, 128.0.0.0/2 }",
	  "test:3:15: error: `not` of every address" },
	{ "deny tcp peer not { ::/1, 8000::/1, 128.0.0.0/1, 0.0.0.0/1 }", "`not` of every" },
	{ "deny icmp peer not 0.0.0.0/0", "test:1:16: error: `not` of every address" },
	{ "deny icmp peer ::1", "test:1:16: error: `icmp` is only in IPv4, so its peer never has "
				"the IPv6 address ::1" },
	{ "deny icmp peer { 1.2.3.4, ::1 }", "test:1:27: error: `icmp` is only in IPv4" },
	{ "deny icmp peer not ::1", "test:1:20: error: `icmp` is only in IPv4" },
	{ "deny icmpv6 peer 10.0.0.0/8", "test:1:18: error: `icmpv6` is only in IPv6" },
	{ "deny tcp peer @a", "test:1:15: error: unknown set '@a': a set is defined above" },
	{ "set abc { ::1 }\ndeny tcp peer @acb", "test:2:15: error: unknown set '@acb', did you "
						 "mean '@abc'?" },
	{ "deny tcp peer @a\nset a { ::1 }", "test:1:15: error: unknown set '@a'" },
	{ "set a { ::1 }\ndeny tcp peer a", "test:2:15: error: a set is written with an @: @a" },
	{ "set a { ::1 }\ndeny icmp peer @a", "test:2:16: error: set 'a' has no IPv4 address" },
};

static const struct mistake set_mistakes[] = {
	{ "set", "test:1:4: error: the line ends where the name of the set should be" },
	{ "set a", "test:1:6: error: the line ends where '{', `file`, "
		   "`dns`, `container`, `compose`, `label` or `network` should be" },
	{ "set a ::1", "test:1:7: error: expected '{', `file`, `dns`, `container`, "
		       "`compose`, `label` or `network`, not '::1'" },
	{ "set { ::1 }", "test:1:5: error: expected the name of the set, not '{'" },
	{ "set @a { ::1 }", "test:1:5: error: the @ belongs where a set is used" },
	{ "set 1a { ::1 }", "test:1:5: error: the name of a set has letters, digits" },
	{ "set a.b { ::1 }", "test:1:5: error: the name of a set has letters, digits" },
	{ "set a { }", "test:1:9: error: an empty list" },
	{ "set a {\n}", "test:2:1: error: an empty list" },
	{ "set a { ::1, }", "test:1:14: error: expected an address, not '}'" },
	{ "set a { ::1 ::2 }", "test:1:13: error: expected ',' or '}', not '::2'" },
	{ "set a { ::1", "test:1:12: error: the line ends where ',' or '}'" },
	{ "set a { ::1\nallow tcp", "test:2:1: error: the list above is not closed" },
	{ "set a { ::1,\n deny tcp", "test:2:2: error: the list above is not closed" },
	{ "set a { ::1 } x", "test:1:15: error: expected the end of the line, not 'x'" },
	{ "set a { @b }", "test:1:9: error: this list holds addresses, not other sets" },
	{ "set a { ::1 }\n\nset a { ::2 }", "test:3:5: error: set 'a' was defined in line 1 "
					    "already" },
	{ "set a file feed", "test:1:12: error: expected a path in quotes, \"feed.txt\"" },
	{ "set a file \"feed", "test:1:12: error: a quote that is not closed in its line" },
	{ "set a file \"feed\n\"", "test:1:12: error: a quote that is not closed" },
	{ "set a file \"\"", "test:1:12: error: the path of the file is empty" },
	{ "set a file \"x\ty\"", "test:1:12: error: a path has no control characters" },
	{ "set a file \"feed\"", "test:1:12: error: sets from files cannot be read here" },
};

static unsigned int count_errors(const char *messages)
{
	unsigned int count = 0;

	for (; (messages = strstr(messages, ": error: ")); messages++)
		count++;
	return count;
}

static void assert_mistakes(const struct mistake *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *messages = errors_of(list[i].text, strlen(list[i].text));

		assert_contains(messages, list[i].message);
		free(messages);
	}
}

static void mistakes_point_at_their_place(void **state)
{
	(void)state;
	assert_mistakes(mistakes, COUNT(mistakes));
}

static void mistakes_of_fields_do(void **state)
{
	(void)state;
	assert_mistakes(field_mistakes, COUNT(field_mistakes));
}

static void mistakes_of_sets_do(void **state)
{
	(void)state;
	assert_mistakes(set_mistakes, COUNT(set_mistakes));
}

/* A rule that uses a set with an error is no further error, and the text behind the set is read. */
static void after_a_broken_set_reading_goes_on(void **state)
{
	static const char *const texts[] = {
		"set a { 1.2.3, ::1 }\ndeny icmp peer @a\nallow tpc",
		"set a {\n\t::1,\n\t1.2.3,\n\t::2\n}\ndeny tcp peer @a\nallow tpc",
		"set a { ::1, 1.2.3,\n::2\n\ndeny tcp peer @a\nallow tpc",
		"set a { ::1,\ndeny tcp peer @a\nallow tpc",
		"set a { ::1 }\nset a {\n::2,\n::3 }\ndeny tcp peer @a\ndeny tpc",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *messages = errors_of(texts[i], strlen(texts[i]));

		assert_contains(messages, "unknown protocol 'tpc'");
		assert_int_equal(count_errors(messages), 2);
		free(messages);
	}
}

static void a_set_that_no_rule_names_brings_a_warning(void **state)
{
	static const char text[] = "set a { ::1 }\n  set b { ::2 }\nset c { ::3 }\n"
				   "deny tcp peer not { @c, ::1, @a }";
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;
	char *messages;

	(void)state;
	assert_int_equal(policy_parse("test", text, strlen(text), NULL, &policy, &diagnostics), 0);
	assert_int_equal(diagnostics.count, 1);
	messages = print_diagnostics(&diagnostics);
	assert_contains(messages, "test:2:7: warning: no rule names the set 'b'");
	free(messages);
	policy_free(policy);
}

static void reading_goes_on_at_the_next_line(void **state)
{
	static const char text[] = "deny foo bar } {\nallow tcp\nallow tcp dport { 1, 2\nallow\n"
				   "deny tcp dport x x x\nallow udp";
	char *messages = errors_of(text, strlen(text));

	(void)state;
	assert_int_equal(count_errors(messages), 4);
	free(messages);
}

static void a_hopeless_text_is_not_read_to_its_end(void **state)
{
	char text[200 * 2 + 1] = "", *messages;

	(void)state;
	for (int i = 0; i < 200; i++)
		memcpy(text + 2 * i, "x\n", 3);
	messages = errors_of(text, strlen(text));
	assert_int_equal(count_errors(messages), 21);
	assert_contains(messages, "test:21:1: error: more than 20 errors");
	free(messages);
}

static void a_nul_byte_is_an_error(void **state)
{
	static const char *const texts[] = { "deny \0tcp", "deny tcp\0\n", "\0deny tc",
					     "deny{tcp\0" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *messages = errors_of(texts[i], 9);

		assert_contains(messages, "error: a NUL byte: this is not a text");
		assert_int_equal(count_errors(messages), 1);
		free(messages);
	}
	/* In a comment too: a reader of C strings would stop there. */
	char *messages = errors_of("# a\0b\ndeny tcp\n", 15);

	assert_contains(messages, "test:1:4: error: a NUL byte");
	free(messages);
}

static void a_line_without_end_is_an_error(void **state)
{
	size_t length = 2 << 20;
	char *text = malloc(length), *messages;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', length);
	memcpy(text, "allow tcp\n  deny udp", 20);
	messages = errors_of(text, length);
	assert_contains(messages, "test:2:3: error: the line is longer than 1048576 bytes");
	assert_true(strlen(messages) < 500);
	free(messages);
	free(text);
}

static void a_text_need_not_end_in_nul(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;
	char *text = malloc(8);

	(void)state;
	assert_non_null(text);
	memcpy(text, "deny tcp", 8);
	assert_int_equal(policy_parse("test", text, 8, NULL, &policy, &diagnostics), 0);
	assert_int_equal(policy->count, 1);
	policy_free(policy);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_point_at_their_place),
		cmocka_unit_test(mistakes_of_fields_do),
		cmocka_unit_test(mistakes_of_sets_do),
		cmocka_unit_test(after_a_broken_set_reading_goes_on),
		cmocka_unit_test(a_set_that_no_rule_names_brings_a_warning),
		cmocka_unit_test(reading_goes_on_at_the_next_line),
		cmocka_unit_test(a_hopeless_text_is_not_read_to_its_end),
		cmocka_unit_test(a_nul_byte_is_an_error),
		cmocka_unit_test(a_line_without_end_is_an_error),
		cmocka_unit_test(a_text_need_not_end_in_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
