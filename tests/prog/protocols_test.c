/* SPDX-License-Identifier: GPL-2.0-only */
/* How rules match a whole, plain packet: its protocol, its destination port, its ICMP type and
 * code. */
#include "support.h"

static const struct packet_class with_ports[] = {
	{ "ip4 tcp:80", "tcp", "udp", KNOWN, NULL },
	{ "ip4 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4 tcp:80", "tcp dport 0-80", "tcp dport 81-65535", KNOWN, NULL },
	{ "ip4 tcp:80", "any", "udp dport 80", KNOWN, NULL },
	{ "ip4 tcp:0", "tcp dport 0", "tcp dport 1-65535", KNOWN, NULL },
	{ "ip4 tcp:65535", "tcp dport 65535", "tcp dport 0-65534", KNOWN, NULL },
	{ "ip4 tcp:256", "tcp dport 256", "tcp dport { 1, 255, 257 }", KNOWN, NULL },
	/* The source port is 40000: it must not be taken for the destination's. */
	{ "ip4 tcp:80", "tcp dport 80", "tcp dport 40000", KNOWN, NULL },
	{ "ip4 udp:53", "udp", "tcp", KNOWN, NULL },
	{ "ip4 udp:53", "udp dport 53", "tcp dport 53", KNOWN, NULL },
	{ "ip4 udplite:53", "udplite dport 53", "udp dport 53", KNOWN, NULL },
	{ "ip4 udplite:53", "udplite", "udp", KNOWN, NULL },
	{ "ip4 sctp:9899", "sctp dport 9899", "sctp dport 9898", KNOWN, NULL },
	{ "ip4 sctp:9899", "proto 132", "proto 131", KNOWN, NULL },
	{ "ip4 dccp:5001", "dccp dport 5001", "dccp dport 5002", KNOWN, NULL },
	{ "ip6 tcp:443", "tcp", "udp", KNOWN, NULL },
	{ "ip6 tcp:443", "tcp dport 443", "tcp dport 442", KNOWN, NULL },
	{ "ip6 udp:53", "udp dport 53", "udp dport 54", KNOWN, NULL },
	{ "ip6 udplite:53", "udplite dport 53", "udp dport 53", KNOWN, NULL },
	{ "ip6 sctp:9899", "sctp dport 9899", "sctp dport 1", KNOWN, NULL },
	{ "ip6 dccp:5001", "dccp dport 5001", "dccp dport 1", KNOWN, NULL },
};

static const struct packet_class with_types[] = {
	{ "ip4 icmp:8", "icmp", "icmpv6", KNOWN, NULL },
	{ "ip4 icmp:8", "icmp type 8", "icmp type 0", KNOWN, NULL },
	{ "ip4 icmp:8", "icmp type echo-request", "icmp type echo-reply", KNOWN, NULL },
	{ "ip4 icmp:3,code=1", "icmp type 3", "icmp type 1", KNOWN, NULL },
	{ "ip4 icmp:3,code=1", "icmp type 3 code 1", "icmp type 3 code 0", KNOWN, NULL },
	{ "ip4 icmp:255,code=255", "icmp type 255 code 255", "icmp type 255 code 0-254", KNOWN,
	  NULL },
	{ "ip6 icmpv6:128", "icmpv6", "icmp", KNOWN, NULL },
	{ "ip6 icmpv6:128", "icmpv6 type 128", "icmpv6 type 129", KNOWN, NULL },
	{ "ip6 icmpv6:1,code=4", "icmpv6 type 1 code 4", "icmpv6 type 1 code 3", KNOWN, NULL },
	/* A code is not a type, a type is not a port. */
	{ "ip4 icmp:0,code=8", "icmp type 0", "icmp type 8", KNOWN, NULL },
	{ "ip4 icmp:0,code=80", "icmp", "tcp dport 80", KNOWN, NULL },
	/* Four bytes of ICMP are enough: type and code are the first two. */
	{ "ip4 icmp:8 chop:6", "icmp type 8", "icmp type 0", KNOWN, NULL },
};

static const struct packet_class by_number[] = {
	{ "ip4 proto:47", "gre", "tcp", KNOWN, NULL },
	{ "ip4 proto:47", "proto 47", "proto 48", KNOWN, NULL },
	{ "ip4 proto:50", "esp", "ah", KNOWN, NULL },
	{ "ip4 proto:4", "ipip", "ipv6", KNOWN, NULL },
	{ "ip4 proto:41", "ipv6", "ipip", KNOWN, NULL },
	{ "ip4 proto:8", "egp", "igmp", KNOWN, NULL },
	{ "ip4 proto:255", "proto 255", "proto 254", KNOWN, NULL },
	{ "ip4 proto:253,size=0", "proto 253", "tcp", KNOWN, NULL },
	{ "ip6 proto:47", "proto 47", "proto 46", KNOWN, NULL },
	{ "ip6 proto:50", "esp", "tcp", KNOWN, NULL },
	{ "ip6 proto:255", "proto 255", "tcp", KNOWN, NULL },
	{ "ip6 none", "proto 59", "tcp", KNOWN, NULL },
	{ "ip6 proto:59,size=20", "ipv6-nonxt", "udp", KNOWN, NULL },
	/* Extension headers of IPv6 are nothing special in IPv4. */
	{ "ip4 proto:0", "any", "tcp", KNOWN, NULL },
	{ "ip4 proto:43", "any", "tcp", KNOWN, NULL },
	{ "ip4 proto:44", "any", "tcp", KNOWN, NULL },
	{ "ip4 proto:60", "any", "tcp", KNOWN, NULL },
};

static void test_ports(void **state)
{
	(void)state;
	check_classes(with_ports, COUNT(with_ports));
}

static void test_types(void **state)
{
	(void)state;
	check_classes(with_types, COUNT(with_types));
}

static void test_numbers(void **state)
{
	(void)state;
	check_classes(by_number, COUNT(by_number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_numbers),
	};

	return run_group("protocols", tests, COUNT(tests));
}
