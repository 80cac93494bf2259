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

static void comments_and_columns_are_left_aside(void **state)
{
	(void)state;
	/* as Spamhaus publishes DROP */
	assert_reads("; Spamhaus DROP List 2026/11/29 - (c) 2026 The Spamhaus Project\n"
		     "; Last-Modified: Sun, 29 Nov 2026 10:05:43 GMT\n"
		     "192.0.2.0/24 ; SBL256894\n198.51.100.0/24\t; SBL434604\n",
		     "192.0.2.0/24 198.51.100.0/24");
	/* a count, a country, a tab, several of them */
	assert_reads("203.0.113.9\t10\n203.0.113.8 9 AU \"a place\"\n", "203.0.113.8/31");
	assert_reads("192.0.2.1,\n192.0.2.2;DE\n192.0.2.3|x|y # 192.0.2.99\n",
		     "192.0.2.1 192.0.2.2/31");
	/* RFC 8805, its own example of section 2.1.2 */
	assert_reads("# prefix,country,region,city,postal\n192.0.2.0/25,US,US-AL,,\n"
		     "192.0.2.5,US,US-AL,Alabaster,\n2001:db8::/32,US,,,\n",
		     "192.0.2.0/25 2001:db8::/32");
	/* the header of a CSV file, and quotes */
	assert_reads("network,geoname_id,registered_country_geoname_id\n203.0.113.0/24,2077456,\n",
		     "203.0.113.0/24");
	assert_reads("\"ip\",\"last seen\"\n\"192.0.2.7\",\"2026-11-29 07:30:05\"\n\"2001:db8::7\" "
		     ", \"a, b; c\"\n",
		     "192.0.2.7 2001:db8::7");
}

static void ranges_become_blocks(void **state)
{
	(void)state;
	assert_reads("192.0.2.0-192.0.2.255\n198.51.100.1 - 198.51.100.6\n",
		     "192.0.2.0/24 198.51.100.1 198.51.100.2/31 198.51.100.4/31 198.51.100.6");
	assert_reads("0.0.0.0-255.255.255.255\n", "0.0.0.0/0");
	assert_reads("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,x\n", "::/0");
	assert_reads("2001:db8::-2001:db8:0:1:ffff:ffff:ffff:ffff;AU\n", "2001:db8::/63");
	assert_reads("2001:db8::fffe - 2001:db8::1:1\n", "2001:db8::fffe/127 2001:db8::1:0/127");
	assert_reads("255.255.255.255-255.255.255.255\n192.0.2.7 -192.0.2.8\n",
		     "192.0.2.7 192.0.2.8 255.255.255.255");
}

/* Any range, against its addresses one by one. */
static void ranges_hold_what_is_in_them(void **state)
{
	struct random random = { 11 };

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint64_t base = (uint64_t)random_below(&random, 256) << 32;
		uint64_t low = random_below(&random, 300), high = low + random_below(&random, 300);
		bool ipv6 = random_below(&random, 2);
		struct prefix first = { .family = ipv6 ? PCTL_IPV6 : PCTL_IPV4,
					.length = ipv6 ? 128 : 32 };
		struct prefixes prefixes = { 0 };
		struct prefix last = first, at = first;
		size_t capacity = 0;

		first.high = ipv6 ? base : low << 32;
		first.low = ipv6 ? low : 0;
		last.high = ipv6 ? base : high << 32;
		last.low = ipv6 ? high : 0;
		assert_int_equal(prefixes_add_range(&prefixes, &capacity, first, last), 0);
		for (size_t j = 1; j < prefixes.count; j++)
			assert_true(prefix_compare(&prefixes.items[j - 1], &prefixes.items[j]) < 0);
		for (uint64_t j = low ? low - 1 : 0; j <= high + 1; j++) {
			at.high = ipv6 ? base : j << 32;
			at.low = ipv6 ? j : 0;
			assert_int_equal(prefixes_hold(&prefixes, &at), j >= low && j <= high);
		}
		prefixes_clear(&prefixes);
	}
}

static void json_of_providers_is_read(void **state)
{
	(void)state;
	/* AWS ip-ranges.json */
	assert_reads(
		"{\n  \"syncToken\": \"1764410000\",\n  \"createDate\": \"2026-11-29-10-33-20\","
		"\n  \"prefixes\": [\n    {\n      \"ip_prefix\": \"192.0.2.0/24\",\n"
		"      \"region\": \"eu-west-1\",\n      \"service\": \"AMAZON\"\n    }\n  ],\n"
		"  \"ipv6_prefixes\": [ { \"ipv6_prefix\": \"2001:db8:1::/48\", \"region\": "
		"\"eu-west-1\" } ]\n}\n",
		"192.0.2.0/24 2001:db8:1::/48");
	/* Google goog.json */
	assert_reads("{ \"syncToken\": \"1764\", \"prefixes\": [{ \"ipv4Prefix\": \"192.0.2.0/25\" "
		     "}, { \"ipv6Prefix\": \"2001:db8::/32\" }] }",
		     "192.0.2.0/25 2001:db8::/32");
	/* Azure service tags */
	assert_reads("{\"changeNumber\": 345, \"cloud\": \"Public\", \"values\": [{\"name\": "
		     "\"ActionGroup\", \"properties\": {\"region\": \"\", \"addressPrefixes\": "
		     "[\"192.0.2.8/29\", \"2001:db8::/47\"], \"networkFeatures\": null, \"x\": "
		     "true}}]}",
		     "192.0.2.8/29 2001:db8::/47");
	/* Cloudflare's API */
	assert_reads("{\"result\":{\"ipv4_cidrs\":[\"198.51.100.0/24\"],\"ipv6_cidrs\":"
		     "[\"2001:db8:2::/48\"],\"etag\":\"38f79d050aa027e3be3865e495dcc9bc\"},"
		     "\"success\":true,\"errors\":[],\"messages\":[]}",
		     "198.51.100.0/24 2001:db8:2::/48");
	/* GitHub meta */
	assert_reads("{\"verifiable_password_authentication\":false,\"ssh_keys\":[\"ssh-ed25519 "
		     "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\"],"
		     "\"hooks\":[\"203.0.113.0/28\",\"2001:db8:3::/48\"],\"domains\":{\"website\":"
		     "[\"*.example.com\"]}}",
		     "203.0.113.0/28 2001:db8:3::/48");
	/* Spamhaus DROP, a document a line */
	assert_reads("{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"ripencc\"}\n"
		     "{\"cidr\":\"198.51.100.0/24\",\"sblid\":\"SBL2\",\"rir\":\"arin\"}\n"
		     "{\"type\":\"metadata\",\"timestamp\":1764410000,\"size\":2}\n",
		     "192.0.2.0/24 198.51.100.0/24");
	assert_reads(" [\"192.0.2.1\", \"192.0.2.2-192.0.2.3\", [], {}, -1.5e+3]",
		     "192.0.2.1 192.0.2.2/31");
	assert_reads("{\"ranges\": [\"10.0.0.0\\/8\", \"\\u0031\\\"\"]}", "10.0.0.0/8");
	assert_reads("{\"192.0.2.1\": {\"seen\": 3}}", "192.0.2.1");
	assert_reads("{\"prefixes\": []}", "");
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
		{ "::1\n\n::1 ::2\n", "feed:3:5: error: a second address in the line" },
		{ "1.2.3.4,5.6.7.8\n", "feed:1:9: error: a second address in the line" },
		{ "1.2.3.4;5.6.7.8/30\n", "feed:1:9: error: a second address in the line" },
		{ "1.2.3.4,DE,\"::1\"\n", "feed:1:13: error: a second address in the line" },
		{ "2026-11-29,192.0.2.1,443\n", "feed:1:1: error: '2026-11-29' is not an address" },
		{ "ip,country\n1.2.3.4,DE\nip,country\n",
		  "feed:3:1: error: 'ip' is not an address" },
		{ "a.example,x\n", "feed:1:1: error: 'a.example' is not an address" },
		{ "1.2.3.9-1.2.3.4", "feed:1:1: error: the range is empty" },
		{ "1.2.3.4-::1", "feed:1:9: error: a range from IPv4 to IPv6" },
		{ "1.2.3.0/24-1.2.4.0", "feed:1:1: error: a range has an address at each end" },
		{ "1.2.3.4-9", "feed:1:9: error: '9' is not an address" },
		{ "1.2.3.4 - \n", "is not an address" },
		{ "\n <!DOCTYPE html>", "feed:1:1: error: an HTML or XML page" },
		{ "\"1.2.3.4", "is not an address" },
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

static void json_that_is_none_is_not_half_a_list(void **state)
{
	static const struct {
		const char *text, *message;
	} mistakes[] = {
		{ "[\"1.2.3.4\",\n \"1.2.3", "feed:2:8: error: the JSON text ends where a quote" },
		{ "[\"1.2.3.4\",\n", "feed:2:1: error: the JSON text ends where a value should" },
		{ "{\"a\": [\"1.2.3.4\"]", "the JSON text ends where ',' or '}' should follow" },
		{ "[\"1.2.3.4\" \"1.2.3.5\"]", "feed:1:12: error: not JSON: expected ',' or ']'" },
		{ "{\"a\" 1}", "feed:1:6: error: not JSON: expected ':'" },
		{ "{1: 2}", "not JSON: expected a name in quotes" },
		{ "[&]", "not JSON: expected a value" },
		{ "[\"1.2.3.4\n\"]", "feed:1:10: error: not JSON: expected a quote" },
		{ "[\"1.2.3.4\"] x", "feed:1:13: error: not JSON: expected a value" },
		{ "[\n\"1.2.3.4/24\"]",
		  "feed:2:2: error: '1.2.3.4/24' has bits behind its length" },
		{ "[\"10.0.0.1\\/8\"]", "feed:1:3: error: '10.0.0.1/8' has bits" },
		{ "{\"message\": \"API rate limit exceeded\"}",
		  "feed:1:1: error: no address is in" },
		{ "[\"1.2.3.4\", \"1.2.3.9-1.2.3.4\"]", "feed:1:14: error: the range is empty" },
	};
	char deep[201] = "", *messages;

	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		messages = complaints(mistakes[i].text, strlen(mistakes[i].text));
		assert_contains(messages, mistakes[i].message);
		free(messages);
	}
	memset(deep, '[', 200);
	messages = complaints(deep, 200);
	assert_contains(messages, "feed:1:65: error: not JSON: expected no more than 64 levels");
	free(messages);
	messages = complaints("[\"1.2.3.4\0\"]", 12);
	assert_contains(messages, "feed:1:10: error: not JSON: expected a quote");
	free(messages);
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

/* As a provider would publish a million blocks, most of it no address. */
static char *million_objects(void)
{
	char *text = malloc(120 << 20), *at = text;

	assert_non_null(text);
	at += sprintf(at, "{ \"prefixes\": [\n");
	for (unsigned int i = 0; i < 1000000; i++)
		at += sprintf(at, "%s  { \"ip_prefix\": \"%u.%u.%u.%u/31\", \"region\": \"eu-1\" }",
			      i ? ",\n" : "", i >> 14 & 255, i >> 6 & 255, i << 2 & 255, 0);
	sprintf(at, "\n] }\n");
	return text;
}

static void a_million_objects_are_no_wait(void **state)
{
	struct diagnostics diagnostics = { 0 };
	struct prefixes prefixes = { 0 };
	struct seen seen = { 0 };
	char *text = million_objects();
	clock_t start = clock();
	double spent;

	(void)state;
	assert_int_equal(
		prefixes_parse("feed", text, strlen(text), &prefixes, &diagnostics, see, &seen), 0);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	print_message("prefixes_parse: a million objects, %zu prefixes: %.0f ms\n", prefixes.count,
		      spent * 1e3);
	assert_int_equal(prefixes.count, 1000000);
	assert_true(seen.calls > 10);
	assert_true(spent < 8);
	prefixes_clear(&prefixes);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_or_block_a_line),
		cmocka_unit_test(comments_and_columns_are_left_aside),
		cmocka_unit_test(ranges_become_blocks),
		cmocka_unit_test(ranges_hold_what_is_in_them),
		cmocka_unit_test(json_of_providers_is_read),
		cmocka_unit_test(mistakes_point_at_their_place),
		cmocka_unit_test(json_that_is_none_is_not_half_a_list),
		cmocka_unit_test(a_nul_byte_is_an_error),
		cmocka_unit_test(a_hopeless_file_is_not_read_to_its_end),
		cmocka_unit_test(a_million_lines_are_no_wait),
		cmocka_unit_test(a_million_objects_are_no_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
