/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VLAN tags in the frame: two are looked through, more are unknown; ARP and what is neither IP nor
 * ARP. The tag that tc finds in the metadata of a socket buffer cannot be given to
 * BPF_PROG_TEST_RUN (a context with vlan_tci is refused): the lab shows it.
 */
#include "support.h"

static const struct packet_class tagged[] = {
	{ "vlan ip4 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "vlan:0x88a8 ip4 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	/* priority tag, every bit of the tag set, a VLAN id */
	{ "vlan:0x8100,tci=0xe000 ip4 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan:0x8100,tci=0xffff ip4 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan:0x88a8,tci=0x0064 ip4 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan vlan ip4 tcp:80", "tcp dport 80", "tcp dport 81", KNOWN, NULL },
	{ "vlan:0x88a8 vlan ip4 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan vlan:0x88a8 ip4 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan:0x88a8 vlan:0x88a8 ip4 udp:53", "udp dport 53", "tcp", KNOWN, NULL },
	{ "vlan ip6 tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan vlan ip6 dest dest tcp:80", "tcp dport 80", "udp", KNOWN, NULL },
	{ "vlan vlan ip4:ihl=15 udp:53", "udp dport 53", "udp dport 54", KNOWN, NULL },
	{ "vlan vlan ip4:off=3,next=6 data:40", "tcp dport 80", "udp", PCTL_REASON_FRAGMENT,
	  "tcp" },
};

static const struct packet_class too_many_tags[] = {
	{ "vlan vlan vlan ip4 tcp:80", "tcp dport 80", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
	{ "vlan vlan vlan ip4 tcp:80", "any", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
	{ "vlan:0x88a8 vlan vlan ip6 udp:53", "udp", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
	{ "vlan vlan vlan:0x88a8 ip4 tcp:80", "tcp", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
	{ "vlan vlan vlan vlan vlan vlan ip4 tcp", "tcp", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
	{ "vlan vlan vlan arp", "tcp", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
	{ "vlan vlan vlan cut:22", "tcp", NULL, PCTL_REASON_VLAN_DEPTH, NULL },
};

static const struct packet_class cut_tags[] = {
	{ "vlan cut:16", "tcp", NULL, PCTL_REASON_FRAME_SHORT, NULL },
	{ "vlan cut:17", "tcp", NULL, PCTL_REASON_FRAME_SHORT, NULL },
	{ "vlan vlan cut:20", "any", NULL, PCTL_REASON_FRAME_SHORT, NULL },
	{ "vlan vlan cut:21", "any", NULL, PCTL_REASON_FRAME_SHORT, NULL },
};

static const struct packet_class ethertypes[] = {
	{ "ethertype:0x88cc data:46", "any", NULL, PCTL_REASON_ETHERTYPE, NULL }, /* LLDP */
	{ "ethertype:0x8847 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL }, /* MPLS */
	{ "ethertype:0x8848 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE,
	  NULL }, /* MPLS multicast */
	{ "ethertype:0x8863 data:46", "udp", NULL, PCTL_REASON_ETHERTYPE, NULL }, /* PPPoE */
	{ "ethertype:0x8864 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "ethertype:0x0026 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL }, /* 802.3, LLC */
	{ "ethertype:0x05dc data:1500", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "ethertype:0x0000 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "ethertype:0xffff data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "ethertype:0x0008 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL }, /* IP, swapped */
	{ "ethertype:0x8035 data:46", "any", NULL, PCTL_REASON_ETHERTYPE, NULL }, /* RARP */
	{ "ethertype:0x88cc cut:14", "any", NULL, PCTL_REASON_ETHERTYPE, NULL },
	/* Tags that Linux does not take off: the old QinQ ones, MACsec. */
	{ "vlan:0x9100 ip4 tcp:80", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "vlan:0x9200 ip4 tcp:80", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "vlan:0x88e5 ip4 tcp:80", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "vlan ethertype:0x88cc data:46", "any", NULL, PCTL_REASON_ETHERTYPE, NULL },
	{ "vlan vlan ethertype:0x8847 data:46", "tcp", NULL, PCTL_REASON_ETHERTYPE, NULL },
};

static void test_tagged(void **state)
{
	(void)state;
	check_classes(tagged, COUNT(tagged));
}

static void test_too_many_tags(void **state)
{
	(void)state;
	check_classes(too_many_tags, COUNT(too_many_tags));
}

static void test_cut_tags(void **state)
{
	(void)state;
	check_classes(cut_tags, COUNT(cut_tags));
}

static void test_ethertypes(void **state)
{
	(void)state;
	check_classes(ethertypes, COUNT(ethertypes));
}

/* Rules are about IP: none of them, not even `any`, matches ARP. `default deny` passes it. */
static void test_arp(void **state)
{
	static const char *const frames[] = { "arp", "vlan arp", "vlan:0x88a8 vlan arp",
					      "arp cut:14", "arp cut:20" };

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
			expect_pass(enforce("deny any\n"), d, frames[i], PCTL_SLOT_DEFAULT);
			expect_pass(enforce("deny tcp\ndeny udp dport 1\n"), d, frames[i],
				    PCTL_SLOT_DEFAULT);
			expect_pass(enforce("default deny\n"), d, frames[i], PCTL_SLOT_KEEP_ARP);
			expect_pass(enforce("default deny\nallow any\n"), d, frames[i],
				    PCTL_SLOT_KEEP_ARP);
			expect_pass(enforce("default deny\ndeny any\n"), d, frames[i],
				    PCTL_SLOT_KEEP_ARP);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tagged),	 cmocka_unit_test(test_too_many_tags),
		cmocka_unit_test(test_cut_tags), cmocka_unit_test(test_ethertypes),
		cmocka_unit_test(test_arp),
	};

	return run_group("vlan", tests, COUNT(tests));
}
