/* SPDX-License-Identifier: GPL-2.0-only */
#include "check.h"
#include "world.h"
#include "warnings.h"

char *warnings_of(const char *text)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = world_parse(text);

	assert_non_null(policy);
	assert_int_equal(policy_check(policy, "test", &diagnostics), 0);
	assert_int_equal(diagnostics.errors, 0);
	policy_free(policy);
	return print_diagnostics(&diagnostics);
}

void assert_warnings(const char *text, const char *expected)
{
	char *messages = warnings_of(text);

	assert_string_equal(messages, expected);
	free(messages);
}

void assert_warns(const char *text, const char *part)
{
	char *messages = warnings_of(text);

	assert_contains(messages, part);
	free(messages);
}
