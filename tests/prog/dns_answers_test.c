// SPDX-License-Identifier: GPL-2.0-only
/* Answers of resolvers through the programs: what is learnt from them, and what is not. */
#include "support.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "dns_message.h"
#include "dns_object.h"

#define TTL 300

static const char *const api[] = { "api.example.com", "*.pypi.org", NULL };
static const char *const all[] = { "*.example.com", NULL };
static const char *const *const sets[] = { api, all };

static struct dns_object object;
static uint8_t frame[DNS_FRAME_MAX];

static void load(const char *const *const of[], size_t count)
{
	static const struct pctl_resolver resolvers[] = {
		{ .family = PCTL_IPV6 },
		{ .family = PCTL_IPV4 },
	};
	struct pctl_resolver named[2];

	memcpy(named, resolvers, sizeof(named));
	memcpy(named[0].address, dns_path(true).remote, 16);
	memcpy(named[1].address, dns_path(false).remote, 4);
	dns_object_load(&object, of, count, named, 2);
}

static void load_object(void **state)
{
	(void)state;
	load(sets, COUNT(sets));
}

static void free_object(void **state)
{
	(void)state;
	dns_object_free(&object);
}

static void send_from(const struct dns_path *path, const struct dns_message *message)
{
	size_t length = dns_frame(path, false, message->data, message->size, frame);

	dns_object_run(&object, HOOK_XDP, frame, length);
}

static void send_to(const struct dns_path *path, const struct dns_message *message)
{
	size_t length = dns_frame(path, true, message->data, message->size, frame);

	dns_object_run(&object, HOOK_EGRESS, frame, length);
}

static void ask(const struct dns_path *path, uint16_t id, const char *name, uint16_t type)
{
	struct dns_message message;

	dns_begin(&message, id, 0x0100);
	dns_ask(&message, name, type);
	dns_edns(&message, 1232);
	send_from(path, &message);
}

static const uint8_t *v4(const char *text)
{
	static uint8_t address[4];

	assert_int_equal(inet_pton(AF_INET, text, address), 1);
	return address;
}

static const uint8_t *v6(const char *text)
{
	static uint8_t address[16];

	assert_int_equal(inet_pton(AF_INET6, text, address), 1);
	return address;
}

/* What was learnt, as text in order: "0:198.18.0.1/0 1:…": slot of the set, address, word. */
static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void expect_learnt(const char *expected)
{
	static struct dns_learnt learnt[128];
	size_t count = dns_object_take(&object, learnt, COUNT(learnt));
	static char texts[128][80];
	char joined[8192] = "", address[INET6_ADDRSTRLEN];

	assert_true(count <= COUNT(learnt));
	for (size_t i = 0; i < count; i++) {
		const struct pctl_member_key *key = &learnt[i].key;

		inet_ntop(key->family == PCTL_IPV6 ? AF_INET6 : AF_INET, key->address, address,
			  sizeof(address));
		snprintf(texts[i], sizeof(texts[i]), "%u:%s/%u", key->set, address,
			 learnt[i].value.name);
	}
	qsort(texts, count, sizeof(texts[0]), compare_texts);
	for (size_t i = 0; i < count; i++) {
		strcat(joined, i ? " " : "");
		strcat(joined, texts[i]);
	}
	assert_string_equal(joined, expected);
}

static void test_addresses(void **state)
{
	struct dns_path path = dns_path(false);
	struct dns_message message;
	size_t at;

	(void)state;
	ask(&path, 7, "api.example.com", DNS_TYPE_A);
	dns_begin(&message, 7, 0x8180);
	at = dns_ask(&message, "api.example.com", DNS_TYPE_A);
	dns_answer_at(&message, at, DNS_TYPE_A, TTL, v4("198.18.0.1"), 4);
	dns_answer_at(&message, at, DNS_TYPE_A, TTL, v4("198.18.0.2"), 4);
	send_to(&path, &message);
	expect_learnt("0:198.18.0.1/0 0:198.18.0.2/0 1:198.18.0.1/0 1:198.18.0.2/0");
	send_to(&path, &message); /* nobody has asked again */
	expect_learnt("");
}

/* An answer to a question that was asked: with one address, 198.18.0.9. */
static void answer_one(const struct dns_path *path, uint16_t id, uint16_t flags, const char *name)
{
	struct dns_message message;
	size_t at;

	dns_begin(&message, id, flags);
	at = dns_ask(&message, name, DNS_TYPE_A);
	dns_answer_at(&message, at, DNS_TYPE_A, TTL, v4("198.18.0.9"), 4);
	send_to(path, &message);
}

static void test_names(void **state)
{
	static const struct {
		const char *asked, *learnt;
	} rows[] = {
		{ "api.example.com", "0:198.18.0.9/0 1:198.18.0.9/0" },
		{ "API.Example.cOm", "0:198.18.0.9/0 1:198.18.0.9/0" },
		{ "www.example.com", "1:198.18.0.9/0" },
		{ "a.b.c.example.com", "1:198.18.0.9/0" },
		{ "example.com", "" },
		{ "example.com.evil.test", "" },
		{ "api.example.com.evil.test", "" },
		{ "xapi.example.com", "1:198.18.0.9/0" },
		{ "apiexample.com", "" },
		{ "com", "" },
		{ "files.pypi.org", "0:198.18.0.9/1" },
		{ "pypi.org", "" },
		{ "apypi.org", "" },
	};
	struct dns_path path = dns_path(false);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		ask(&path, i, rows[i].asked, DNS_TYPE_A);
		answer_one(&path, i, 0x8180, rows[i].asked);
		expect_learnt(rows[i].learnt);
	}
}

/* Bytes in labels that look like the end of a label, or of a name. */
static void test_odd_labels(void **state)
{
	struct dns_path path = dns_path(false);
	struct dns_message message;
	static const uint8_t dots[] = "\x0f"
				      "api.example.com",
			     zero[] = "\x04"
				      "api\0\7example\3com";

	(void)state;
	for (int i = 0; i < 4; i++) {
		const uint8_t *name = i % 2 ? dots : zero;
		size_t size = i % 2 ? sizeof(dots) : sizeof(zero), at;

		dns_begin(&message, 9, i < 2 ? 0x0100 : 0x8180);
		at = dns_ask(&message, "x", DNS_TYPE_A);
		memmove(message.data + at + size, message.data + at + 3, 4);
		memcpy(message.data + at, name, size);
		message.size += size - 3;
		if (i < 2) {
			send_from(&path, &message);
			continue;
		}
		dns_answer_at(&message, at, DNS_TYPE_A, TTL, v4("198.18.0.9"), 4);
		send_to(&path, &message);
		expect_learnt(i == 2 ? "1:198.18.0.9/0" : ""); /* it is below example.com */
	}
}

static void test_chain(void **state)
{
	struct dns_path path = dns_path(false);
	struct dns_message message;
	size_t at, first, second;

	(void)state;
	ask(&path, 8, "api.example.com", DNS_TYPE_A);
	dns_begin(&message, 8, 0x8180);
	at = dns_ask(&message, "api.example.com", DNS_TYPE_A);
	dns_answer(&message, "other.test", DNS_TYPE_A, TTL, v4("198.18.0.66"), 4);
	first = dns_alias_at(&message, at, TTL, "edge.cdn.test");
	dns_answer(&message, "x.test", DNS_TYPE_TXT, TTL, "abc", 3);
	second = dns_alias_at(&message, first, TTL, "node7.cdn.test");
	dns_answer_at(&message, at, DNS_TYPE_A, TTL, v4("198.18.0.67"), 4);
	dns_answer_at(&message, second, DNS_TYPE_A, TTL, v4("198.18.0.1"), 4);
	dns_answer(&message, "NODE7.cdn.test", DNS_TYPE_A, TTL, v4("198.18.0.2"), 4);
	dns_answer(&message, "node7.cdn.test", DNS_TYPE_AAAA, TTL, v6("2001:db8::1"), 16);
	dns_answer(&message, "node8.cdn.test", DNS_TYPE_A, TTL, v4("198.18.0.68"), 4);
	send_to(&path, &message);
	expect_learnt("0:198.18.0.1/0 0:198.18.0.2/0 1:198.18.0.1/0 1:198.18.0.2/0");
}

static void test_ipv6(void **state)
{
	struct dns_path path = dns_path(true);
	struct dns_message message;
	size_t at;

	(void)state;
	ask(&path, 8, "x.pypi.org", DNS_TYPE_AAAA);
	dns_begin(&message, 8, 0x8180);
	at = dns_ask(&message, "x.pypi.org", DNS_TYPE_AAAA);
	for (int i = 0; i < 40; i++) {
		uint8_t address[16];

		memcpy(address, v6("2001:db8::100"), 16);
		address[15] = i;
		dns_answer_at(&message, at, DNS_TYPE_AAAA, TTL, address, 16);
	}
	send_to(&path, &message);
	assert_int_equal(dns_object_take(&object, NULL, 0), 40);
}

/* What must not be believed. */
static void test_not_believed(void **state)
{
	struct dns_path path = dns_path(false), other = path;
	struct dns_message message;
	size_t at;

	(void)state;
	answer_one(&path, 1, 0x8180, "api.example.com"); /* nobody asked */
	expect_learnt("");
	ask(&path, 1, "api.example.com", DNS_TYPE_A);
	answer_one(&path, 2, 0x8180, "api.example.com"); /* another id */
	answer_one(&path, 1, 0x8180, "www.example.com"); /* another name */
	answer_one(&path, 1, 0x0100, "api.example.com"); /* a question */
	answer_one(&path, 1, 0xa180, "api.example.com"); /* another opcode */
	other.local_port = 4001;
	answer_one(&other, 1, 0x8180, "api.example.com");
	other = path;
	other.local[3] = 3;
	answer_one(&other, 1, 0x8180, "api.example.com");
	other = path;
	other.remote[3] = 54;
	answer_one(&other, 1, 0x8180, "api.example.com");
	other = path;
	other.remote_port = 5353;
	answer_one(&other, 1, 0x8180, "api.example.com");
	dns_begin(&message, 1, 0x8180); /* another type */
	at = dns_ask(&message, "api.example.com", DNS_TYPE_AAAA);
	dns_answer_at(&message, at, DNS_TYPE_AAAA, TTL, v6("2001:db8::9"), 16);
	send_to(&path, &message);
	expect_learnt("");
	answer_one(&path, 1, 0x8183, "api.example.com"); /* NXDOMAIN; but it is the answer */
	answer_one(&path, 1, 0x8180, "api.example.com");
	expect_learnt("");
	other = path; /* a server that is no resolver of the policy */
	other.remote[3] = 54;
	ask(&other, 1, "api.example.com", DNS_TYPE_A);
	answer_one(&other, 1, 0x8180, "api.example.com");
	expect_learnt("");
	ask(&path, 1, "api.example.com", DNS_TYPE_A); /* the same id twice: the last one counts */
	ask(&path, 1, "www.example.com", DNS_TYPE_A);
	answer_one(&path, 1, 0x8180, "api.example.com");
	expect_learnt("");
	answer_one(&path, 1, 0x8180, "www.example.com");
	expect_learnt("1:198.18.0.9/0");
}

/* Names that do not end, and pointers to where they must not lead. */
static void test_pointers(void **state)
{
	static const uint8_t targets[] = { 0, 2, 11, 33, 34, 60, 255 };
	struct dns_path path = dns_path(false);
	struct dns_message message;

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		ask(&path, 1, "api.example.com", DNS_TYPE_A);
		dns_begin(&message, 1, 0x8180);
		dns_ask(&message, "api.example.com", DNS_TYPE_A);
		assert_int_equal(message.size, 33);
		dns_answer_at(&message, targets[i], DNS_TYPE_A, TTL, v4("198.18.0.9"), 4);
		send_to(&path, &message);
		expect_learnt("");
	}
}

static uint32_t ticks_left(uint32_t ttl, uint32_t alias)
{
	struct dns_path path = dns_path(false);
	struct dns_message message;
	struct dns_learnt learnt;
	struct timespec now;
	size_t at;

	ask(&path, 1, "x.pypi.org", DNS_TYPE_A);
	dns_begin(&message, 1, 0x8180);
	at = dns_ask(&message, "x.pypi.org", DNS_TYPE_A);
	at = dns_alias_at(&message, at, alias, "y.test");
	dns_answer_at(&message, at, DNS_TYPE_A, ttl, v4("198.18.0.9"), 4);
	send_to(&path, &message);
	assert_int_equal(dns_object_take(&object, &learnt, 1), 1);
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return learnt.value.until - PCTL_TICK(now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec);
}

static void test_ttl(void **state)
{
	static const struct {
		uint32_t ttl, alias, seconds;
	} rows[] = {
		{ 300, 600, 300 },	 { 600, 300, 300 },	{ 0, 300, 60 },
		{ 300, 0, 60 },		 { 59, 59, 60 },	{ 86400, 86400, 3600 },
		{ 0xffffffff, 300, 60 }, { 300, 1u << 31, 60 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t left = ticks_left(rows[i].ttl, rows[i].alias);

		assert_in_range(left, PCTL_TICKS(rows[i].seconds) - 120,
				PCTL_TICKS(rows[i].seconds));
	}
}

/* --- TCP --- */

static void send_segment(struct dns_path *path, bool to, uint8_t flags, const void *data,
			 size_t size)
{
	size_t length;

	path->tcp_flags = flags;
	length = dns_frame(path, to, data, size, frame);
	dns_object_run(&object, to ? HOOK_EGRESS : HOOK_XDP, frame, length);
}

static size_t prefixed(uint8_t *to, const struct dns_message *message)
{
	to[0] = message->size >> 8;
	to[1] = message->size;
	memcpy(to + 2, message->data, message->size);
	return message->size + 2;
}

static size_t question_segment(uint8_t *to, uint16_t id, const char *name)
{
	struct dns_message message;

	dns_begin(&message, id, 0x0100);
	dns_ask(&message, name, DNS_TYPE_A);
	return prefixed(to, &message);
}

static size_t answer_segment(uint8_t *to, uint16_t id, const char *name)
{
	struct dns_message message;
	size_t at;

	dns_begin(&message, id, 0x8180);
	at = dns_ask(&message, name, DNS_TYPE_A);
	dns_answer_at(&message, at, DNS_TYPE_A, TTL, v4("198.18.0.9"), 4);
	return prefixed(to, &message);
}

enum { FIN = 1, SYN = 2, ACK = 16 };

static struct dns_path tcp_path(uint16_t port)
{
	struct dns_path path = dns_path(false);

	path.tcp = true;
	path.local_port = port;
	path.sequence = 1000;
	send_segment(&path, false, SYN, NULL, 0);
	path.sequence = 0xfffffff0; /* wraps */
	path.acknowledgement = 1001;
	send_segment(&path, true, SYN | ACK, NULL, 0);
	path.sequence = 0xfffffff1;
	return path;
}

static void test_tcp(void **state)
{
	struct dns_path path = tcp_path(5000), from = path;
	uint8_t data[1024];
	size_t size;

	(void)state;
	from.sequence = 1001;
	size = question_segment(data, 1, "x.pypi.org");
	size += question_segment(data + size, 2, "y.pypi.org");
	send_segment(&from, false, ACK, data, size);
	size = answer_segment(data, 1, "x.pypi.org");
	path.sequence++; /* not where a message begins */
	send_segment(&path, true, ACK, data, size);
	expect_learnt("");
	path.sequence--;
	send_segment(&path, true, ACK, data, size);
	expect_learnt("0:198.18.0.9/1");
	path.sequence += size;
	size = answer_segment(data, 2, "y.pypi.org");
	send_segment(&path, true, ACK, data, size);
	expect_learnt("0:198.18.0.9/1");
	path.sequence += size;
	from.sequence += 2 * size;
	size = question_segment(data, 3, "z.pypi.org");
	send_segment(&from, false, ACK, data, size);
	/* A message in two segments; the second begins with something like an answer. */
	data[0] = 0x01;
	data[1] = 0x00;
	send_segment(&path, true, ACK, data, 100);
	path.sequence += 100;
	size = answer_segment(data, 3, "z.pypi.org");
	send_segment(&path, true, ACK, data, size);
	expect_learnt("");
	path.sequence += 258 - 100;
	send_segment(&path, true, ACK, data, size);
	expect_learnt("0:198.18.0.9/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_object),	     cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_names),	     cmocka_unit_test(test_odd_labels),
		cmocka_unit_test(test_chain),	     cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_not_believed), cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_ttl),	     cmocka_unit_test(test_tcp),
		cmocka_unit_test(free_object),
	};

	return run_group("DNS answers", tests, COUNT(tests));
}
