/* SPDX-License-Identifier: GPL-2.0-only */
/* How a message reads on a terminal. */
#include "support.h"

static char *print_one(struct place place, unsigned int width, const char *line,
		       const char *message)
{
	struct diagnostics diagnostics = { 0 };

	assert_int_equal(diagnostics_add(&diagnostics, SEVERITY_ERROR, "f", place, width, line,
					 "%s", message),
			 0);
	assert_int_equal(diagnostics.errors, 1);
	return print_diagnostics(&diagnostics);
}

static void assert_prints(struct place place, unsigned int width, const char *line,
			  const char *expected)
{
	char *text = print_one(place, width, line, "no");

	assert_string_equal(text, expected);
	free(text);
}

static void the_caret_stands_below_the_mistake(void **state)
{
	(void)state;
	assert_prints((struct place){ 3, 6 }, 3, "deny foo bar",
		      "f:3:6: error: no\n    deny foo bar\n         ^~~\n");
	assert_prints((struct place){ 1, 1 }, 1, "x", "f:1:1: error: no\n    x\n    ^\n");
}

static void tabs_lead_the_caret_too(void **state)
{
	(void)state;
	assert_prints((struct place){ 1, 8 }, 3, "\tdeny\t\tfoo",
		      "f:1:8: error: no\n    \tdeny\t\tfoo\n    \t    \t\t^~~\n");
}

static void the_end_of_the_line_can_be_pointed_at(void **state)
{
	(void)state;
	assert_prints((struct place){ 1, 5 }, 0, "deny", "f:1:5: error: no\n    deny\n        ^\n");
	/* The mark does not run over it either. */
	assert_prints((struct place){ 1, 3 }, 50, "deny", "f:1:3: error: no\n    deny\n      ^~\n");
	assert_prints((struct place){ 1, 99 }, 1, "deny",
		      "f:1:99: error: no\n    deny\n        ^\n");
}

static void without_a_place_there_is_no_line(void **state)
{
	(void)state;
	assert_prints((struct place){ 0, 0 }, 1, NULL, "f: error: no\n");
	assert_prints((struct place){ 4, 2 }, 1, NULL, "f:4:2: error: no\n");
}

static void of_a_long_line_only_the_surroundings_are_shown(void **state)
{
	char line[1001], *text, *shown, *caret;

	(void)state;
	memset(line, '.', 1000);
	line[1000] = '\0';
	memcpy(line + 499, "WRONG", 5);
	text = print_one((struct place){ 1, 500 }, 5, line, "no");
	shown = strchr(text, '\n') + 1;
	caret = strchr(shown, '\n') + 1;
	assert_true(strlen(text) < 300);
	assert_ptr_equal(strstr(shown, "WRONG"), shown + (strstr(caret, "^~~~~") - caret));
	free(text);
}

/* A policy may come from an untrusted text, such as a label. */
static void nothing_steers_the_terminal(void **state)
{
	char *text =
		print_one((struct place){ 1, 1 }, 1, "a\x1b[2Jb\r\x9b\xc3\xa9", "\x1b]0;x\x07");

	(void)state;
	assert_string_equal(text, "f:1:1: error: ?]0;x?\n    a?[2Jb????\n    ^\n");
	free(text);
}

static void several_are_kept_in_order(void **state)
{
	struct diagnostics diagnostics = { 0 };
	char *text;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(diagnostics_add(&diagnostics,
						 i ? SEVERITY_ERROR : SEVERITY_WARNING, "f",
						 (struct place){ 0 }, 1, NULL, "%d", i),
				 0);
	assert_int_equal(diagnostics.count, 3);
	assert_int_equal(diagnostics.errors, 2);
	text = print_diagnostics(&diagnostics);
	assert_string_equal(text, "f: warning: 0\nf: error: 1\nf: error: 2\n");
	assert_int_equal(diagnostics.count, 0);
	assert_null(diagnostics.items);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_caret_stands_below_the_mistake),
		cmocka_unit_test(tabs_lead_the_caret_too),
		cmocka_unit_test(the_end_of_the_line_can_be_pointed_at),
		cmocka_unit_test(without_a_place_there_is_no_line),
		cmocka_unit_test(of_a_long_line_only_the_surroundings_are_shown),
		cmocka_unit_test(nothing_steers_the_terminal),
		cmocka_unit_test(several_are_kept_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
