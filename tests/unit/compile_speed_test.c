/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiling costs little more for 10,000 rules than for 10: it is not rules times ports. */
#include "check.h"
#include "compiled.h"
#include "support.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 5

static char *random_ranges(unsigned int rules)
{
	struct random random = { 42 };
	char *text = malloc(rules * 48 + 1), *at = text;

	assert_non_null(text);
	for (unsigned int i = 0; i < rules; i++) {
		unsigned int low = random_below(&random, 65536);
		unsigned int high = low + random_below(&random, 65536 - low);

		at += sprintf(at, "%s { tcp, udp } dport %u-%u\n", i % 2 ? "allow" : "deny", low,
			      high);
	}
	return text;
}

/* The best of some rounds, in milliseconds of processor time. */
static double compile_time(unsigned int rules)
{
	char *text = random_ranges(rules);
	struct policy *policy = parse_good(text);
	double best = 1e9, spent;

	assert_int_equal(policy->count, rules);
	for (int i = 0; i < ROUNDS; i++) {
		clock_t start = clock();

		compiled_free(compile(policy));
		spent = (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC;
		best = spent < best ? spent : best;
	}
	policy_free(policy);
	free(text);
	return best;
}

static void thousand_times_the_rules_is_not_thousand_times_the_cost(void **state)
{
	double few = compile_time(10), many = compile_time(10000);

	(void)state;
	print_message("compile: 10 rules %.2f ms, 10,000 rules %.2f ms\n", few, many);
	assert_true(many < 20 * (few + 0.5));
}

static char *one_stretch_of_ports(unsigned int rules)
{
	char *text = malloc(rules * 64 + 1), *at = text;

	assert_non_null(text);
	for (unsigned int i = 0; i < rules; i++)
		at += sprintf(at, "deny from tcp dport 1000-2000 peer 10.%u.%u.%u\n", i / 16384,
			      i / 128 % 128, i % 128 * 2);
	return text;
}

static char *all_source_ports_in_lists(unsigned int rules)
{
	char *text = malloc(rules * 64 + 64), *at = text;

	assert_non_null(text);
	for (unsigned int i = 0; i < rules; i++)
		at += sprintf(at, "deny from tcp dport %u sport 0-32767\n", i);
	sprintf(at, "deny from tcp sport 32768-65535\n");
	return text;
}

/* Of checking and compiling, in milliseconds. */
static double total_time(char *text)
{
	struct policy *policy = parse_good(text);
	struct diagnostics diagnostics = { 0 };
	clock_t start = clock();
	double spent;

	assert_int_equal(policy_check(policy, "test", &diagnostics), 0);
	compiled_free(compile(policy));
	spent = (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC;
	diagnostics_clear(&diagnostics);
	policy_free(policy);
	free(text);
	return spent;
}

static void ten_times_the_rules_at_one_port_is_ten_times_the_cost(void **state)
{
	double few = total_time(one_stretch_of_ports(20000));
	double many = total_time(one_stretch_of_ports(200000));

	(void)state;
	print_message("one port: 20,000 rules %.1f ms, 200,000 rules %.1f ms\n", few, many);
	assert_true(many < 30 * (few + 1));
}

static void ten_times_the_refined_services_is_ten_times_the_cost(void **state)
{
	double few = total_time(all_source_ports_in_lists(6000));
	double many = total_time(all_source_ports_in_lists(60000));

	(void)state;
	print_message("source ports: 6,000 rules %.1f ms, 60,000 rules %.1f ms\n", few, many);
	assert_true(many < 30 * (few + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousand_times_the_rules_is_not_thousand_times_the_cost),
		cmocka_unit_test(ten_times_the_rules_at_one_port_is_ten_times_the_cost),
		cmocka_unit_test(ten_times_the_refined_services_is_ten_times_the_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
