/* SPDX-License-Identifier: GPL-2.0-only */
/* IPv6 extension headers: alone, mixed, and many of them; AH in IPv4 too. */
#include <stdio.h>

#include "support.h"

#define LONGEST 256

static const char *const kinds[] = { "hop",   "dest",	"routing",  "frag",
				     "hop:1", "dest:3", "routing:2" };

/* "ip6", @count words taken from kinds[] by @step from @first on, @end. */
static void pile(char text[LONGEST], size_t count, size_t first, size_t step, const char *end)
{
	size_t used = snprintf(text, LONGEST, "ip6");

	for (size_t i = 0; i < count; i++)
		used += snprintf(text + used, LONGEST - used, " %s",
				 kinds[(first + i * step) % COUNT(kinds)]);
	snprintf(text + used, LONGEST - used, " %s", end);
}

static void check_pile(size_t count, size_t first, size_t step)
{
	char tcp[LONGEST], icmp[LONGEST];
	struct packet_class classes[] = {
		{ tcp, "tcp dport 80", "tcp dport 81", KNOWN, NULL },
		{ icmp, "icmpv6 type 128", "udp", KNOWN, NULL },
	};

	pile(tcp, count, first, step, "tcp:80");
	pile(icmp, count, first, step, "icmpv6:128");
	if (count > PCTL_MAX_EXT_HEADERS)
		for (size_t i = 0; i < COUNT(classes); i++) {
			classes[i].other = NULL;
			classes[i].reason = PCTL_REASON_EXT_DEPTH;
			classes[i].certain = "any";
		}
	check_classes(classes, COUNT(classes));
}

/* 0 to 8 headers are walked, 9 and more are unknown: each kind piled on itself, and mixes of all.
 */
static void test_piles(void **state)
{
	(void)state;
	for (size_t count = 0; count <= PCTL_MAX_EXT_HEADERS + 2; count++)
		for (size_t first = 0; first < COUNT(kinds); first++)
			for (size_t step = 0; step < 3; step++)
				check_pile(count, first, step);
	check_pile(20, 1, 0);
}

static const struct packet_class whole_chains[] = {
	/* The largest header there is: 8 + 8 * 255 bytes. */
	{ "ip6 dest:255 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6 hop:4 routing:1 dest:9 udp:53", "udp dport 53", "tcp", KNOWN, NULL },
	{ "ip6 dest none", "proto 59", "tcp", KNOWN, NULL },
	{ "ip6 hop proto:47", "gre", "tcp", KNOWN, NULL },
	{ "ip6 dest proto:50", "esp", "ah", KNOWN, NULL },
	/* Bytes behind "no next header" are not read. */
	{ "ip6 dest:next=59 tcp:80", "proto 59", "tcp", KNOWN, NULL },
	/* An atomic fragment (RFC 6946) is a packet in one piece, its reserved bits mean nothing.
	 */
	{ "ip6 frag tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6 frag frag udp:53", "udp dport 53", "tcp", KNOWN, NULL },
	{ "ip6 frag:more tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6 frag:more dest tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	/* Mobility, HIP and Shim6 headers are protocols of their own to Linux. */
	{ "ip6 proto:135", "proto 135", "tcp", KNOWN, NULL },
};

static const struct packet_class cut_chains[] = {
	{ "ip6:next=0", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6:next=60 data:7", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6:next=44 data:7", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6:next=51 data:7", "ah", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6 dest:next=43", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6 hop dest routing:next=60 data:4", "udp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6 frag:more,next=60 data:4", "udp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	/* The frame ends where the header said that more would come. */
	{ "ip6 dest tcp:80 cut:58", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6 dest dest tcp:80 cut:69", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	/* A length beyond the end of the packet: the protocol is known from the header, the
	 * ports are not. */
	{ "ip6:len=28 dest:4 tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip6:len=28 dest:255 tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
};

/* Later fragments: the protocol is unknown, whatever their next header says. */
static const struct packet_class later_fragments[] = {
	{ "ip6 frag:off=1,next=6 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip6 frag:off=1,more,next=6 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip6 frag:off=8191,next=17 data:40", "udp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip6 frag:off=4096,next=17 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip6 frag:off=1,next=59 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip6 hop dest frag:off=3,next=6 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
	{ "ip6 frag frag:off=3,next=6 data:40", "tcp", NULL, PCTL_REASON_FRAGMENT, "any" },
};

static void test_whole_chains(void **state)
{
	(void)state;
	check_classes(whole_chains, COUNT(whole_chains));
}

static void test_cut_chains(void **state)
{
	(void)state;
	check_classes(cut_chains, COUNT(cut_chains));
}

static void test_later_fragments(void **state)
{
	(void)state;
	check_classes(later_fragments, COUNT(later_fragments));
}

/* Packets to TCP port 80 behind AH. Its length counts words of 4 bytes: by 8 the walk would go
 * astray. */
static const char *const authenticated[] = {
	"ip6 ah tcp:80",
	"ip6 ah:1 tcp:80",
	"ip6 ah:2 tcp:80",
	"ip6 ah:3 tcp:80",
	"ip6 ah:255 tcp:80",
	"ip6 hop dest ah tcp:80",
	"ip6 ah ah tcp:80",
	"ip6 ah frag tcp:80",
	"ip6 frag:more ah tcp:80",
	"ip6 ah dest:2 tcp:80",
	"ip4 ah tcp:80",
	"ip4 ah:1 tcp:80",
	"ip4 ah:7 tcp:80",
	"ip4 ah:255 tcp:80",
	"ip4 ah ah:2 tcp:80",
	"ip4:ihl=15 ah tcp:80",
	"ip4:more ah tcp:80",
	"vlan vlan ip4:ihl=15 ah tcp:80",
	"ip4 ah ah ah ah ah ah ah ah tcp:80",
};

/* It is both an AH packet and a TCP packet: denied when either is, allowed when both are. */
static void check_authenticated(const char *frame, enum pctl_direction d)
{
	expect_drop(enforce("deny ah\n"), d, frame, RULE(0));
	expect_drop(enforce("deny tcp\n"), d, frame, RULE(0));
	expect_drop(enforce("deny tcp dport 80\n"), d, frame, RULE(0));
	expect_drop(enforce("deny any\n"), d, frame, RULE(0));
	expect_pass(enforce("deny tcp dport 81\n"), d, frame, PCTL_SLOT_DEFAULT);
	expect_pass(enforce("deny udp\n"), d, frame, PCTL_SLOT_DEFAULT);
	expect_drop(enforce("allow tcp\ndeny ah\n"), d, frame, RULE(1));
	expect_drop(enforce("allow ah\ndeny tcp\n"), d, frame, RULE(1));
	expect_drop(enforce("default deny\nallow tcp\n"), d, frame, PCTL_SLOT_DEFAULT);
	expect_drop(enforce("default deny\nallow ah\n"), d, frame, PCTL_SLOT_DEFAULT);
	expect_pass(enforce("default deny\nallow ah\nallow tcp\n"), d, frame, RULE(1));
	expect_pass(enforce("default deny\nallow ah\nallow tcp dport 80\n"), d, frame, RULE(1));
	expect_pass(enforce("default deny\nallow any\n"), d, frame, RULE(0));
	expect_pass(enforce("deny %s ah\n", d == PCTL_FROM ? "to" : "from"), d, frame,
		    PCTL_SLOT_DEFAULT);
}

static void test_authenticated(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(authenticated); i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			check_authenticated(authenticated[i], d);
}

/* In IPv4 AH is the one header that is walked, the others are protocols. */
static const struct packet_class ipv4_chains[] = {
	{ "ip4 ah proto:60", "any", "tcp", KNOWN, NULL },
	{ "ip4:next=51 data:7", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip4:next=51", "ah", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip4 ah ah ah ah ah ah ah ah ah tcp:80", "tcp", NULL, PCTL_REASON_EXT_DEPTH, "any" },
	{ "ip4 ah:4 tcp:80,size=3", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, NULL },
};

static void test_ipv4_chains(void **state)
{
	(void)state;
	check_classes(ipv4_chains, COUNT(ipv4_chains));
}

/* RFC 2675: payload length 0 and a hop-by-hop header. The packet then reaches as far as the frame
 * does. */
static const struct packet_class jumbograms[] = {
	{ "ip6:len=0 hop tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6:len=0 hop:2 dest udp:53", "udp dport 53", "tcp", KNOWN, NULL },
	{ "ip6:len=0 hop tcp:80,size=3", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	/* Without that header 0 is 0. */
	{ "ip6:len=0 tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip6:len=0 dest tcp:80", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
};

static void test_jumbograms(void **state)
{
	(void)state;
	check_classes(jumbograms, COUNT(jumbograms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_piles),	      cmocka_unit_test(test_whole_chains),
		cmocka_unit_test(test_cut_chains),    cmocka_unit_test(test_later_fragments),
		cmocka_unit_test(test_authenticated), cmocka_unit_test(test_ipv4_chains),
		cmocka_unit_test(test_jumbograms),
	};

	return run_group("ipv6 chain", tests, COUNT(tests));
}
