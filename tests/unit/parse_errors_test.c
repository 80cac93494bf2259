/* SPDX-License-Identifier: GPL-2.0-only */
/* Each mistake is reported once, at its place. The look of whole messages: tests/golden/. */
#include "support.h"

#include <errno.h>
#include <stdio.h>

static const struct {
	const char *text, *message;
} mistakes[] = {
	{ "alow tcp", "test:1:1: error: unknown word 'alow', did you mean 'allow'?" },
	{ "\n\n  set x", "test:3:3: error: unknown word 'set', known here: `allow`" },
	{ "deny tpc", "test:1:6: error: unknown protocol 'tpc', did you mean 'tcp'?" },
	{ "deny ip", "test:1:6: error: every IP protocol is written `any`" },
	{ "deny 256", "test:1:6: error: protocol 256 is larger than 255" },
	{ "deny 99999999999999999999", "test:1:6: error: protocol 9999999" },
	{ "deny 5-9", "test:1:6: error: a protocol has no ranges" },
	{ "deny { tcp, any }", "test:1:13: error: `any` is every protocol: it stands alone" },
	{ "deny tcp, udp", "test:1:9: error: several values are written as a list in braces" },
	{ "deny tcp udp", "test:1:10: error: several protocols are written as a list" },
	{ "deny tcp dport 65536", "test:1:16: error: port 65536 is larger than 65535" },
	{ "deny tcp dport 9-8", "test:1:16: error: the range 9-8 is empty: write 8-9" },
	{ "deny tcp dport 9-", "test:1:16: error: '9-' is not a range" },
	{ "deny tcp dport -9", "test:1:16: error: '-9' is not a range" },
	{ "deny tcp dport 1-2-3", "test:1:16: error: '1-2-3' is not a range" },
	{ "deny tcp dport nosuchservice", "test:1:16: error: unknown port" },
	{ "deny tcp dport", "test:1:15: error: the line ends where a port should stand" },
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
	{ "deny tcp peer 1.2.3.4", "test:1:10: error: unknown word 'peer', known here: "
				   "`dport`" },
	{ "deny tcp dport 1 log", "test:1:18: error: unknown word 'log': only the" },
	{ "deny tcp dport 1 }", "test:1:18: error: expected the end of the line" },
	{ "deny tcp/80", "test:1:9: error: '/' belongs to the short form" },
	{ "deny from", "test:1:10: error: the line ends where a protocol" },
	{ "default", "test:1:8: error: the line ends where `allow` or `deny`" },
	{ "default form deny", "test:1:9: error: unknown word 'form', did you mean 'from'?" },
	{ "default to drop", "test:1:12: error: unknown word 'drop', known here: `allow`" },
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

static void mistakes_point_at_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		char *messages = errors_of(mistakes[i].text, strlen(mistakes[i].text));

		assert_contains(messages, mistakes[i].message);
		free(messages);
	}
}

static unsigned int count_errors(const char *messages)
{
	unsigned int count = 0;

	for (; (messages = strstr(messages, ": error: ")); messages++)
		count++;
	return count;
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
	/* In a comment too: what reads the text as a C string would stop there. */
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
		cmocka_unit_test(reading_goes_on_at_the_next_line),
		cmocka_unit_test(a_hopeless_text_is_not_read_to_its_end),
		cmocka_unit_test(a_nul_byte_is_an_error),
		cmocka_unit_test(a_line_without_end_is_an_error),
		cmocka_unit_test(a_text_need_not_end_in_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
