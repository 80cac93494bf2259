// SPDX-License-Identifier: GPL-2.0-only
/* From connections to flows, and from flows to a policy that allows them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "support.h"

#include "diagnostics.h"
#include "learning_policy.h"
#include "learnt_text.h"
#include "policy_parse.h"
#include "print.h"
#include "seen.h"
#include "util.h"

static struct prefix address(const char *text)
{
	struct prefix prefix = { .family = strchr(text, ':') ? PCTL_IPV6 : PCTL_IPV4 };
	uint8_t bytes[16] = {};

	assert_int_equal(inet_pton(prefix.family == PCTL_IPV6 ? AF_INET6 : AF_INET, text, bytes),
			 1);
	for (int i = 0; i < 8; i++) {
		prefix.high |= (uint64_t)bytes[i] << (56 - 8 * i);
		prefix.low |= (uint64_t)bytes[8 + i] << (56 - 8 * i);
	}
	prefix.length = family_bits(prefix.family);
	return prefix;
}

static struct flow *saw(struct flows *flows, enum pctl_direction direction, int protocol, int port,
			const char *peer, unsigned int connections, unsigned int answered)
{
	const struct flow_key key = {
		.peer = address(peer),
		.number = port,
		.protocol = protocol,
		.kind = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6 ? FLOW_ICMP
			: port						       ? FLOW_PORTS
									       : FLOW_PROTOCOL,
		.direction = direction,
	};
	struct flow *flow = flows_get(flows, &key);

	assert_non_null(flow);
	flow->counts.connections += connections;
	flow->answered += answered;
	flow->counts.packets[PCTL_FROM] += 2;
	flow->counts.packets[PCTL_TO] += 1;
	flow->opener_low = 40000;
	flow->opener_high = 40001;
	return flow;
}

static bool named(void *data, const struct prefix *peer, char name[LEARNT_NAME])
{
	const struct prefix known = address("198.18.0.9");

	(void)data;
	if (prefix_compare(peer, &known))
		return false;
	strcpy(name, "api.example.com\n#");
	return true;
}

static const struct learnt_about about = {
	.target = "container:web\n",
	.began = 1796069973,
	.seconds = 60,
	.connections = 7,
	.namer = named,
};

/* The policy of the flows, without its head; it is a policy. */
static char *policy_of(const struct flows *flows, bool exact)
{
	_cleanup_(learnt_clear) struct learnt learnt = {};
	char *text = NULL, *rest;

	assert_int_equal(learnt_policy(flows, exact, &about, &learnt, &text), 0);
	rest = strstr(text, "default deny\n\n");
	assert_non_null(rest);
	memmove(text, rest + strlen("default deny\n\n"), strlen(rest) - strlen("default deny\n"));
	return text;
}

static void check_policy(struct flows *flows, bool exact, const char *expected)
{
	_cleanup_(freep) char *text = policy_of(flows, exact);

	assert_string_equal(text, expected);
	flows_clear(flows);
}

/* Each line of the policy is one of these without its comment, and each of these is there. */
static void check_lines(char *text)
{
	static const char *const lines[] = {
		"resolver { 198.18.0.53, 198.18.0.54 }",
		"set names1 dns { a.example.com, b.example.com }",
		"set names2 dns { a.example.com }",
		"allow from tcp dport 443 peer @names1",
		"allow from tcp dport 443 peer 198.18.0.22",
		"allow from tcp dport 80 peer @names2",
		"allow from udp dport 53 peer 198.18.0.53",
		"allow to tcp dport 22 peer 198.18.0.20",
		"# Not answered, so not allowed:",
		"# allow from tcp dport 25 peer 198.18.0.66",
	};
	unsigned int found = 0;

	assert_non_null(text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *end = strstr(line + 1, " #");
		size_t at = 0;

		while (end && end > line && end[-1] == ' ')
			end--;
		if (end)
			*end = '\0';
		while (at < COUNT(lines) && strcmp(line, lines[at]) != 0)
			at++;
		if (at == COUNT(lines))
			fail_msg("not expected: %s", line);
		found |= 1u << at;
	}
	assert_int_equal(found, (1u << COUNT(lines)) - 1);
}

/* Where the container had the addresses from: the names, as long as they lasted. */
static void test_names(void **state)
{
	struct flows flows = {};
	struct learnt_names names = {};
	struct learnt_about with = about;
	_cleanup_(learnt_clear) struct learnt learnt = {};
	_cleanup_(freep) char *text = NULL;
	static const struct {
		const char *address, *name, *resolver;
		uint64_t until;
	} answers[] = {
		{ "198.18.0.20", "b.example.com", "198.18.0.53", 1000 },
		{ "198.18.0.21", "a.example.com", "198.18.0.53", 1000 },
		{ "198.18.0.21", "a.example.com", "198.18.0.53", 900 }, /* never for less */
		{ "2001:db8::21", "a.example.com", "198.18.0.54", 1000 },
		{ "198.18.0.22", "old.example.com", "198.18.0.53", 999 },
		{ "198.18.0.53", "ns.example.com", "198.18.0.53", 1000 },
		{ "198.18.0.66", "scan.example.com", "198.18.0.53", 1000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct learnt_name name = {
			.address = address(answers[i].address),
			.answered = true,
			.resolver = address(answers[i].resolver),
			.until = answers[i].until,
		};

		strcpy(name.name, answers[i].name);
		learnt_names_answered(&names, &name);
	}
	assert_int_equal(names.count, COUNT(answers) - 1);
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 443, "198.18.0.20", 1, 1)->last = 1000;
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 443, "198.18.0.21", 1, 1)->last = 1000;
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 443, "2001:db8::21", 1, 1)->last = 1000;
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 443, "198.18.0.22", 1, 1)->last = 1000;
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 80, "198.18.0.21", 1, 1)->last = 1000;
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 25, "198.18.0.66", 1, 0)->last = 1000;
	saw(&flows, PCTL_FROM, IPPROTO_UDP, 53, "198.18.0.53", 1, 1)->last = 1000;
	saw(&flows, PCTL_TO, IPPROTO_TCP, 22, "198.18.0.20", 1, 1)->last = 1000;
	with.names = &names;
	with.namer = NULL;
	assert_int_equal(learnt_policy(&flows, false, &with, &learnt, &text), 0);
	check_lines(strstr(text, "resolver"));
	learnt_names_clear(&names);
	flows_clear(&flows);
}

static void test_usual(void **state)
{
	struct flows flows = {};

	(void)state;
	saw(&flows, PCTL_FROM, IPPROTO_TCP, 443, "198.18.0.9", 3, 3);
	saw(&flows, PCTL_FROM, IPPROTO_UDP, 53, "198.18.0.53", 1, 1);
	saw(&flows, PCTL_FROM, IPPROTO_UDP, 514, "198.18.0.53", 2, 0);
	saw(&flows, PCTL_FROM, IPPROTO_ICMP, 8, "198.18.0.1", 1, 1);
	saw(&flows, PCTL_FROM, IPPROTO_GRE, 0, "198.18.0.2", 0, 0);
	saw(&flows, PCTL_TO, IPPROTO_TCP, 80, "198.18.0.3", 2, 2);
	saw(&flows, PCTL_TO, IPPROTO_TCP, 81, "198.18.0.3", 2, 1);
	saw(&flows, PCTL_TO, IPPROTO_TCP, 443, "198.18.0.3", 2, 2);
	saw(&flows, PCTL_TO, IPPROTO_TCP, 22, "198.18.0.66", 1, 0); /* nothing listens */
	saw(&flows, PCTL_TO, IPPROTO_UDP, 9, "198.18.0.66", 1, 0);
	saw(&flows, PCTL_TO, IPPROTO_ICMPV6, 134, "fe80::1", 0, 0);
	check_policy(
		&flows, false,
		"allow to established                                     # answers to what the "
		"container opens\n"
		"allow from established                                   # answers of its "
		"servers\n"
		"\n"
		"allow from udp dport { 53, 514 } peer 198.18.0.53        # 3 connections, 6 "
		"packets, not always answered\n"
		"# 198.18.0.9: api.example.com??\n"
		"allow from tcp dport 443 peer 198.18.0.9                 # 3 connections, 3 "
		"packets\n"
		"allow from icmp type echo-request peer 198.18.0.1        # seen once: 1 "
		"connection, 3 packets\n"
		"allow from gre peer 198.18.0.2                           # 3 packets\n"
		"allow to tcp dport { 80-81, 443 } peer 198.18.0.3        # 6 connections, 9 "
		"packets\n"
		"allow to icmpv6 type router-advertisement peer fe80::1   # 3 packets\n"
		"\n"
		"# Not answered, so not allowed:\n"
		"# allow to tcp dport 22 peer 198.18.0.66                 # seen once: 1 "
		"connection, 3 packets\n"
		"# allow to udp dport 9 peer 198.18.0.66                  # seen once: 1 "
		"connection, 3 packets\n");
}

static void test_one_way_server(void **state)
{
	struct flows flows = {};

	(void)state;
	/* A log server answers nobody; one packet is a scan; the answer of a DHCP server is not. */
	saw(&flows, PCTL_TO, IPPROTO_UDP, 514, "198.18.0.3", 1, 0)->longest = 3;
	saw(&flows, PCTL_TO, IPPROTO_UDP, 515, "198.18.0.3", 1, 0)->longest = 2;
	saw(&flows, PCTL_TO, IPPROTO_UDP, 68, "198.18.0.1", 1, 0)->longest = 1;
	check_policy(&flows, false,
		     "allow from established                                   # answers of its "
		     "servers\n"
		     "\n"
		     "allow to udp dport 68 peer 198.18.0.1                    # seen once: 1 "
		     "connection, 3 packets, not always answered\n"
		     "allow to udp dport 514 peer 198.18.0.3                   # seen once: 1 "
		     "connection, 3 packets, not always answered\n"
		     "\n"
		     "# Not answered, so not allowed:\n"
		     "# allow to udp dport 515 peer 198.18.0.3                 # seen once: 1 "
		     "connection, 3 packets\n");
}

static void test_late_answer(void **state)
{
	struct flows flows = {};
	struct flow *late;

	(void)state;
	saw(&flows, PCTL_FROM, IPPROTO_UDP, 53, "198.18.0.53", 1, 1);
	late = saw(&flows, PCTL_TO, IPPROTO_UDP, 40000, "198.18.0.53", 1, 1);
	late->opener_low = late->opener_high = 53;
	check_policy(&flows, false,
		     "allow to established                                     # answers to what "
		     "the container opens\n"
		     "\n"
		     "allow from udp dport 53 peer 198.18.0.53                 # seen once: 1 "
		     "connection, 3 packets\n");
}

static void fill_many(struct flows *flows)
{
	char peer[32];

	for (int i = 0; i < 20; i++) {
		snprintf(peer, sizeof(peer), "198.18.7.%d", 2 * i + 1);
		saw(flows, PCTL_TO, IPPROTO_TCP, 80, peer, 1, 1);
	}
	for (int i = 0; i < 8; i++)
		saw(flows, PCTL_FROM, IPPROTO_TCP, 33000 + 100 * i, "198.18.0.21", 1, 1);
	saw(flows, PCTL_FROM, IPPROTO_TCP, 21, "198.18.0.21", 1, 1);
}

static void test_many(void **state)
{
	struct flows flows = {};

	(void)state;
	fill_many(&flows);
	check_policy(
		&flows, false,
		"allow to established                                     # answers to what "
		"the container opens\n"
		"allow from established                                   # answers of its "
		"servers\n"
		"\n"
		"allow from tcp dport { 21, 32768-60999 } peer 198.18.0.21 # 9 connections, 27 "
		"packets\n"
		"allow to tcp dport 80 peer 198.18.7.0/24                 # 20 connections, 60 "
		"packets, of 20 addresses\n");
	fill_many(&flows);
	{
		_cleanup_(freep) char *text = policy_of(&flows, true);

		assert_non_null(strstr(text, "set peers1 {\n\t198.18.7.1,\n\t198.18.7.3,\n"));
		assert_non_null(strstr(text, "allow to tcp dport 80 peer @peers1 "));
		assert_non_null(strstr(text, "dport { 21, 33000, 33100, 33200, 33300"));
	}
	flows_clear(&flows);
}

static void test_flood(void **state)
{
	struct flows flows = {};
	char peer[32];

	(void)state;
	for (int i = 0; i < FLOWS_MAX + 5; i++) {
		const struct flow_key key = {
			.peer = { .high = (uint64_t)(0xc6120000u + i) << 32, .length = 32 },
			.number = 80,
			.protocol = IPPROTO_TCP,
			.direction = PCTL_TO,
		};
		struct flow *flow = flows_get(&flows, &key);

		if (flow)
			flow->counts.connections = flow->answered = 1;
	}
	assert_int_equal(flows.left_out, 5);
	snprintf(peer, sizeof(peer), "198.18.0.0");
	{
		_cleanup_(freep) char *text = policy_of(&flows, false);

		assert_non_null(strstr(text, "allow to tcp dport 80 peer 198.18.0.0/16 "));
	}
	flows_clear(&flows);
}

/* --- connections over a time --- */

static struct connection open_from(int port, uint32_t began, unsigned int packets)
{
	struct connection connection = {
		.key.protocol = IPPROTO_TCP,
		.key.family = PCTL_IPV4,
		.key.local = { htonl(0xc6120002) },
		.key.remote = { htonl(0xc6120001) },
		.key.local_port = htons(port),
		.key.remote_port = htons(80),
		.value.state = PCTL_CONNECTION_CONFIRMED,
		.value.began = began,
		.value.seen = began,
		.value.packets = { packets, packets },
	};

	return connection;
}

static void test_seen(void **state)
{
	struct connection items[2] = { open_from(40000, 7, 1), open_from(40001, 7, 1) };
	struct connections reading = { .items = items, .count = 2 }, none = {};
	struct flows flows = {};
	struct seen seen = {};

	(void)state;
	assert_int_equal(seen_take(&seen, &reading, &flows), 0);
	seen_frame(&seen, &items[0].key, PCTL_TO, 1000);
	items[0].value.packets[PCTL_FROM] = 9;
	items[1].value.began = 8; /* the same ports, another connection */
	assert_int_equal(seen_take(&seen, &reading, &flows), 0);
	assert_int_equal(seen.total, 3);
	assert_int_equal(seen.began, 1);
	/* It may be absent for a moment, while it changes tables. */
	assert_int_equal(seen_take(&seen, &none, &flows), 0);
	assert_int_equal(seen_take(&seen, &reading, &flows), 0);
	assert_int_equal(seen.total, 3);
	for (int i = 0; i < 10; i++)
		assert_int_equal(seen_take(&seen, &none, &flows), 0);
	assert_int_equal(seen.count, 0);
	assert_int_equal(flows.count, 1);
	assert_int_equal(flows.items[0].counts.connections, 3);
	assert_int_equal(flows.items[0].counts.packets[PCTL_FROM], 11);
	assert_int_equal(flows.items[0].counts.bytes[PCTL_TO], 1000);
	seen_finish(&seen, &flows);
	flows_clear(&flows);
}

/* --- the policy to learn with --- */

/* @expected: the last lines */
static void check_learning(const char *present, const char *expected)
{
	_cleanup_(policy_freep) struct policy *before = NULL, *policy = NULL;
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = {};
	_cleanup_(freep) char *text = NULL;

	if (present)
		assert_int_equal(policy_parse("present", present, strlen(present), NULL, &before,
					      &diagnostics),
				 0);
	assert_int_equal(learning_policy(before, &policy), 0);
	text = policy_print(policy);
	assert_non_null(text);
	assert_non_null(strstr(text, "connections 131072\n"));
	assert_true(strlen(text) > strlen(expected));
	assert_string_equal(text + strlen(text) - strlen(expected), expected);
}

static void test_learning_policy(void **state)
{
	(void)state;
	check_learning(NULL, "allow to any established\n");
	check_learning("deny to tcp dport 22\n",
		       "deny to tcp dport 22\nallow to any established\n");
	/* What implicit rules pass, and what a rate measures, stays as it is. */
	check_learning("default deny\nallow to tcp dport 80\n",
		       "allow to tcp dport 80\n"
		       "deny to tcp dport 0 established\n");
	check_learning("default to reject audit\n", "default to reject audit\n"
						    "reject to tcp dport 0 established audit\n");
	check_learning("default to allow rate 1mbit\n", "default to allow rate 1mbit\n"
							"allow to tcp dport 0 established\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_usual),
		cmocka_unit_test(test_one_way_server), cmocka_unit_test(test_late_answer),
		cmocka_unit_test(test_many),	       cmocka_unit_test(test_flood),
		cmocka_unit_test(test_seen),	       cmocka_unit_test(test_learning_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
