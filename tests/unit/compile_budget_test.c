/* SPDX-License-Identifier: GPL-2.0-only */
/* Policies whose tables would be too large are refused quickly, and the message names the rules
 * that make them so. */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "budget.h"
#include "check.h"
#include "compile.h"

/* The longest time for a refusal, even under a sanitizer. */
#define MAX_SECONDS 20

struct text {
	char *text;
	size_t size;
	FILE *out;
};

static void open_text(struct text *text)
{
	text->out = open_memstream(&text->text, &text->size);
	assert_non_null(text->out);
}

/* The message of policy_compile(); the caller frees it. */
static char *refusal(struct text *text)
{
	struct diagnostics diagnostics = { 0 };
	struct compiled *compiled = NULL;
	struct policy *policy;
	clock_t start;

	fclose(text->out);
	policy = world_parse(text->text);
	assert_non_null(policy);
	start = clock();
	assert_int_equal(policy_compile(policy, "test", &compiled, &diagnostics), -E2BIG);
	assert_null(compiled);
	assert_int_equal(diagnostics.count, 1);
	assert_int_equal(diagnostics.errors, 1);
	assert_int_equal(policy_compile(policy, "test", &compiled, NULL), -E2BIG);
	assert_int_equal(policy_check(policy, "test", &diagnostics),
			 0); /* policy_compile() reports it */
	assert_int_equal(diagnostics.errors, 1);
	assert_true((clock() - start) / CLOCKS_PER_SEC < MAX_SECONDS);
	policy_free(policy);
	free(text->text);
	return print_diagnostics(&diagnostics);
}

static void pairs_of_ports_and_addresses(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	fputs("deny from udp\n", text.out);
	for (int i = 0; i < 1600; i++)
		fprintf(text.out, "deny from tcp dport %d-65535 peer 10.0.%d.%d\n", i, i / 256,
			i % 256);
	said = refusal(&text);
	assert_contains(said, "test:2:1: error: the rules of this policy combine to more than "
			      "1048576 pairs of a service and a class of addresses: ");
	assert_contains(said, " of them come from \"deny from tcp dport 0-65535 peer 10.0.0.0\" "
			      "(line 2), ");
	assert_contains(said, " from \"deny from tcp dport 1-65535 peer 10.0.0.1\" (line 3), ");
	free(said);
}

static void pairs_of_protocols_and_addresses(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	for (int i = 0; i < 25000; i++)
		fprintf(text.out, "deny proto %d peer 10.%d.%d.0/24\n", 100 + i % 100, i / 256,
			i % 256);
	fputs("deny ah peer { 10.0.0.0/24, 10.0.1.0/24 }\n", text.out);
	said = refusal(&text);
	assert_contains(said, "test:25001:1: error: the rules of this policy combine to more than "
			      "4194304 pairs of a protocol and a class of addresses; look first at "
			      "\"deny ah peer 10.0.0.0/23\" (line 25001), ");
	free(said);
}

static void ports_and_source_ports(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	for (int i = 0; i < 1100; i++)
		fprintf(text.out, "allow from tcp dport %d peer 10.0.%d.%d\n", i, i / 256, i % 256);
	for (int i = 0; i < 1100; i++)
		fprintf(text.out, "deny from tcp sport %d\n", i);
	said = refusal(&text);
	assert_contains(said, "1048576 services, combinations of protocol, ports and the rules for "
			      "them: 1101 of them come from ");
	free(said);
}

static void source_ports_in_many_lists(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	for (int i = 0; i < 8000; i++)
		fprintf(text.out, "deny from tcp sport %d-%d\n", i, 30000 + i);
	said = refusal(&text);
	assert_contains(said, "16777216 pairs of a class and a list of source ports; look first at "
			      "\"deny from tcp sport 0-30000\" (line 1), ");
	free(said);
}

static void blocks_in_many_lists(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	fputs("set large {\n", text.out);
	for (int i = 0; i < 2100; i++)
		fprintf(text.out, "10.0.%d.%d%s\n", i / 128, i % 128 * 2, i < 2099 ? "," : "");
	fputs("}\n", text.out);
	for (int i = 0; i < 2100; i++)
		fprintf(text.out, "deny from tcp dport %d peer { @large, 10.1.%d.%d }\n", i,
			i / 128, i % 128 * 2);
	said = refusal(&text);
	assert_contains(said, "4194304 pairs of a block of addresses and a peer list; look first "
			      "at \"deny from tcp dport 0 peer { 10.1.0.0, @large }\" ");
	free(said);
}

/* Every other port has one rule more, and thousands of rules to look at. */
static void the_same_services_again_and_again(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	fputs("deny from tcp dport { 1", text.out);
	for (int i = 3; i < 65536; i += 2)
		fprintf(text.out, ", %d", i);
	fputs(" } sport 7 peer 192.0.2.1\n", text.out);
	for (int i = 0; i < 10000; i++)
		fprintf(text.out, "deny from tcp dport 1-65535 sport 9 peer 10.0.%d.%d\n", i / 128,
			i % 128 * 2);
	said = refusal(&text);
	assert_contains(said, "too many cases");
	free(said);
}

/* 16 lists make a class of each source port, and all of them are in the list of 300 rules. */
static void source_ports_of_many_rules(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	for (unsigned int bit = 0; bit < 16; bit++) {
		fprintf(text.out, "deny from tcp dport 1 sport { %u", 1u << bit);
		for (unsigned int i = (1u << bit) + 1; i < 65536; i++)
			if (i >> bit & 1)
				fprintf(text.out, ", %u", i);
		fputs(" }\n", text.out);
	}
	for (int i = 0; i < 300; i++)
		fprintf(text.out, "deny from tcp dport 2 sport 1-65535 peer 10.0.%d.%d\n", i / 128,
			i % 128 * 2);
	said = refusal(&text);
	assert_contains(said, "too many cases");
	free(said);
}

static void work_without_end(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	for (int i = 0; i < 300; i++) {
		fputs("deny from icmp type 0-255 code { 0", text.out);
		for (int j = 2; j < 256; j += 2)
			fprintf(text.out, ", %d", j);
		fprintf(text.out, " } peer 10.0.%d.%d\n", i / 256, i % 256);
	}
	said = refusal(&text);
	assert_contains(said, ":1: error: the rules of this policy combine to too many cases: "
			      "their tables would take too long to compute; look first at ");
	free(said);
}

static void more_sets_from_files_than_maps(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	for (int i = 0; i < PCTL_SETS_MAX + 1; i++)
		fprintf(text.out, "set s%d file \"%d\"\n", i, i);
	for (int i = 0; i < PCTL_SETS_MAX + 1; i++)
		fprintf(text.out, "deny tcp peer { @s%d, @s0 }\n", i);
	said = refusal(&text);
	assert_string_equal(
		said, "test:34:1: error: this policy uses more than 16 sets from "
		      "files and live sets: \"deny tcp peer { @s0, @s16 }\" (line 34) is one too "
		      "many\n");
	free(said);
}

static void more_lists_with_such_sets_than_bits(void **state)
{
	struct text text;
	char *said;

	(void)state;
	open_text(&text);
	fputs("set s file \"1\"\n", text.out);
	for (int i = 0; i < PCTL_LISTS_MAX + 1; i++) {
		fprintf(text.out, "deny tcp dport 1 peer { @s, 10.0.0.%d }\n", i);
		fprintf(text.out, "deny udp peer not { @s, 10.0.0.%d }\n", i);
	}
	said = refusal(&text);
	assert_string_equal(said, "test:34:1: error: this policy uses more than 16 different peer "
				  "lists with sets from files and live sets, or with `dns`: \"deny "
				  "tcp dport 1 peer { "
				  "10.0.0.16, @s }\" (line 34) is one too many\n");
	free(said);
}

/* Large policies that are accepted. */
static void many_rules_that_do_not_combine(void **state)
{
	struct text text;
	struct policy *policy;
	struct compiled *compiled;

	(void)state;
	open_text(&text);
	for (int i = 0; i < 20000; i++)
		fprintf(text.out, "deny tcp dport %d peer 10.%d.%d.0/24\n", i, i / 256, i % 256);
	fclose(text.out);
	policy = world_parse(text.text);
	compiled = compile(policy);
	assert_int_equal(compiled->service_count, 2 * (20000 + 1));
	/* Each rule has its pair and one for the unknown peer. The service of packets with
	 * unknown port or protocol has pairs with all peer classes. */
	assert_int_equal(compiled->pair_count, 2 * (20000 * 2 + 20001));
	compiled_free(compiled);
	policy_free(policy);
	free(text.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_of_ports_and_addresses),
		cmocka_unit_test(pairs_of_protocols_and_addresses),
		cmocka_unit_test(ports_and_source_ports),
		cmocka_unit_test(source_ports_in_many_lists),
		cmocka_unit_test(blocks_in_many_lists),
		cmocka_unit_test(the_same_services_again_and_again),
		cmocka_unit_test(source_ports_of_many_rules),
		cmocka_unit_test(work_without_end),
		cmocka_unit_test(more_sets_from_files_than_maps),
		cmocka_unit_test(more_lists_with_such_sets_than_bits),
		cmocka_unit_test(many_rules_that_do_not_combine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
