/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules that are added to a policy: those of --rule and of labels. */
#include "policy_parse.h"
#include "print.h"
#include "support.h"

#include <errno.h>
#include <string.h>

static struct policy *base(void)
{
	static const char text[] =
		"set office { 198.51.100.0/24 }\n"
		"rate slow 3mbit\n"
		"connections 100\n"
		"own { 198.18.1.2, 198.18.1.3, 198.18.1.4, 198.18.1.5, 198.18.1.6 }\n"
		"default to deny\n"
		"deny from spoofed\n"
		"allow to tcp established peer @office rate @slow\n";
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;

	assert_int_equal(policy_parse("base", text, strlen(text), NULL, &policy, &diagnostics), 0);
	return policy;
}

/* The policy with this text behind it; the messages if there is an error. */
static char *with(const char *text, bool of_label)
{
	const struct policy_text more = { .name = "RULE", .text = text, .of_label = of_label };
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = base();
	int error = policy_add_text(policy, &more, &diagnostics);
	size_t errors = diagnostics.errors;
	char *said = print_diagnostics(&diagnostics), *printed = policy_print(policy);

	assert_int_equal(error, errors ? -EINVAL : 0);
	for (size_t i = 2; i < policy->count; i++)
		assert_int_equal(policy->rules[i].place.line, 0);
	assert_int_equal(policy->rules[0].place.line, 6);
	policy_free(policy);
	if (error) {
		free(printed);
		return said;
	}
	assert_string_equal(said, "");
	free(said);
	return printed;
}

static void rules_go_behind_those_that_are_there(void **state)
{
	char *text = with("set home { 203.0.113.1 }; deny from tcp peer { @home, @office }; "
			  "allow udp rate @slow # of all",
			  true);

	(void)state;
	assert_string_equal(text, "set office { 198.51.100.0/24 }\n"
				  "set home { 203.0.113.1 }\n"
				  "own { 198.18.1.2/31, 198.18.1.4/31, 198.18.1.6 }\n"
				  "connections 100\n"
				  "rate slow 3mbit\n"
				  "default from allow\n"
				  "default to deny\n"
				  "deny from any spoofed\n"
				  "allow to tcp peer @office established rate @slow\n"
				  "deny from tcp peer { @office, @home }\n"
				  "allow udp rate @slow\n");
	free(text);
}

static void what_is_said_once_is_replaced(void **state)
{
	char *text =
		with("default to reject\nown { 198.18.2.2 }\nconnections 200\ndeny icmp", false);

	(void)state;
	assert_contains(text, "own { 198.18.2.2 }\nconnections 200\n");
	assert_contains(text, "default from allow\ndefault to reject\n");
	assert_contains(text, "established rate @slow\ndeny icmp\n");
	free(text);
}

static void mistakes_are_explained(void **state)
{
	static const struct {
		const char *text;
		bool of_label;
		const char *message;
	} rows[] = {
		{ "", false, "RULE: error: there is no rule in it" },
		{ " # deny tcp\n;", false, "RULE: error: there is no rule in it" },
		{ "deny tcp; deny tpc", false,
		  "RULE:1:16: error: unknown protocol 'tpc', did you mean 'tcp'?\n"
		  "    deny tcp; deny tpc\n"
		  "                   ^~~\n" },
		{ "deny tcp;\ndeny udp peer @ofice", false,
		  "RULE:2:15: error: unknown set '@ofice', did you mean '@office'?\n" },
		{ "set office { 192.0.2.1 }", false,
		  "RULE:1:5: error: set 'office' is defined already, in another text\n" },
		{ "rate slow 1mbit", false,
		  "RULE:1:6: error: rate 'slow' is defined already, in another text\n" },
		{ "set a { 192.0.2.1 }; set a { 192.0.2.2 }", false,
		  "RULE:1:26: error: set 'a' was defined in line 1 already\n" },
		{ "default to deny; default to allow", false,
		  "RULE:1:18: error: the default of `to` was set in line 1 already\n" },
		{ "set feed file \"/etc/passwd\"; deny any peer @feed", true,
		  "RULE:1:15: error: sets from files cannot be read here" },
		{ "deny tcp mirror eth0", true,
		  "RULE:1:10: error: a label cannot say `mirror`: a policy file can" },
		{ "default allow mirror eth0", true,
		  "RULE:1:1: error: a label cannot say `mirror`" },
		{ "own { 198.18.1.0/24 }", true, "RULE:1:1: error: a label cannot say `own`" },
		{ "connections 1000000", true,
		  "RULE:1:1: error: a label cannot say `connections`" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *said = with(rows[i].text, rows[i].of_label);

		if (!strstr(said, rows[i].message))
			fail_msg("'%s' brought:\n%s", rows[i].text, said);
		free(said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_go_behind_those_that_are_there),
		cmocka_unit_test(what_is_said_once_is_replaced),
		cmocka_unit_test(mistakes_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
