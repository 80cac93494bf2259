// SPDX-License-Identifier: GPL-2.0-only
/* Which names a container may ask for: the field `dns`, and REFUSED for what is rejected. */
#include "support.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>

#include "dns_message.h"
#include "netlink.h"

#define SETS                                            \
	"resolver { 198.51.100.53 }\n"                  \
	"set api dns { api.example.com, *.pypi.org }\n" \
	"set bad dns { *.evil.test }\n"

static uint8_t frame[DNS_FRAME_MAX];

enum { SYN = 2, ACK = 16 };

static bool sends(const struct enforcer *e, enum hook hook, const struct dns_path *path,
		  const void *payload, size_t size)
{
	size_t length = dns_frame(path, false, payload, size, frame);
	int verdict;

	assert_int_equal(run_program(e->generation.programs[hook].fd, frame, length, &verdict), 0);
	if (hook == HOOK_XDP)
		return is_pass(PCTL_FROM, verdict);
	return verdict == expected_return(PCTL_TO, true);
}

/* At both hooks. */
static bool may_send(const struct enforcer *e, const struct dns_path *path, const void *payload,
		     size_t size)
{
	bool passes = sends(e, HOOK_XDP, path, payload, size);

	if (!path->tcp) /* of TCP the first that judges notes where the stream is */
		assert_int_equal(sends(e, HOOK_GUARD, path, payload, size), passes);
	return passes;
}

static bool may_ask(const struct enforcer *e, const struct dns_path *path, const char *name)
{
	struct dns_message message;

	dns_begin(&message, 1, 0x0100);
	dns_ask(&message, name, DNS_TYPE_A);
	return may_send(e, path, message.data, message.size);
}

static void test_names(void **state)
{
	struct enforcer *allows =
		enforcer_new("default from deny\n" SETS "allow from udp dport 53 dns @api\n");
	struct enforcer *denies = enforcer_new(SETS "deny from udp dport 53 dns @bad\n");
	struct enforcer *only =
		enforcer_new(SETS "deny from udp dport 53 dns not { @api, @bad }\n");
	static const struct {
		const char *name;
		bool allows, denies, only;
	} rows[] = {
		{ "api.example.com", true, false, true },
		{ "aPi.Example.COM", true, false, true },
		{ "x.y.pypi.org", true, false, true },
		{ "pypi.org", false, false, false },
		{ "example.com", false, false, false },
		{ "api.example.com.evil.test", false, true, true },
		{ "evil.test", false, false, false },
		{ "", false, false, false },
	};

	(void)state;
	for (int family = 0; family < 2; family++) {
		struct dns_path path = dns_path(family);

		for (size_t i = 0; i < COUNT(rows); i++) {
			assert_int_equal(may_ask(allows, &path, rows[i].name), rows[i].allows);
			assert_int_equal(may_ask(denies, &path, rows[i].name), !rows[i].denies);
			assert_int_equal(may_ask(only, &path, rows[i].name), rows[i].only);
		}
	}
	enforcer_free(allows);
	enforcer_free(denies);
	enforcer_free(only);
}

/* What is not one question alone is unknown: it matches the deny rule and not the allow rule. */
static void test_unknown(void **state)
{
	struct enforcer *allows =
		enforcer_new("default from deny\n" SETS "allow from udp dport 53 dns @api\n");
	struct enforcer *denies = enforcer_new(SETS "deny from udp dport 53 dns @bad\n");
	struct dns_path path = dns_path(false);
	struct dns_message message;

	(void)state;
	for (int i = 0; i < 10; i++) {
		dns_begin(&message, 1, i == 0 ? 0x8100 : (i == 1 ? 0x2100 : 0x0100));
		dns_ask(&message, "api.example.com", DNS_TYPE_A);
		if (i == 2)
			dns_ask(&message, "api.example.com", DNS_TYPE_AAAA);
		if (i == 3)
			message.size--;
		if (i == 4)
			message.size++;
		if (i == 5)
			dns_answer_at(&message, 12, DNS_TYPE_A, 1, "1234", 4);
		if (i == 6)
			message.data[message.size - 1] = 3; /* class CH */
		if (i == 7) { /* a pointer in place of a name */
			message.data[12] = 0xc0;
			message.data[13] = 0;
		}
		if (i == 8)
			message.data[11] = 1; /* a record that is not there */
		if (i == 9)
			message.size = 0;
		if (may_send(allows, &path, message.data, message.size) ||
		    may_send(denies, &path, message.data, message.size))
			fail_msg("case %d passes", i);
	}
	dns_begin(&message, 1, 0x0100);
	dns_ask(&message, "api.example.com", DNS_TYPE_A);
	dns_edns(&message, 4096);
	assert_true(may_send(allows, &path, message.data, message.size));
	assert_true(may_send(denies, &path, message.data, message.size));
	enforcer_free(allows);
	enforcer_free(denies);
}

/* --- TCP --- */

static size_t add_question(uint8_t *to, const char *name)
{
	struct dns_message message;

	dns_begin(&message, 1, 0x0100);
	dns_ask(&message, name, DNS_TYPE_A);
	to[0] = 0;
	to[1] = message.size;
	memcpy(to + 2, message.data, message.size);
	return message.size + 2;
}

/* Opens a connection, as the program sees it. The container's next byte is 1001. */
static struct dns_path connect_to(const struct enforcer *e, uint16_t port)
{
	struct dns_path path = dns_path(false);
	size_t length;
	int verdict;

	path.tcp = true;
	path.local_port = port;
	path.sequence = 1000;
	path.tcp_flags = SYN;
	assert_true(sends(e, HOOK_XDP, &path, NULL, 0));
	path.sequence = 5000;
	path.acknowledgement = 1001;
	path.tcp_flags = SYN | ACK;
	length = dns_frame(&path, true, NULL, 0, frame);
	assert_int_equal(
		run_program(e->generation.programs[HOOK_EGRESS].fd, frame, length, &verdict), 0);
	path.sequence = 1001;
	path.acknowledgement = 5001;
	path.tcp_flags = ACK;
	return path;
}

static void test_tcp(void **state)
{
	struct enforcer *e =
		enforcer_new("default from deny\n" SETS "allow from tcp dport 53 dns @api\n");
	struct dns_path path = connect_to(e, 6000), stranger = path;
	uint8_t data[1024];
	size_t size;

	(void)state;
	size = add_question(data, "api.example.com");
	stranger.local_port = 6001; /* its beginning was not seen */
	assert_false(sends(e, HOOK_XDP, &stranger, data, size));
	assert_true(sends(e, HOOK_XDP, &path, data, size));
	assert_true(sends(e, HOOK_XDP, &path, data, size)); /* once more */
	path.sequence += 10; /* an overlap */
	assert_false(sends(e, HOOK_XDP, &path, data, size));
	path.sequence += size - 10;
	size = add_question(data, "x.pypi.org");
	size += add_question(data + size, "y.pypi.org");
	assert_true(sends(e, HOOK_XDP, &path, data, size));
	path.sequence += size;
	assert_false(sends(e, HOOK_XDP, &path, data, size - 1));
	assert_false(sends(e, HOOK_XDP, &path, data, 1));
	size = add_question(data, "x.pypi.org");
	size += add_question(data + size, "y.evil.test");
	assert_false(sends(e, HOOK_XDP, &path, data, size));
	assert_true(sends(e, HOOK_XDP, &path, NULL, 0)); /* it asks nothing */
	/* Another SYN does not move the place. */
	path.tcp_flags = SYN;
	path.sequence = 90000;
	assert_true(sends(e, HOOK_XDP, &path, NULL, 0));
	path.tcp_flags = ACK;
	path.sequence++;
	size = add_question(data, "x.pypi.org");
	assert_false(sends(e, HOOK_XDP, &path, data, size));
	enforcer_free(e);
}

/* --- REFUSED --- */

static void check_refusal(const struct enforcer *e, bool ipv6, const char *name, bool refused)
{
	struct dns_path path = dns_path(ipv6);
	struct dns_message message;
	uint8_t answer[DNS_FRAME_MAX] = {};
	size_t ip = ipv6 ? 40 : 20, asked;
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_out = answer,
		    .data_size_out = sizeof(answer), .repeat = 1);

	dns_begin(&message, 0x1234, 0x0110);
	dns_ask(&message, name, DNS_TYPE_A);
	asked = message.size;
	dns_edns(&message, 1232);
	options.data_size_in = dns_frame(&path, false, message.data, message.size, frame);
	assert_int_equal(bpf_prog_test_run_opts(e->generation.programs[HOOK_XDP].fd, &options), 0);
	assert_int_equal(options.retval, XDP_TX);
	assert_int_equal(answer[14 + (ipv6 ? 6 : 9)], refused ? 17 : (ipv6 ? 58 : 1));
	if (!refused)
		return;
	assert_int_equal(options.data_size_out, 14 + ip + 8 + asked);
	message.data[2] |= 0x80;
	message.data[3] |= 5;
	message.data[11] = 0;
	assert_memory_equal(answer + 14 + ip + 8, message.data, asked);
	assert_memory_equal(answer + 14 + ip, "\0\x35\x0f\xa0", 4);
	assert_memory_equal(answer, frame + 6, 6);
}

static void test_refused(void **state)
{
	static const struct meta generic = { .mode = XDP_MODE_GENERIC, .veth = 1 };
	struct enforcer *e = enforcer_for(SETS "allow from udp dport 53 dns @api\n"
					       "reject from udp dport 53\n",
					  &generic);
	char name[256] = "";

	(void)state;
	for (int family = 0; family < 2; family++) {
		check_refusal(e, family, "x", true);
		check_refusal(e, family, "www.example.com", true);
		for (int i = 0; i < 11; i++)
			strcpy(name + i * 10, "aaaaaaaaa.");
		name[109] = 0;
		check_refusal(e, family, name, true);
		strcpy(name + 109, "bbbbb");
		check_refusal(e, family, name, false);
	}
	enforcer_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_refused),
	};

	return run_group("DNS questions", tests, COUNT(tests));
}
