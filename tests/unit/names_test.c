/* SPDX-License-Identifier: GPL-2.0-only */
/* Names and numbers of protocols, ICMP types and codes. */
#include "support.h"

#include <errno.h>
#include <netinet/in.h>

#include "icmp.h"
#include "protocols.h"
#include "suggest.h"

static void the_names_of_the_design_are_known(void **state)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {
		{ "tcp", 6 },	 { "udp", 17 },	      { "icmp", 1 },	  { "icmpv6", 58 },
		{ "sctp", 132 }, { "dccp", 33 },      { "udplite", 136 }, { "igmp", 2 },
		{ "gre", 47 },	 { "esp", 50 },	      { "ah", 51 },	  { "ipip", 4 },
		{ "ipv6", 41 },	 { "ipv6-icmp", 58 }, { "vrrp", 112 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		assert_int_equal(protocol_number(known[i].name), known[i].number);
	assert_int_equal(protocol_number("nosuchprotocol"), -ENOENT);
	assert_int_equal(protocol_number("ip"), -ENOENT);
	assert_string_equal(protocol_name(58), "icmpv6");
	assert_string_equal(protocol_name(4), "ipip");
	assert_null(protocol_name(200));
}

static void printed_protocol_names_read_back(void **state)
{
	unsigned int named = 0;

	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		if (!protocol_name(i))
			continue;
		assert_int_equal(protocol_number(protocol_name(i)), i);
		named++;
	}
	assert_true(named > 20);
}

static void printed_icmp_names_read_back(void **state)
{
	static const unsigned int protocols[] = { IPPROTO_ICMP, IPPROTO_ICMPV6 };
	unsigned int types = 0, codes = 0;
	const char *name;

	(void)state;
	for (unsigned int i = 0; i < 2 * 256; i++) {
		name = icmp_type_name(protocols[i / 256], i % 256);
		if (name) {
			assert_int_equal(icmp_type_number(protocols[i / 256], name), i % 256);
			types++;
		}
		for (unsigned int code = 0; code < 256; code++) {
			name = icmp_code_name(protocols[i / 256], i % 256, code);
			if (!name)
				continue;
			assert_int_equal(icmp_code_number(protocols[i / 256], i % 256, name), code);
			codes++;
		}
	}
	assert_true(types > 30 && codes > 15);
}

static void both_spellings_of_neighbour(void **state)
{
	(void)state;
	assert_int_equal(icmp_type_number(IPPROTO_ICMPV6, "neighbour-solicitation"), 135);
	assert_int_equal(icmp_type_number(IPPROTO_ICMPV6, "neighbor-solicitation"), 135);
	assert_int_equal(icmp_type_number(IPPROTO_ICMPV6, "neighbor-advertisement"), 136);
	assert_string_equal(icmp_type_name(IPPROTO_ICMPV6, 136), "neighbour-advertisement");
	assert_int_equal(icmp_type_number(IPPROTO_ICMP, "neighbour-solicitation"), -ENOENT);
}

static void only_ipv6_headers_that_are_walked_are_looked_through(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		bool walked = i == 0 || i == 43 || i == 44 || i == 60;

		assert_int_equal(protocol_looked_through(i) != NULL, walked);
	}
}

static void the_selected_are_those_with_ports_or_types(void **state)
{
	unsigned int count = 0;

	(void)state;
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		assert_true(protocol_has_ports(protocol_selected[i]) ||
			    protocol_is_icmp(protocol_selected[i]));
	for (unsigned int i = 0; i < 256; i++)
		count += protocol_has_ports(i) || protocol_is_icmp(i);
	assert_int_equal(count, PROTOCOL_SELECTED_COUNT);
	assert_true(PROTOCOL_SELECTED_COUNT <= PCTL_SELECTED_MAX);
}

static void near_misses_are_guessed(void **state)
{
	static const char *const cases[][2] = {
		{ "tpc", "tcp" },
		{ "tcpp", "tcp" },
		{ "scpt", "sctp" },
		{ "icmp6", "icmp" },
		{ "icmpv", "icmp" },
		{ "nay", "any" },
		{ "udplight", NULL },
		{ "x", NULL },
		{ "abcdefghijklmnopqrstuvwxyzabcdefghijkl", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct word word = { .text = cases[i][0], .length = strlen(cases[i][0]) };
		struct suggestion suggestion;

		suggestion_start(&suggestion, &word);
		for (size_t j = 0; protocol_known(j); j++)
			suggestion_consider(&suggestion, protocol_known(j));
		suggestion_consider(&suggestion, "any");
		if (!cases[i][1]) {
			assert_null(suggestion.nearest);
			continue;
		}
		assert_non_null(suggestion.nearest);
		assert_string_equal(suggestion.nearest, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_names_of_the_design_are_known),
		cmocka_unit_test(printed_protocol_names_read_back),
		cmocka_unit_test(printed_icmp_names_read_back),
		cmocka_unit_test(both_spellings_of_neighbour),
		cmocka_unit_test(only_ipv6_headers_that_are_walked_are_looked_through),
		cmocka_unit_test(the_selected_are_those_with_ports_or_types),
		cmocka_unit_test(near_misses_are_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
