/* SPDX-License-Identifier: GPL-2.0-only */
/* Headers that are cut short, and lengths that lie: in Ethernet, IPv4, IPv6 and behind them. */
#include <stdio.h>

#include "support.h"

static const struct packet_class lying_ipv4[] = {
	{ "ip4:version=6 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip4:version=5 tcp:80", "any", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip4:version=0 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	/* Smaller than its own header. */
	{ "ip4:total=19 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip4:total=1 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip4:total=0 tcp:80", "any", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip4:ihl=8,total=31 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip4:ihl=15,total=59 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	/* Too small for the next header. */
	{ "ip4:total=20 tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip4:total=23 tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip4:total=24 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4:ihl=15,total=63 udp:53", "udp dport 53", "tcp", PCTL_REASON_L4_SHORT, "udp" },
	{ "ip4:ihl=15,total=64 udp:53", "udp dport 53", "tcp", KNOWN, NULL },
	{ "ip4:total=21 icmp:8", "icmp type 8", "tcp", PCTL_REASON_L4_SHORT, "icmp" },
	{ "ip4:total=22 icmp:8", "icmp type 8", "icmp type 0", KNOWN, NULL },
	/* Larger than the frame; the next header is in the frame, or is not. */
	{ "ip4:total=1500 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4:total=65535 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip4:total=1500 tcp:80 cut:37", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip4:total=1500 tcp:80 cut:34", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	/* Bytes behind the packet do not count: the padding of a short frame is not its ports. */
	{ "ip4 tcp:80,size=2 pad:30", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip4 tcp:80,size=4 pad:30", "tcp dport 80", "tcp dport 0", KNOWN, NULL },
	{ "ip4:next=6 pad:30", "tcp dport 0", "udp", PCTL_REASON_L4_SHORT, "tcp" },
};

static const struct packet_class lying_ipv6[] = {
	{ "ip6:version=4 tcp:80", "tcp", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip6:version=7 tcp:80", "any", NULL, PCTL_REASON_IP_HEADER, NULL },
	{ "ip6:len=3 tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip6:len=4 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6:len=1 icmpv6:128", "icmpv6 type 128", "tcp", PCTL_REASON_L4_SHORT, "icmpv6" },
	{ "ip6:len=2 icmpv6:128", "icmpv6 type 128", "icmpv6 type 129", KNOWN, NULL },
	{ "ip6:len=65535 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6:len=1460 tcp:80 cut:57", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip6:len=7 dest tcp:80", "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" },
	{ "ip6:len=8 dest tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip6:len=11 dest tcp:80", "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" },
	{ "ip6:len=12 dest tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "ip6:next=6 pad:30", "tcp dport 0", "udp", PCTL_REASON_L4_SHORT, "tcp" },
};

static void test_lying_ipv4(void **state)
{
	(void)state;
	check_classes(lying_ipv4, COUNT(lying_ipv4));
}

static void test_lying_ipv6(void **state)
{
	(void)state;
	check_classes(lying_ipv6, COUNT(lying_ipv6));
}

/* Options move what follows; a header smaller than 20 bytes is none. */
static void test_header_lengths(void **state)
{
	char options[64], short_header[64];
	const struct packet_class honest = { options, "tcp dport 80", "tcp dport 81", KNOWN, NULL };
	const struct packet_class lying = { short_header, "tcp", NULL, PCTL_REASON_IP_HEADER,
					    NULL };

	(void)state;
	for (int ihl = 0; ihl <= 15; ihl++) {
		snprintf(options, sizeof(options), "ip4:ihl=%d tcp:80", ihl);
		snprintf(short_header, sizeof(short_header), "ip4:ihl=%d,header=20 tcp:80", ihl);
		check_classes(ihl < 5 ? &lying : &honest, 1);
	}
}

/* A frame cut at each length has only the fields that are still in it. */
struct cut {
	size_t below; /* frames shorter than this, and not than that of the row before */
	struct packet_class class;
};

static void check_cuts(const char *whole, const struct cut *cuts, size_t count)
{
	char text[96];
	size_t length = 14;

	for (size_t i = 0; i < count; i++) {
		for (; length < cuts[i].below; length++) {
			struct packet_class class = cuts[i].class;

			snprintf(text, sizeof(text), "%s cut:%zu", whole, length);
			class.frame = text;
			check_classes(&class, 1);
		}
	}
}

static void test_cuts(void **state)
{
	static const struct cut ipv4[] = {
		{ 34, { NULL, "tcp", NULL, PCTL_REASON_IP_HEADER, NULL } },
		{ 46, { NULL, "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" } },
		{ 62, { NULL, "tcp dport 80", "tcp dport 81", KNOWN, NULL } },
	};
	static const struct cut ipv6[] = {
		{ 54, { NULL, "tcp", NULL, PCTL_REASON_IP_HEADER, NULL } },
		{ 62, { NULL, "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" } },
		{ 78, { NULL, "tcp", NULL, PCTL_REASON_EXT_SHORT, "any" } },
		{ 82, { NULL, "tcp dport 80", "udp", PCTL_REASON_L4_SHORT, "tcp" } },
		{ 98, { NULL, "tcp dport 80", "tcp dport 81", KNOWN, NULL } },
	};
	static const struct cut tagged[] = {
		{ 22, { NULL, "any", NULL, PCTL_REASON_FRAME_SHORT, NULL } },
		{ 42, { NULL, "any", NULL, PCTL_REASON_IP_HEADER, NULL } },
		{ 46, { NULL, "udp dport 53", "tcp", PCTL_REASON_L4_SHORT, "udp" } },
		{ 62, { NULL, "udp dport 53", "udp dport 54", KNOWN, NULL } },
	};

	(void)state;
	check_cuts("ip4:ihl=7 tcp:80", ipv4, COUNT(ipv4));
	check_cuts("ip6 dest:1 frag tcp:80", ipv6, COUNT(ipv6));
	check_cuts("vlan vlan:0x88a8 ip4 udp:53", tagged, COUNT(tagged));
}

/* Shorter than an Ethernet header: only a kernel that gives such frames to XDP can show it. */
static const struct packet_class short_frames[] = {
	{ "ethertype:0x0800 cut:13", "any", NULL, PCTL_REASON_FRAME_SHORT, NULL },
	{ "ethertype:0x0800 cut:12", "tcp", NULL, PCTL_REASON_FRAME_SHORT, NULL },
	{ "ethertype:0x0800 cut:1", "tcp", NULL, PCTL_REASON_FRAME_SHORT, NULL },
};

static void test_short_frames(void **state)
{
	(void)state;
	check_classes(short_frames, COUNT(short_frames));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lying_ipv4),     cmocka_unit_test(test_lying_ipv6),
		cmocka_unit_test(test_header_lengths), cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_short_frames),
	};

	return run_group("lengths", tests, COUNT(tests));
}
