/* SPDX-License-Identifier: GPL-2.0-only */
/* Peers, source ports, and source routes that hide the peer, as tables of expectations. */
#include "support.h"

/* An expectation: the verdict of a policy on a frame. `rule` is the number of the rule that
 * decides; -1: the default. */
struct row {
	const char *policy;
	const char *frame;
	bool passes;
	int rule;
	int reason;
};

#define PASS(policy, frame, rule)                 \
	{                                         \
		policy, frame, true, rule, KNOWN, \
	}
#define DROP(policy, frame, rule)                  \
	{                                          \
		policy, frame, false, rule, KNOWN, \
	}

static void check(enum pctl_direction direction, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(enforce("%s\n", rows[i].policy), direction, rows[i].frame, rows[i].passes,
		       rows[i].rule < 0 ? PCTL_SLOT_DEFAULT : RULE(rows[i].rule), rows[i].reason);
}

/* In `from` the peer is the destination, in `to` the source. */
static const struct row from_rows[] = {
	DROP("deny from any peer 198.18.0.2", "ip4 tcp", 0),
	PASS("deny from any peer 198.18.0.1", "ip4 tcp", -1),
	DROP("deny from any peer 198.18.0.0/23", "ip4:dst=198.18.1.255 icmp:8", 0),
	PASS("deny from any peer 198.18.0.0/23", "ip4:dst=198.18.2.0 icmp:8", -1),
	PASS("deny from any peer 198.18.0.0/23", "ip6 tcp", -1),
	DROP("deny from any peer 0.0.0.0/0", "ip4:dst=255.255.255.255 udp", 0),
	PASS("deny from any peer 0.0.0.0/0", "ip6 udp", -1),
	DROP("deny from any peer ::/0", "ip6 udp", 0),
	DROP("deny from any peer 2001:db8::2", "ip6 udp", 0),
	PASS("deny from any peer 2001:db8::2", "ip6:dst=2001:db8::3 udp", -1),
	DROP("deny from any peer 2001:db8::/127", "vlan vlan ip6:dst=2001:db8::1 udp", 0),
	PASS("deny from any peer 2001:db8::/127", "vlan vlan ip6:dst=2001:db8::2 udp", -1),
	DROP("deny from any peer 2001:db8:0:0:8000::/65", "ip6:dst=2001:db8::8000:0:0:1 udp", 0),
	PASS("deny from any peer 2001:db8:0:0:8000::/65", "ip6:dst=2001:db8::7fff:0:0:1 udp", -1),
	/* `not` covers the whole list, and the other family */
	PASS("deny from any peer not { 198.18.0.2, 198.18.0.9 }", "ip4:dst=198.18.0.9 tcp", -1),
	DROP("deny from any peer not { 198.18.0.2, 198.18.0.9 }", "ip4:dst=198.18.0.8 tcp", 0),
	DROP("deny from any peer not 198.18.0.2", "ip6 tcp", 0),
	/* sets */
	DROP("set x { 198.18.0.0/30, 2001:db8::/126 }\ndeny from udp peer @x", "ip4 udp", 0),
	DROP("set x { 198.18.0.0/30, 2001:db8::/126 }\ndeny from udp peer @x", "ip6 udp", 0),
	PASS("set x { 198.18.0.0/30, 2001:db8::/126 }\ndeny from udp peer @x", "ip6:dst=4 udp", -1),
	/* first match, with rules on different fields */
	PASS("allow from tcp dport 80 peer 198.18.0.2\ndeny from any peer 198.18.0.0/24",
	     "ip4 tcp:80", 0),
	DROP("allow from tcp dport 80 peer 198.18.0.2\ndeny from any peer 198.18.0.0/24",
	     "ip4 tcp:81", 1),
	DROP("deny from any peer 198.18.0.0/24\nallow from tcp dport 80 peer 198.18.0.2",
	     "ip4 tcp:80", 0),
	DROP("allow from any peer 198.18.0.3\ndeny from tcp\nallow from any", "ip4 tcp", 1),
	PASS("allow from any peer 198.18.0.2\ndeny from tcp\nallow from any", "ip4 tcp", 0),
	PASS("allow from any peer 198.18.0.3\ndeny from tcp\nallow from any", "ip4 udp", 2),
	DROP("deny from icmp type 8 peer 198.18.0.2", "ip4 icmp:8", 0),
	PASS("deny from icmp type 8 peer 198.18.0.2", "ip4 icmp:0", -1),
	PASS("deny from any peer 198.18.0.2", "arp", -1),
};

static const struct row to_rows[] = {
	DROP("deny to any peer 198.18.0.1", "ip4 tcp", 0),
	PASS("deny to any peer 198.18.0.2", "ip4 tcp", -1),
	DROP("deny to any peer 2001:db8::1", "ip6 hop dest tcp", 0),
	PASS("deny to any peer 2001:db8::2", "ip6 hop dest tcp", -1),
	/* The source is certain, wherever it goes. */
	PASS("deny to any peer 198.18.0.2", "ip4:opt=830704c0000201 tcp", -1),
	DROP("deny to any peer 198.18.0.1", "ip4:opt=830704c0000201 tcp", 0),
	PASS("default to deny\nallow to any peer 2001:db8::1", "ip6 routing:0,left=1 tcp", 0),
};

static void test_addresses(void **state)
{
	(void)state;
	check(PCTL_FROM, from_rows, COUNT(from_rows));
	check(PCTL_TO, to_rows, COUNT(to_rows));
}

static const struct row port_rows[] = {
	DROP("deny from tcp sport 40000", "ip4 tcp", 0),
	PASS("deny from tcp sport 40001", "ip4 tcp", -1),
	PASS("deny from tcp sport 40000", "ip4 udp", -1),
	DROP("deny from tcp sport 0-1023", "ip6 tcp:80,sport=1023", 0),
	PASS("deny from tcp sport 0-1023", "ip6 tcp:80,sport=1024", -1),
	DROP("deny from udp sport not { 53, 123 }", "ip4 udp:9,sport=54", 0),
	PASS("deny from udp sport not { 53, 123 }", "ip4 udp:9,sport=123", -1),
	DROP("deny from udp dport not 53", "ip4 udp:54", 0),
	PASS("deny from udp dport not 53", "ip4 udp:53", -1),
	/* both ports and the peer */
	DROP("deny from tcp dport 80 sport 7 peer 198.18.0.2", "ip4 tcp:80,sport=7", 0),
	PASS("deny from tcp dport 80 sport 7 peer 198.18.0.2", "ip4 tcp:80,sport=8", -1),
	PASS("deny from tcp dport 80 sport 7 peer 198.18.0.2", "ip4 tcp:81,sport=7", -1),
	PASS("deny from tcp dport 80 sport 7 peer 198.18.0.2", "ip4:dst=3 tcp:80,sport=7", -1),
	PASS("deny from tcp dport 80 sport 7 peer 198.18.0.2", "ip6 tcp:80,sport=7", -1),
	/* They are known together, or not at all. */
	{ "deny from tcp sport 7", "ip4 tcp:80,sport=8,size=3", false, 0, PCTL_REASON_L4_SHORT },
	{ "deny from tcp sport 7 peer 198.18.0.2", "ip4 tcp:80,sport=8,size=3", false, 0,
	  PCTL_REASON_L4_SHORT },
	{ "deny from tcp sport 7 peer 198.18.0.3", "ip4 tcp:80,sport=8,size=3", true, -1,
	  PCTL_REASON_L4_SHORT },
	{ "default from deny\nallow from tcp sport 8", "ip4 tcp:80,sport=8,size=3", false, -1,
	  PCTL_REASON_L4_SHORT },
};

static void test_ports(void **state)
{
	(void)state;
	check(PCTL_FROM, port_rows, COUNT(port_rows));
}

#define DENY_9 "deny from any peer { 192.0.2.9, 2001:db8::9 }"
#define ALLOW_2 "default from deny\nallow from any peer { 198.18.0.2, 2001:db8::2 }"

#define HIDDEN(frame)                                        \
	{ DENY_9, frame, false, 0, PCTL_REASON_ROUTE },      \
	{                                                    \
		ALLOW_2, frame, false, -1, PCTL_REASON_ROUTE \
	}
#define SEEN(frame) PASS(DENY_9, frame, -1), PASS(ALLOW_2, frame, 0)

/* Source routes: every deny rule with a peer matches. */
static const struct row route_rows[] = {
	HIDDEN("ip4:opt=830704c0000201 tcp"),
	HIDDEN("ip4:opt=890704c0000201 tcp"),
	HIDDEN("ip4:opt=0101830704c0000201 tcp"),
	HIDDEN("ip4:opt=94040000830704c0000201 udp"), /* behind a router alert */
	HIDDEN("vlan ip4:opt=830704c0000201 ah tcp"),
	HIDDEN("ip4:opt=44280000 tcp"), /* longer than the header */
	HIDDEN("ip4:opt=44010000 tcp"), /* no option is so short */
	HIDDEN("ip4:opt=44000000 tcp"),
	HIDDEN("ip4:opt=01010144 tcp"), /* its length is not there */
	HIDDEN("ip6 routing:0,left=1 tcp"),
	HIDDEN("ip6 hop dest routing:2,type=2,left=2 udp"),
	HIDDEN("ip6 routing:0,left=0 routing:0,left=255 udp"),
	SEEN("ip4:opt=94040000 tcp"),
	SEEN("ip4:opt=01010101 tcp"),
	SEEN("ip4:opt=0083070483070400 tcp"), /* behind the end */
	SEEN("ip4:ihl=15 tcp"), /* 40 times no operation */
	SEEN("ip6 routing:0,left=0 tcp"),
	SEEN("ip6 hop dest:3 tcp"),
	/* An IPv6 chain that is not walked to its end may hide a route, but the reason is its
	 * length. */
	{ DENY_9, "ip6 dest dest dest dest dest dest dest dest dest tcp", false, 0,
	  PCTL_REASON_EXT_DEPTH },
	{ ALLOW_2, "ip6 dest dest dest dest dest dest dest dest dest tcp", false, -1,
	  PCTL_REASON_EXT_DEPTH },
	/* No rule matches on the peer, so nothing is unknown. */
	PASS("deny from udp", "ip4:opt=830704c0000201 tcp", -1),
	PASS("deny from udp\ndeny to any peer 192.0.2.9", "ip6 routing:0,left=1 tcp", -1),
	/* A rule without a peer decides before one with a peer. */
	{ "allow from tcp\n" DENY_9, "ip4:opt=830704c0000201 tcp", true, 0, PCTL_REASON_ROUTE },
};

static void test_routes(void **state)
{
	(void)state;
	check(PCTL_FROM, route_rows, COUNT(route_rows));
}

/* Other unknown fields, with the peer known or unknown. */
static const struct row unknown_rows[] = {
	{ DENY_9, "ip4:off=3,next=17 data:9", true, -1, PCTL_REASON_FRAGMENT },
	{ DENY_9, "ip4:off=3,next=17,dst=192.0.2.9 data:9", false, 0, PCTL_REASON_FRAGMENT },
	{ ALLOW_2, "ip6 frag:off=3,next=17 data:9", true, 0, PCTL_REASON_FRAGMENT },
	{ ALLOW_2, "ip6:dst=3 frag:off=3,next=17 data:9", false, -1, PCTL_REASON_FRAGMENT },
	{ DENY_9, "ip4:version=5 tcp", false, 0, PCTL_REASON_IP_HEADER },
	{ DENY_9, "ethertype:0x8847 data:60", false, 0, PCTL_REASON_ETHERTYPE },
	{ ALLOW_2, "ethertype:0x8847 data:60", false, -1, PCTL_REASON_ETHERTYPE },
	/* Judged as AH and as what it protects, with the same peer. */
	DROP("deny from ah peer 198.18.0.2", "ip4 ah tcp", 0),
	PASS("deny from ah peer 198.18.0.3", "ip4 ah tcp", -1),
	DROP("deny from tcp dport 80 peer 2001:db8::2", "ip6 ah tcp:80", 0),
	DROP("allow from tcp\ndeny from ah peer 2001:db8::2", "ip6 ah tcp:80", 1),
};

static void test_unknown(void **state)
{
	(void)state;
	check(PCTL_FROM, unknown_rows, COUNT(unknown_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_unknown),
	};

	return run_group("peers", tests, COUNT(tests));
}
