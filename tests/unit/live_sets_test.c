/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets, DNS names and resolvers: what policies keep of them when they are copied, put together
 * and printed. What is refused stands in tests/golden/live-mistakes.policy. */
#include "needs.h"
#include "policy_parse.h"
#include "print.h"
#include "reserved_sets.h"
#include "support.h"

#include <stdio.h>

static void assert_printed(const struct policy *policy, const char *expected)
{
	char *printed = policy_print(policy);

	assert_string_equal(printed, expected);
	free(printed);
}

#define SETS                                            \
	"set api dns { *.pypi.org, api.example.com }\n" \
	"set db container { db, \"rate\" }\n"           \
	"resolver { 198.51.100.52, 198.51.100.53 }\n"
#define RULES                                                       \
	"default from allow\ndefault to allow\n"                    \
	"allow from udp dport 53 peer 198.51.100.53 dns not @api\n" \
	"deny from any peer { @gateway, @host, @metadata, @db }\n"  \
	"allow from tcp dport 443 peer @api\n"

static void what_is_printed_reads_back(void **state)
{
	struct policy *policy = parse_good(SETS RULES);
	bool same = false;

	(void)state;
	assert_printed(policy, SETS RULES);
	assert_int_equal(policy->resolvers.count, 2); /* neighbours are no block */
	assert_string_equal(policy->sets[0]->words[0], "*.pypi.org");
	struct policy *again = parse_good(SETS RULES);

	assert_int_equal(policy_same(policy, again, &same), 0);
	assert_true(same);
	policy_free(again);
	policy_free(policy);
}

static void a_copy_has_its_own_words(void **state)
{
	struct policy *policy = parse_good(SETS RULES);
	struct policy *copy = policy_copy(policy);

	(void)state;
	policy->sets[0]->words[0][0] = 'x';
	policy->resolvers.items[0].high = 0;
	policy_free(policy);
	assert_printed(copy, SETS RULES);
	assert_ptr_equal(copy->rules[0].names[0], copy->sets[0]);
	assert_ptr_equal(copy->rules[2].peers.sets[0], copy->sets[0]);
	policy_free(copy);
}

/* @host is one set, whichever policy names it; a `resolver` takes the place of the other. */
static void policies_are_put_together(void **state)
{
	struct policy *into = parse_good("resolver { 192.0.2.1 }\nset a dns { a.test }\n"
					 "deny from any peer { @host, @metadata }\n"
					 "allow from tcp peer @a\n");
	struct policy *from =
		parse_good("resolver { 192.0.2.2 }\nset b dns { b.test }\n"
			   "deny to tcp peer { @b, @host }\ndeny udp peer @gateway\n");
	struct diagnostics diagnostics = { 0 };

	(void)state;
	assert_int_equal(policy_merge(into, from, &diagnostics), 0);
	policy_free(from);
	assert_int_equal(into->set_count, 5);
	assert_ptr_equal(into->rules[0].peers.sets[0], into->rules[2].peers.sets[0]);
	assert_printed(into, "set a dns { a.test }\nset b dns { b.test }\nresolver { 192.0.2.2 }\n"
			     "default from allow\ndefault to allow\n"
			     "deny from any peer { @host, @metadata }\nallow from tcp peer @a\n"
			     "deny to tcp peer { @host, @b }\ndeny udp peer @gateway\n");
	policy_free(into);
}

static void definitions_are_compared(void **state)
{
	struct policy *policy = parse_good("set a dns { a.test, b.test }\n"
					   "set b dns { b.test, a.test. }\n"
					   "set c container { a.test, b.test }\n"
					   "set d dns { a.test }\nset e { 192.0.2.1 }\n"
					   "set f { 192.0.2.1 }\n");

	(void)state;
	assert_true(sets_identical(policy->sets[0], policy->sets[1]));
	for (size_t i = 2; i < 5; i++) {
		assert_false(sets_identical(policy->sets[0], policy->sets[i]));
		assert_false(sets_identical(policy->sets[i], policy->sets[0]));
	}
	assert_true(sets_identical(policy->sets[4], policy->sets[5]));
	policy_free(policy);
}

/* Neighbours among the addresses would print as blocks. */
static void metadata_has_single_addresses(void **state)
{
	struct policy *policy = parse_good("deny from any peer @metadata\n");
	const struct set *set = policy->sets[0];

	(void)state;
	assert_false(set->live);
	assert_int_equal(set->counts[PCTL_IPV4], 6);
	assert_int_equal(set->counts[PCTL_IPV6], 4);
	for (size_t i = 0; i < set->prefixes.count; i++)
		assert_int_equal(set->prefixes.items[i].length,
				 family_bits(set->prefixes.items[i].family));
	policy_free(policy);
}

static void a_policy_says_what_it_needs(void **state)
{
	struct policy *asks = parse_good("set a dns { a.test }\nset c container { c }\n"
					 "deny from udp dport 53 dns @a\n");
	struct policy *learns = parse_good("resolver { 192.0.2.1 }\nset a dns { a.test }\n"
					   "set l label { a=b }\n"
					   "deny from any peer { @a, @l, @host }\n");
	const struct set *set = NULL;

	(void)state;
	assert_true(policy_reads_questions(asks));
	assert_false(policy_learns(asks));
	assert_false(policy_needs_engine(asks, NULL)); /* no rule names it */
	assert_false(policy_needs_host(asks, NULL));
	assert_false(policy_reads_questions(learns));
	assert_true(policy_learns(learns));
	assert_true(policy_needs_engine(learns, &set));
	assert_string_equal(set->name, "l");
	assert_true(policy_needs_host(learns, &set));
	assert_string_equal(set->name, "host");
	policy_free(asks);
	policy_free(learns);
}

/* The least and the most that a set of DNS names can have. */
static void names_have_bounds(void **state)
{
	char text[1024], label[64];
	char *messages;

	(void)state;
	memset(label, 'a', 63);
	label[63] = '\0';
	snprintf(text, sizeof(text), "set a dns { %s.%s.%s.%.61s }\n", label, label, label, label);
	policy_free(parse_good(text));
	snprintf(text, sizeof(text), "set a dns { %s.%s.%s.%.62s }\n", label, label, label, label);
	messages = errors_of(text, strlen(text));
	assert_contains(messages, "is longer than a DNS name can be, 253 characters");
	free(messages);
}

static void a_set_has_256_words(void **state)
{
	char *text = NULL, *messages;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fputs("set a network {", out);
	for (unsigned int i = 0; i < 256; i++)
		fprintf(out, "%s n%u", i ? "," : "", i);
	fputs(" }\n", out);
	fflush(out);
	policy_free(parse_good(text));
	fseek(out, -3, SEEK_CUR);
	fputs(", n256 }\n", out);
	fclose(out);
	messages = errors_of(text, strlen(text));
	assert_contains(messages, "more than 256 words");
	free(messages);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_reads_back),
		cmocka_unit_test(a_copy_has_its_own_words),
		cmocka_unit_test(policies_are_put_together),
		cmocka_unit_test(definitions_are_compared),
		cmocka_unit_test(metadata_has_single_addresses),
		cmocka_unit_test(a_policy_says_what_it_needs),
		cmocka_unit_test(names_have_bounds),
		cmocka_unit_test(a_set_has_256_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
