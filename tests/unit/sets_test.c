/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets: their content, the rules that point at them, and copying, merging and comparing policies
 * with them. */
#include "files.h"
#include "ids.h"
#include "policy_parse.h"
#include "print.h"

#include <errno.h>
#include <stdio.h>

static const struct file feeds[] = {
	{ "feed.txt", "198.51.100.0/24\n2001:db8::1\n" },
	{ "ipv4.txt", "# one family\n192.0.2.1\n" },
	{ "empty.txt", "# nobody today\n" },
	{ "bad.txt", "1.2.3.4\n1.2.3\n" },
	{ NULL, NULL },
};

static void assert_printed(const struct policy *policy, const char *expected)
{
	char *printed = policy_print(policy);

	assert_string_equal(printed, expected);
	free(printed);
}

/* All messages of a text, warnings too; the caller frees. */
static char *messages_of(const char *text, int expected)
{
	const struct policy_files files = files_in_memory(feeds);
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;

	assert_int_equal(policy_parse("test", text, strlen(text), &files, &policy, &diagnostics),
			 expected);
	policy_free(policy);
	return print_diagnostics(&diagnostics);
}

static void sets_stand_first_in_their_order(void **state)
{
	static const char text[] = "deny gre\nset b { 10.0.0.0/9, 10.128.0.0/9, 10.1.2.3,\n"
				   "\t2001:DB8::/32 # two families\n\n}\ndefault to deny\n"
				   "set a file \"feed.txt\"\n"
				   "deny any peer { @a, 192.0.2.1/32, @b, @a }\n";
	struct policy *policy = parse_with_files(text, feeds);

	(void)state;
	assert_printed(policy, "set b { 10.0.0.0/8, 2001:db8::/32 }\nset a file \"/feed.txt\"\n"
			       "default from allow\ndefault to deny\ndeny gre\n"
			       "deny any peer { 192.0.2.1, @b, @a }\n");
	assert_int_equal(policy->set_count, 2);
	assert_null(policy->sets[0]->path);
	assert_int_equal(policy->sets[0]->place.line, 2);
	assert_int_equal(policy->sets[0]->counts[PCTL_IPV4], 1);
	assert_int_equal(policy->sets[0]->counts[PCTL_IPV6], 1);
	assert_true(policy->sets[1]->loaded);
	assert_ptr_equal(policy->rules[1].peers.sets[0], policy->sets[0]);
	assert_ptr_equal(policy->rules[1].peers.sets[1], policy->sets[1]);
	policy_free(policy);
}

/* A line of megabytes could not be read back. */
static void a_large_set_reads_back(void **state)
{
	char *text = NULL, *printed;
	struct policy *policy, *again;
	bool same = false;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	fputs("set many {\n", out);
	for (unsigned int i = 0; i < 60000; i++)
		fprintf(out, "2001:db8:1234:5678:9abc:%x:%x:1,\n", i >> 16, i);
	fputs("::1 }\ndeny any peer @many\n", out);
	fclose(out);
	policy = parse_good(text);
	printed = policy_print(policy);
	assert_true(strlen(printed) > 1 << 20);
	again = parse_good(printed);
	assert_int_equal(again->sets[0]->prefixes.count, 60001);
	assert_int_equal(policy_same(policy, again, &same), 0);
	assert_true(same);
	policy_free(policy);
	policy_free(again);
	free(printed);
	free(text);
}

static void a_set_prints_alone(void **state)
{
	struct policy *policy = parse_with_files("set a { ::1 }\nset f file \"feed.txt\"\n", feeds);
	char *listed = policy_set_print(policy->sets[0]);
	char *named = policy_set_print(policy->sets[1]);

	(void)state;
	assert_string_equal(listed, "set a { ::1 }");
	assert_string_equal(named, "set f file \"/feed.txt\"");
	free(listed);
	free(named);
	policy_free(policy);
}

static void a_copy_has_its_own_sets(void **state)
{
	struct policy *policy = parse_with_files("set a { ::1 }\nset f file \"feed.txt\"\n"
						 "deny any peer { ::2, @f }\ndeny tcp peer @a\n",
						 feeds);
	struct policy *copy = policy_copy(policy);
	char *before = policy_print(policy);

	(void)state;
	policy->sets[0]->prefixes.items[0].low = 7;
	policy->rules[0].peers.prefixes.items[0].low = 7;
	policy_free(policy);
	assert_printed(copy, before);
	assert_ptr_equal(copy->rules[0].peers.sets[0], copy->sets[1]);
	assert_ptr_equal(copy->rules[1].peers.sets[0], copy->sets[0]);
	assert_int_equal(copy->sets[1]->prefixes.count, 2);
	policy_free(copy);
	free(before);
}

static void a_rule_that_goes_leaves_its_set(void **state)
{
	struct policy *policy = parse_good("set a { ::1 }\ndeny any peer @a\n");

	(void)state;
	assert_int_equal(policy_assign_ids(policy, NULL), 0);
	assert_int_equal(policy_remove(policy, 1), 0);
	assert_printed(policy, "set a { ::1 }\ndefault from allow\ndefault to allow\n");
	policy_free(policy);
}

static void policies_are_put_together(void **state)
{
	struct policy *into = parse_good("set a { ::1 }\ndefault to deny\ndeny any peer @a\n");
	struct policy *from = parse_with_files("set b file \"feed.txt\"\ndefault from deny\n"
					       "allow tcp peer not @b log\n",
					       feeds);
	struct diagnostics diagnostics = { 0 };

	(void)state;
	assert_int_equal(policy_merge(into, from, &diagnostics), 0);
	assert_int_equal(from->count, 0);
	assert_int_equal(from->set_count, 0);
	policy_free(from);
	assert_printed(into, "set a { ::1 }\nset b file \"/feed.txt\"\ndefault from deny\n"
			     "default to deny\ndeny any peer @a\nallow tcp peer not @b log\n");
	policy_free(into);
}

static void a_name_is_taken_once(void **state)
{
	struct policy *into = parse_good("set a { ::1 }\nset b { ::2 }\ndeny any peer { @a, @b }");
	struct policy *from = parse_good("set b { ::3 }\nset c { ::4 }\ndeny any peer { @b, @c }");
	char *before = policy_print(into), *untouched = policy_print(from), *messages;
	struct diagnostics diagnostics = { 0 };

	(void)state;
	assert_int_equal(policy_merge(into, from, &diagnostics), -EINVAL);
	messages = print_diagnostics(&diagnostics);
	assert_contains(messages, "error: the set 'b' is defined in two of the policies");
	assert_printed(into, before);
	assert_printed(from, untouched);
	free(before);
	free(untouched);
	free(messages);
	policy_free(into);
	policy_free(from);
}

/* The content of a file is not part of the rule's text. */
static void another_content_is_another_policy_with_the_same_rules(void **state)
{
	static const struct file changed[] = { { "feed.txt", "203.0.113.9\n" }, { NULL, NULL } };
	static const char text[] = "set f file \"feed.txt\"\ndeny any peer @f\n";
	struct policy *old = parse_with_files(text, feeds), *same_again, *new;
	bool same = false;

	(void)state;
	same_again = parse_with_files(text, feeds);
	new = parse_with_files(text, changed);
	assert_int_equal(policy_same(old, same_again, &same), 0);
	assert_true(same);
	assert_int_equal(policy_same(old, new, &same), 0);
	assert_false(same);
	assert_int_equal(policy_assign_ids(old, NULL), 0);
	assert_int_equal(policy_assign_ids(new, old), 0);
	assert_int_equal(new->rules[0].id, old->rules[0].id);
	policy_free(old);
	policy_free(same_again);
	policy_free(new);
}

static void files_that_cannot_be_read_are_errors(void **state)
{
	char *messages = messages_of("set a file \"none.txt\"\ndeny any peer @a\n"
				     "set b file \"bad.txt\"\ndeny icmpv6 peer @b\n",
				     -EINVAL);

	(void)state;
	assert_contains(messages, "test:1:12: error: cannot read \"none.txt\": No such file");
	assert_contains(messages, "bad.txt:2:1: error: '1.2.3' is not an address");
	assert_contains(messages, "\n    1.2.3\n    ^~~~~\n");
	free(messages);
}

/* Its content may change by itself. */
static void a_file_without_the_family_is_a_warning(void **state)
{
	char *messages = messages_of("set a file \"ipv4.txt\"\ndeny icmpv6 peer @a\n", 0);

	(void)state;
	assert_contains(messages,
			"test:2:18: warning: the file of set 'a' has no IPv6 address now");
	free(messages);
	messages = messages_of("set a file \"ipv4.txt\"\ndeny icmp peer @a\n", 0);
	assert_string_equal(messages, "");
	free(messages);
}

/* What denies its members opens, and nothing else would tell. */
static void nothing_to_read_is_a_warning(void **state)
{
	char *messages = messages_of("deny tcp dport 1\nset b file \"empty.txt\"\n"
				     "deny tcp peer @b\nset c file \"empty.txt\"\n",
				     0);

	(void)state;
	assert_contains(messages, "test:2:5: warning: the file of the set 'b' has no address: "
				  "rules with this set match no packet, and with `not` every one");
	assert_contains(messages, "test:4:5: warning: no rule names the set 'c'");
	assert_null(strstr(messages, "file of the set 'c'"));
	free(messages);
	messages = messages_of(" # nothing yet\n\n", 0);
	assert_string_equal(messages, "test: warning: this policy says nothing, so everything "
				      "passes: write `default allow` if that is meant\n");
	free(messages);
	messages = messages_of("default allow\n", 0);
	assert_string_equal(messages, "");
	free(messages);
}

static void a_set_that_shrank(void **state)
{
	static const struct {
		uint64_t old, new;
		bool shrank;
	} cases[] = {
		{ 1, 0, true },	   { 2, 1, false },	 { 3, 1, true },  { 100, 50, false },
		{ 100, 49, true }, { 100, 1000, false }, { 0, 0, false }, { 0, 5, false },
	};
	char path[] = "f";
	struct set old = { .path = path }, new = { .path = path };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		old.counts[PCTL_IPV4] = cases[i].old;
		new.counts[PCTL_IPV6] = cases[i].new;
		assert_int_equal(set_shrank(&old, &new), cases[i].shrank);
	}
	new.path = NULL; /* written in the policy: somebody meant it */
	old.counts[PCTL_IPV4] = 100;
	assert_false(set_shrank(&old, &new));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_stand_first_in_their_order),
		cmocka_unit_test(a_large_set_reads_back),
		cmocka_unit_test(a_set_prints_alone),
		cmocka_unit_test(a_copy_has_its_own_sets),
		cmocka_unit_test(a_rule_that_goes_leaves_its_set),
		cmocka_unit_test(policies_are_put_together),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(another_content_is_another_policy_with_the_same_rules),
		cmocka_unit_test(files_that_cannot_be_read_are_errors),
		cmocka_unit_test(a_file_without_the_family_is_a_warning),
		cmocka_unit_test(nothing_to_read_is_a_warning),
		cmocka_unit_test(a_set_that_shrank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
