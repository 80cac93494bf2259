// SPDX-License-Identifier: GPL-2.0-only
/* Connections in words, their filter, and as what sockets and tracked connections are adopted. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "support.h"

#include "adoption.h"
#include "connection_filter.h"
#include "connection_words.h"
#include "error.h"
#include "prefixes.h"
#include "prefix.h"
#include "util.h"

static struct connection between(int protocol, const char *local, int lport, const char *remote,
				 int rport, unsigned int flags)
{
	struct connection connection = {
		.key.protocol = protocol,
		.key.family = strchr(local, ':') ? PCTL_IPV6 : PCTL_IPV4,
		.key.local_port = htons(lport),
		.key.remote_port = htons(rport),
		.value.state = PCTL_CONNECTION_CONFIRMED,
		.value.flags = flags,
		.table = CONNECTIONS_CONFIRMED,
	};
	int family = connection.key.family == PCTL_IPV6 ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, local, connection.key.local), 1);
	assert_int_equal(inet_pton(family, remote, connection.key.remote), 1);
	return connection;
}

/* --- filters --- */

#define OPENED_BY_PEER PCTL_CONNECTION_BY_REMOTE

static const struct {
	const char *filter;
	bool fits;
} rows[] = {
	{ "", true },
	{ "from", true },
	{ "to", false },
	{ "tcp", true },
	{ "udp", false },
	{ "port 443", true },
	{ "port 40000", true },
	{ "port 80", false },
	{ "dport 443", true },
	{ "dport 40000", false },
	{ "sport 40000", true },
	{ "tcp dport 443 peer 198.18.0.1", true },
	{ "peer 198.18.0.2", false }, /* this is the container */
	{ "host 198.18.0.2", true },
	{ "host 198.18.0.0/16", true },
	{ "host 2001:db8::/32", false },
	{ "state established", true },
	{ "state closing", false },
	{ "tcp state established dport 443", true },
	{ "tcp state opened dport 443", false },
	{ "rule 7", true },
	{ "rule 8", false },
	{ "default", false },
	{ "implicit", false },
};

static bool fits(const char *text, const struct connection *connection, const struct policy *policy,
		 uint64_t generation)
{
	_cleanup_(connection_filter_clear) struct connection_filter filter = {};
	struct diagnostics diagnostics = { 0 };
	char *operands[] = { (char *)text };

	assert_int_equal(connection_filter_parse(operands, *text ? 1 : 0, &filter, &diagnostics),
			 0);
	return connection_filter_fits(&filter, connection, policy, generation);
}

static void filters_fit(void **state)
{
	struct rule rule = { .id = 7 };
	struct policy policy = { .rules = &rule, .count = 1 };
	struct connection connection =
		between(IPPROTO_TCP, "198.18.0.2", 40000, "198.18.0.1", 443, 0);

	(void)state;
	connection.value.outcome = PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_RULES);
	connection.value.generation = 0x1234;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fits(rows[i].filter, &connection, &policy, 0x771234) != rows[i].fits)
			fail_msg("the filter '%s' %s", rows[i].filter,
				 rows[i].fits ? "does not fit" : "fits");
	/* Of a policy that is gone it is not known which rule it was. */
	assert_true(fits("rule 8", &connection, &policy, 0x774321));
}

static void the_peer_opened_it(void **state)
{
	struct policy policy = {};
	struct connection connection =
		between(IPPROTO_TCP, "2001:db8::2", 80, "2001:db8::1", 50000, OPENED_BY_PEER);

	(void)state;
	assert_true(fits("to tcp dport 80 peer 2001:db8::1", &connection, &policy, 0));
	assert_false(fits("from", &connection, &policy, 0));
	assert_true(fits("default", &connection, &policy, 0));
}

static void an_echo_is_a_request(void **state)
{
	struct policy policy = {};
	struct connection connection =
		between(IPPROTO_ICMP, "198.18.0.2", 0, "198.18.0.1", 77, OPENED_BY_PEER);

	(void)state;
	assert_true(fits("to icmp type echo-request", &connection, &policy, 0));
	assert_int_equal(connection_echo_id(&connection), 77);
}

static void bad_filters_are_refused(void **state)
{
	static const char *const bad[] = {
		"state",	   "state half", "state closing state opened", "verdict drop",
		"reason fragment", "log",	 "tcp dport http/s",	       "dev veth0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		_cleanup_(connection_filter_clear) struct connection_filter filter = {};
		struct diagnostics diagnostics = { 0 };
		char *operands[] = { (char *)bad[i] };

		error_clear();
		assert_int_equal(connection_filter_parse(operands, 1, &filter, &diagnostics),
				 -EINVAL);
		assert_true(diagnostics.count || *error_message(0));
		diagnostics_clear(&diagnostics);
	}
}

/* --- words --- */

static void states_have_names(void **state)
{
	struct connection c = between(IPPROTO_TCP, "198.18.0.2", 1, "198.18.0.1", 2, 0);

	(void)state;
	assert_string_equal(connection_state_name(&c), "established");
	c.value.flags = PCTL_CONNECTION_FIN << PCTL_FROM;
	assert_string_equal(connection_state_name(&c), "established");
	c.value.flags |= PCTL_CONNECTION_FIN << PCTL_TO;
	assert_string_equal(connection_state_name(&c), "closing");
	c.value.flags = PCTL_CONNECTION_RST << PCTL_TO;
	assert_string_equal(connection_state_name(&c), "closing");
	c.value.flags = 0;
	c.value.state = PCTL_CONNECTION_OPENED;
	assert_string_equal(connection_state_name(&c), "opened");
	c.value.state = PCTL_CONNECTION_ANSWERED;
	assert_string_equal(connection_state_name(&c), "answered");
}

static void ends_have_text(void **state)
{
	struct connection c = between(IPPROTO_TCP, "2001:db8::2", 40000, "2001:db8::1", 443, 0);
	char text[CONNECTION_END_TEXT];

	(void)state;
	connection_local_text(&c, text);
	assert_string_equal(text, "[2001:db8::2]:40000");
	connection_remote_text(&c, text);
	assert_string_equal(text, "[2001:db8::1]:443");
	c = between(IPPROTO_ICMP, "198.18.0.2", 5, "198.18.0.1", 0, 0);
	connection_local_text(&c, text);
	assert_string_equal(text, "198.18.0.2");
}

static void times_have_text(void **state)
{
	struct connection c = between(IPPROTO_TCP, "198.18.0.2", 1, "198.18.0.1", 2, 0);
	char text[CONNECTION_TIME_TEXT];

	(void)state;
	c.value.began = 1000;
	assert_int_equal(connection_age(&c, 1000 + PCTL_TICKS(90)), 89); /* ticks are cut */
	assert_int_equal(connection_age(&c, 999), 0);
	c.value.began = UINT32_MAX; /* the clock of the tables has wrapped */
	assert_int_equal(connection_age(&c, PCTL_TICKS(10)), 10);
	connection_time_text(59, text);
	assert_string_equal(text, "59s");
	connection_time_text(185, text);
	assert_string_equal(text, "3m05s");
	connection_time_text(7800, text);
	assert_string_equal(text, "2h10m");
	connection_time_text(3 * 86400 + 4 * 3600, text);
	assert_string_equal(text, "3d04h");
}

/* --- adoption --- */

static struct endpoint_address end_of(const char *address, int port)
{
	struct endpoint_address end = { .port = port };

	assert_int_equal(inet_pton(AF_INET, address, end.bytes), 1);
	return end;
}

/* 198.18.0.2 is the container's own. */
static struct prefixes own_addresses(void)
{
	static struct prefix address = { .high = 0xc612000200000000,
					 .family = PCTL_IPV4,
					 .length = 32 };

	return (struct prefixes){ .items = &address, .count = 1 };
}

static void its_own_sockets_are_adopted(void **state)
{
	struct socket_seen sockets[] = {
		{ .protocol = IPPROTO_TCP, .listens = true, .local = end_of("0.0.0.0", 80) },
		{ .protocol = IPPROTO_TCP,
		  .local = end_of("198.18.0.2", 40000),
		  .remote = end_of("198.18.0.1", 443) },
		{ .protocol = IPPROTO_TCP,
		  .local = end_of("198.18.0.2", 80),
		  .remote = end_of("198.18.0.1", 50000) },
		/* the addresses of others: IP_FREEBIND, IP_TRANSPARENT */
		{ .protocol = IPPROTO_TCP,
		  .local = end_of("198.18.0.3", 40000),
		  .remote = end_of("198.18.0.1", 443) },
		/* with itself */
		{ .protocol = IPPROTO_TCP,
		  .local = end_of("198.18.0.2", 40000),
		  .remote = end_of("198.18.0.2", 80) },
		{ .protocol = IPPROTO_TCP,
		  .local = end_of("198.18.0.2", 40000),
		  .remote = end_of("127.0.0.1", 80) },
	};
	const struct sockets_seen seen = { .sockets = sockets, .socket_count = 6 };
	struct prefixes own = own_addresses();
	struct connection c;

	(void)state;
	assert_false(adoption_of_socket(&seen, &sockets[0], &own, &c));
	assert_true(adoption_of_socket(&seen, &sockets[1], &own, &c));
	assert_int_equal(connection_direction(&c), PCTL_FROM);
	assert_int_equal(c.key.local[0], htonl(0xc6120002));
	assert_int_equal(c.key.remote_port, htons(443));
	assert_int_equal(c.value.state, PCTL_CONNECTION_CONFIRMED);
	assert_true(c.value.flags & PCTL_CONNECTION_ADOPTED);
	assert_true(adoption_of_socket(&seen, &sockets[2], &own, &c));
	assert_int_equal(connection_direction(&c), PCTL_TO);
	assert_false(adoption_of_socket(&seen, &sockets[3], &own, &c));
	assert_false(adoption_of_socket(&seen, &sockets[4], &own, &c));
	assert_false(adoption_of_socket(&seen, &sockets[5], &own, &c));
}

static void what_it_forwards_is_adopted_as_the_veth_sees_it(void **state)
{
	/* 198.19.0.5 behind it opened 198.18.0.1:443, masqueraded; */
	const struct tracked_seen out = {
		.protocol = IPPROTO_TCP,
		.original = { end_of("198.19.0.5", 40000), end_of("198.18.0.1", 443) },
		.reply = { end_of("198.18.0.1", 443), end_of("198.18.0.2", 61000) }
	};
	/* 198.18.0.1 opened its port 8080, published by 198.19.0.5:80; */
	const struct tracked_seen in = {
		.protocol = IPPROTO_TCP,
		.original = { end_of("198.18.0.1", 50000), end_of("198.18.0.2", 8080) },
		.reply = { end_of("198.19.0.5", 80), end_of("198.18.0.1", 50000) }
	};
	/* and one that is routed: neither end is its own. */
	struct tracked_seen other = {
		.protocol = IPPROTO_TCP,
		.original = { end_of("198.19.0.5", 40000), end_of("198.18.0.1", 443) },
		.reply = { end_of("198.18.0.1", 443), end_of("198.19.0.5", 40000) }
	};
	struct prefixes own = own_addresses();
	struct connection c;

	(void)state;
	assert_true(adoption_of_tracked(&out, &own, 5, &c));
	assert_int_equal(connection_direction(&c), PCTL_FROM);
	assert_int_equal(c.key.local_port, htons(61000));
	assert_int_equal(c.key.remote_port, htons(443));
	assert_true(adoption_of_tracked(&in, &own, 5, &c));
	assert_int_equal(connection_direction(&c), PCTL_TO);
	assert_int_equal(c.key.local_port, htons(8080));
	assert_int_equal(c.key.remote_port, htons(50000));
	assert_false(adoption_of_tracked(&other, &own, 5, &c)); /* whither is not known */
	other.there = 5;
	other.back = 6;
	assert_true(adoption_of_tracked(&other, &own, 5, &c));
	assert_int_equal(connection_direction(&c), PCTL_FROM);
	assert_int_equal(c.key.local[0], htonl(0xc6130005));
	other.there = 6;
	other.back = 5;
	assert_true(adoption_of_tracked(&other, &own, 5, &c));
	assert_int_equal(connection_direction(&c), PCTL_TO);
	assert_int_equal(c.key.local_port, htons(443));
	other.there = 7; /* between two other interfaces of it, */
	other.back = 6;
	assert_false(adoption_of_tracked(&other, &own, 5, &c));
	other.there = other.back = 5; /* or back and forth through this one */
	assert_false(adoption_of_tracked(&other, &own, 5, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_fit),
		cmocka_unit_test(the_peer_opened_it),
		cmocka_unit_test(an_echo_is_a_request),
		cmocka_unit_test(bad_filters_are_refused),
		cmocka_unit_test(states_have_names),
		cmocka_unit_test(ends_have_text),
		cmocka_unit_test(times_have_text),
		cmocka_unit_test(its_own_sockets_are_adopted),
		cmocka_unit_test(what_it_forwards_is_adopted_as_the_veth_sees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
