// SPDX-License-Identifier: GPL-2.0-only
/* What sock_diag and ctnetlink say: messages as the kernel writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "abi.h"
#include "sockets.h"
#include "util.h"

static char buffer[1024];

/* A socket's line of `ss`. */
static struct nlmsghdr *diag(int family, int state, const char *local, int lport,
			     const char *remote, int rport)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(memset(buffer, 0, sizeof(buffer)));
	struct inet_diag_msg *diag = mnl_nlmsg_put_extra_header(message, sizeof(*diag));

	message->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	diag->idiag_family = family;
	diag->idiag_state = state;
	diag->id.idiag_sport = htons(lport);
	diag->id.idiag_dport = htons(rport);
	assert_int_equal(inet_pton(family, local, diag->id.idiag_src), 1);
	assert_int_equal(inet_pton(family, remote, diag->id.idiag_dst), 1);
	return message;
}

static void take(struct sockets_seen *seen, const struct nlmsghdr *message)
{
	assert_int_equal(sockets_take(message, IPPROTO_TCP, seen, 1000), 0);
}

static void a_connection_is_taken(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	static const uint8_t local[16] = { 198, 18, 0, 2 }, remote[16] = { 198, 18, 0, 1 };

	(void)state;
	take(&seen, diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 40000, "198.18.0.1", 443));
	assert_int_equal(seen.socket_count, 1);
	assert_int_equal(seen.sockets[0].family, PCTL_IPV4);
	assert_false(seen.sockets[0].listens);
	assert_memory_equal(seen.sockets[0].local.bytes, local, 16);
	assert_memory_equal(seen.sockets[0].remote.bytes, remote, 16);
	assert_int_equal(seen.sockets[0].local.port, 40000);
	assert_int_equal(seen.sockets[0].remote.port, 443);
}

static void what_has_ended_or_not_begun_is_not(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	static const int others[] = { TCP_SYN_SENT, TCP_TIME_WAIT, TCP_CLOSE, 32, 255 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		take(&seen, diag(AF_INET, others[i], "198.18.0.2", 40000, "198.18.0.1", 443));
	assert_int_equal(seen.socket_count, 0);
}

static void a_mapped_address_is_ipv4(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	static const uint8_t local[16] = { 198, 18, 0, 2 };

	(void)state;
	take(&seen,
	     diag(AF_INET6, TCP_ESTABLISHED, "::ffff:198.18.0.2", 80, "::ffff:198.18.0.1", 50000));
	assert_int_equal(seen.sockets[0].family, PCTL_IPV4);
	assert_memory_equal(seen.sockets[0].local.bytes, local, 16);
}

/* Direction by who listens. */
static void who_listens_was_opened(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};

	(void)state;
	take(&seen, diag(AF_INET6, TCP_LISTEN, "::", 80, "::", 0));
	take(&seen, diag(AF_INET, TCP_LISTEN, "198.18.0.9", 81, "0.0.0.0", 0));
	take(&seen, diag(AF_INET6, TCP_LISTEN, "2001:db8::2", 82, "::", 0));
	take(&seen, diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 80, "198.18.0.1", 5));
	take(&seen, diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 81, "198.18.0.1", 5));
	take(&seen, diag(AF_INET6, TCP_ESTABLISHED, "2001:db8::2", 82, "2001:db8::1", 5));
	take(&seen, diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 82, "198.18.0.1", 5));
	assert_int_equal(seen.socket_count, 7);
	assert_true(socket_was_accepted(&seen, &seen.sockets[3]));
	assert_false(socket_was_accepted(&seen, &seen.sockets[4])); /* another address */
	assert_true(socket_was_accepted(&seen, &seen.sockets[5]));
	assert_false(socket_was_accepted(&seen, &seen.sockets[6])); /* another family */
}

static void a_v6only_listener_takes_no_ipv4(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	struct nlmsghdr *message = diag(AF_INET6, TCP_LISTEN, "::", 80, "::", 0);

	(void)state;
	mnl_attr_put_u8(message, INET_DIAG_SKV6ONLY, 1);
	take(&seen, message);
	take(&seen, diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 80, "198.18.0.1", 5));
	assert_false(socket_was_accepted(&seen, &seen.sockets[1]));
}

static void more_than_the_limit_is_counted(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(sockets_take(diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 1000 + i,
						   "198.18.0.1", 443),
					      IPPROTO_TCP, &seen, 3),
				 0);
	assert_int_equal(seen.socket_count, 3);
	assert_int_equal(seen.left_out, 2);
}

static void a_message_cut_short_is_nothing(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	struct nlmsghdr *message = diag(AF_INET, TCP_ESTABLISHED, "198.18.0.2", 1, "198.18.0.1", 2);

	(void)state;
	message->nlmsg_len -= 8;
	take(&seen, message);
	assert_int_equal(seen.socket_count, 0);
}

/* --- connection tracking --- */

struct tuple {
	const char *source, *destination;
	int sport, dport;
};

static void put_tuple(struct nlmsghdr *message, int type, const struct tuple *tuple)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type), *inner;
	struct in_addr address;

	inner = mnl_attr_nest_start(message, CTA_TUPLE_IP);
	inet_pton(AF_INET, tuple->source, &address);
	mnl_attr_put_u32(message, CTA_IP_V4_SRC, address.s_addr);
	inet_pton(AF_INET, tuple->destination, &address);
	mnl_attr_put_u32(message, CTA_IP_V4_DST, address.s_addr);
	mnl_attr_nest_end(message, inner);
	inner = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(message, CTA_PROTO_NUM, IPPROTO_TCP);
	mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(tuple->sport));
	mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(tuple->dport));
	mnl_attr_nest_end(message, inner);
	mnl_attr_nest_end(message, nest);
}

static struct nlmsghdr *tracked(const struct tuple *original, const struct tuple *reply,
				uint32_t status, int tcp)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(memset(buffer, 0, sizeof(buffer)));
	struct nfgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	struct nlattr *nest, *inner;

	message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	header->nfgen_family = AF_INET;
	put_tuple(message, CTA_TUPLE_ORIG, original);
	put_tuple(message, CTA_TUPLE_REPLY, reply);
	mnl_attr_put_u32(message, CTA_STATUS, htonl(status));
	nest = mnl_attr_nest_start(message, CTA_PROTOINFO);
	inner = mnl_attr_nest_start(message, CTA_PROTOINFO_TCP);
	mnl_attr_put_u8(message, CTA_PROTOINFO_TCP_STATE, tcp);
	mnl_attr_nest_end(message, inner);
	mnl_attr_nest_end(message, nest);
	return message;
}

static void both_tuples_of_nat_are_taken(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	const struct tuple inner = { "198.19.0.5", "198.18.0.1", 40000, 443 },
			   outer = { "198.18.0.1", "198.18.0.2", 443, 61000 };
	static const uint8_t masqueraded[16] = { 198, 18, 0, 2 };

	(void)state;
	assert_int_equal(
		tracked_take(tracked(&inner, &outer, IPS_SEEN_REPLY, TCP_CONNTRACK_ESTABLISHED),
			     &seen, 10),
		0);
	assert_int_equal(seen.tracked_count, 1);
	assert_int_equal(seen.tracked[0].protocol, IPPROTO_TCP);
	assert_int_equal(seen.tracked[0].original.source.port, 40000);
	assert_memory_equal(seen.tracked[0].reply.destination.bytes, masqueraded, 16);
	assert_int_equal(seen.tracked[0].reply.destination.port, 61000);
}

static void what_was_not_answered_is_not(void **state)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	const struct tuple there = { "198.18.0.2", "198.18.0.1", 40000, 443 },
			   back = { "198.18.0.1", "198.18.0.2", 443, 40000 };

	(void)state;
	tracked_take(tracked(&there, &back, 0, TCP_CONNTRACK_ESTABLISHED), &seen, 10);
	tracked_take(tracked(&there, &back, IPS_SEEN_REPLY, TCP_CONNTRACK_SYN_SENT), &seen, 10);
	tracked_take(tracked(&there, &back, IPS_SEEN_REPLY, TCP_CONNTRACK_TIME_WAIT), &seen, 10);
	assert_int_equal(seen.tracked_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_taken),
		cmocka_unit_test(what_has_ended_or_not_begun_is_not),
		cmocka_unit_test(a_mapped_address_is_ipv4),
		cmocka_unit_test(who_listens_was_opened),
		cmocka_unit_test(a_v6only_listener_takes_no_ipv4),
		cmocka_unit_test(more_than_the_limit_is_counted),
		cmocka_unit_test(a_message_cut_short_is_nothing),
		cmocka_unit_test(both_tuples_of_nat_are_taken),
		cmocka_unit_test(what_was_not_answered_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
