/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of addresses: what is read, and the messages about errors. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "addresses.h"
#include "prefixes.h"
#include "prefixes_parse.h"

/* The set that was read, printed; the caller frees it. */
static char *read_back(const char *text, size_t length)
{
	struct diagnostics diagnostics = { 0 };
	struct prefixes prefixes = { 0 };
	char *printed = NULL, address[ADDRESS_TEXT];
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	assert_int_equal(prefixes_parse("feed", text, length, &prefixes, &diagnostics, NULL, NULL),
			 0);
	assert_int_equal(diagnostics.count, 0);
	for (size_t i = 0; i < prefixes.count; i++) {
		address_print(&prefixes.items[i], address);
		fprintf(out, "%s%s", i ? " " : "", address);
	}
	fclose(out);
	prefixes_clear(&prefixes);
	return printed;
}

static void assert_reads(const char *text, const char *expected)
{
	char *printed = read_back(text, strlen(text));

	assert_string_equal(printed, expected);
	free(printed);
}

static void one_address_or_block_a_line(void **state)
{
	(void)state;
	assert_reads("", "");
	assert_reads("\n\r\n  \t\n# only comments\n#\n", "");
	assert_reads("192.0.2.1", "192.0.2.1");
	assert_reads("192.0.2.1\r\n  2001:DB8:0:0::1/128\t# why\r\n192.0.2.8/29#near\r\n",
		     "192.0.2.1 192.0.2.8/29 2001:db8::1");
	assert_reads("::/0\n0.0.0.0/0\n1.2.3.4\n::1\n", "0.0.0.0/0 ::/0");
	assert_reads("10.0.0.3\n10.0.0.1\n10.0.0.0\n10.0.0.2\n10.0.0.3\n", "10.0.0.0/30");
	assert_reads("255.255.255.255\n0.0.0.0\n128.0.0.0/1\n", "0.0.0.0 128.0.0.0/1");
	assert_reads("::1.2.3.4\n1:2:3:4:5:6:7:8\nffff::\n", "::1.2.3.4 1:2:3:4:5:6:7:8 ffff::");
}

/* All messages; the caller frees. */
static char *complaints(const char *text, size_t length)
{
	struct diagnostics diagnostics = { 0 };
	struct prefixes prefixes = { 0 };

	assert_int_equal(prefixes_parse("feed", text, length, &prefixes, &diagnostics, NULL, NULL),
			 -EINVAL);
	assert_null(prefixes.items);
	return print_diagnostics(&diagnostics);
}

static void mistakes_point_at_their_place(void **state)
{
	static const struct {
		const char *text, *message;
	} mistakes[] = {
		{ "1.2.3.4\n 1.2.3\r\n", "feed:2:2: error: '1.2.3' is not an address" },
		{ "::1\n\n::1 ::2\n", "feed:3:5: error: one address or block a line" },
		{ "1.2.3.4,\n", "feed:1:1: error: '1.2.3.4,' is not an address" },
		{ "1.2.3.4/24", "feed:1:1: error: '1.2.3.4/24' has bits behind its length" },
		{ "1.2.3.4/33", "feed:1:1: error: '1.2.3.4/33': behind the '/'" },
		{ "256.2.3.4", "feed:1:1: error: '256.2.3.4' is not an address" },
		{ "1.2.3.4.5", "feed:1:1: error: '1.2.3.4.5' is not an address" },
		{ "1.2.3.04", "feed:1:1: error: '1.2.3.04' is not an address" },
		{ "1.2.3.99999999999999999999", "is not an address" },
		{ "1.2.3.4/", "feed:1:1: error: '1.2.3.4/': behind the '/'" },
		{ "::ffff:1.2.3.4", "write 1.2.3.4" },
		{ "\xef\xbb\xbf"
		  "1.2.3.4",
		  "feed:1:1: error: '???1.2.3.4' is not an address" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		char *messages = complaints(mistakes[i].text, strlen(mistakes[i].text));

		assert_contains(messages, mistakes[i].message);
		free(messages);
	}
}

static void a_nul_byte_is_an_error(void **state)
{
	static const char *const texts[] = { "1.2.3.4\0", "1.2.3.4#", "\0001.2.3.4", "#aaaaaa\0" };
	char *messages;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		messages = complaints(texts[i], i == 1 ? 9 : 8);
		free(messages);
	}
	messages = complaints("::1 # a\0b\n", 10);
	assert_contains(messages, "feed:1:8: error: a NUL byte: this is not a text");
	free(messages);
}

static void a_hopeless_file_is_not_read_to_its_end(void **state)
{
	char text[200 * 2 + 1] = "", *messages, *next;
	unsigned int count = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		memcpy(text + 2 * i, "x\n", 3);
	messages = complaints(text, strlen(text));
	for (next = messages; (next = strstr(next, ": error: ")); next++)
		count++;
	assert_int_equal(count, 21);
	assert_contains(messages, "feed:21:1: error: more than 20 errors");
	free(messages);
}

struct seen {
	size_t calls, bytes;
};

static void see(void *data, size_t bytes)
{
	struct seen *seen = data;

	assert_true(bytes > seen->bytes);
	seen->bytes = bytes;
	seen->calls++;
}

/* Spread over the whole space, so that nothing joins; not sorted. */
static char *million_lines(void)
{
	char *text = malloc(50 << 20), *at = text;
	struct random random = { 7 };

	assert_non_null(text);
	for (unsigned int i = 0; i < 1000000; i++) {
		uint32_t a = random_below(&random, UINT32_MAX), b = random_below(&random, 65536);

		if (i % 2)
			at += sprintf(at, "2001:db8:%x:%x::/64\n", b, a >> 16);
		else
			at += sprintf(at, "%u.%u.%u.%u\n", a >> 24, a >> 16 & 255, a >> 8 & 255,
				      a & 255);
	}
	return text;
}

static void a_million_lines_are_no_wait(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct prefixes prefixes = { 0 };
	struct seen seen = { 0 };
	char *text = million_lines();
	size_t length = strlen(text);
	clock_t start = clock();
	double spent;

	(void)state;
	assert_int_equal(prefixes_parse("feed", text, length, &prefixes, &diagnostics, see, &seen),
			 0);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	print_message("prefixes_parse: a million lines, %zu prefixes: %.0f ms\n", prefixes.count,
		      spent * 1e3);
	assert_true(prefixes.count > 990000);
	assert_true(seen.calls > 10 && seen.bytes <= length && seen.bytes > length - (1 << 20));
	assert_true(spent < 4); /* sanitized and on a busy machine; squared it would be minutes */
	prefixes_clear(&prefixes);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_or_block_a_line),
		cmocka_unit_test(mistakes_point_at_their_place),
		cmocka_unit_test(a_nul_byte_is_an_error),
		cmocka_unit_test(a_hopeless_file_is_not_read_to_its_end),
		cmocka_unit_test(a_million_lines_are_no_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
