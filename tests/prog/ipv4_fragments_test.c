/* SPDX-License-Identifier: GPL-2.0-only */
/* How rules match fragments of an IPv4 packet, each one alone. */
#include "support.h"

static const struct packet_class first[] = {
	{ "ip4:more tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4:more,dont tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4:more,ihl=15 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	/* Eight bytes of TCP: the ports are there, the flags are not. */
	{ "ip4:more tcp:80,size=8", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4:more icmp:8", "icmp type 8", "icmp type 0", KNOWN, NULL },
	{ "ip4:more proto:47", "gre", "tcp", KNOWN, NULL },
	/* Neither flag: DF alone is no fragment. */
	{ "ip4:dont udp:53", "udp dport 53", "udp dport 54", KNOWN, NULL },
};

static const struct packet_class too_tiny[] = {
	{ "ip4:more tcp:80,size=0", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip4:more tcp:80,size=2", "tcp dport 80", "udp dport 80", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip4:more udp:53,size=3", "udp dport 53", "tcp", PCTL_REASON_L4_SHORT, "udp" },
	{ "ip4:more icmp:8,size=1", "icmp type 8", "tcp", PCTL_REASON_L4_SHORT, "icmp" },
};

/* The protocol is in each piece, the ports are in the first alone. */
static const struct packet_class later[] = {
	{ "ip4:off=1,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	{ "ip4:off=1,more,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	{ "ip4:off=1,more,dont,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT,
	  "tcp" },
	{ "ip4:off=185,next=17 data:40", "udp dport 53", "tcp", PCTL_REASON_FRAGMENT, "udp" },
	/* The highest bit and the lowest of the offset, and all of them. */
	{ "ip4:off=4096,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	{ "ip4:off=8191,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	{ "ip4:off=256,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	{ "ip4:off=3,next=136 data:40", "udplite dport 9", "udp", PCTL_REASON_FRAGMENT, "udplite" },
	{ "ip4:off=3,next=132 data:40", "sctp dport 9", "udp", PCTL_REASON_FRAGMENT, "sctp" },
	{ "ip4:off=3,next=33 data:40", "dccp dport 9", "udp", PCTL_REASON_FRAGMENT, "dccp" },
	{ "ip4:off=3,next=1 data:40", "icmp type 8", "tcp", PCTL_REASON_FRAGMENT, "icmp" },
	{ "ip4:off=3,next=1 data:40", "icmp type 3 code 4", "tcp", PCTL_REASON_FRAGMENT, "icmp" },
	{ "ip4:off=3,ihl=15,next=6 data:8", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	{ "ip4:off=3,next=6", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
	/* The bytes in place of the ports are payload. */
	{ "ip4:off=3 tcp:443", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT, "tcp" },
};

static void test_first(void **state)
{
	(void)state;
	check_classes(first, COUNT(first));
}

static void test_too_tiny(void **state)
{
	(void)state;
	check_classes(too_tiny, COUNT(too_tiny));
}

static void test_later(void **state)
{
	(void)state;
	check_classes(later, COUNT(later));
}

/* In a protocol without ports, nothing is unknown in a later fragment. */
static void test_later_without_ports(void **state)
{
	const char *frame = "ip4:off=3,next=47 data:40";

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		expect(enforce("deny gre\n"), d, frame, false, RULE(0), PCTL_REASON_FRAGMENT);
		expect(enforce("deny tcp\n"), d, frame, true, PCTL_SLOT_DEFAULT,
		       PCTL_REASON_FRAGMENT);
		expect(enforce("default deny\nallow gre\n"), d, frame, true, RULE(0),
		       PCTL_REASON_FRAGMENT);
	}
}

/* The first fragment has what an authentication header protects, like the ports. */
static const struct packet_class authenticated[] = {
	{ "ip4:off=3,next=51 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip4:off=3,next=51 data:40", "ah", NULL, PCTL_REASON_FRAGMENT, "any" },
};

static void test_authenticated(void **state)
{
	(void)state;
	check_classes(authenticated, COUNT(authenticated));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),	      cmocka_unit_test(test_too_tiny),
		cmocka_unit_test(test_later),	      cmocka_unit_test(test_later_without_ports),
		cmocka_unit_test(test_authenticated),
	};

	return run_group("ipv4 fragments", tests, COUNT(tests));
}
