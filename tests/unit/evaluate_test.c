/* SPDX-License-Identifier: GPL-2.0-only */
/* What policies mean for frames, by the reference evaluator; written from docs/policy-language.md.
 */
#include "evaluate_rows.h"
#include "packet_fields.h"

#include <errno.h>

#define OFFICE "set office { 198.51.100.0/24, 2001:db8:1::/48 }\n"
#define LSRR "opt=830704c0000201"

static void protocols_and_ports(void **state)
{
	static const struct row rows[] = {
		{ "deny tcp dport 80", TO, "ip4 tcp:80", false, RULE(0), KNOWN },
		{ "deny tcp dport 80", TO, "ip4 tcp:81", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80", TO, "ip6 tcp:80", false, RULE(0), KNOWN },
		{ "deny tcp dport 80", TO, "vlan vlan:0x88a8 ip4 tcp:80", false, RULE(0), KNOWN },
		{ "deny tcp dport 80", TO, "vlan vlan vlan ip4 udp:80", false, RULE(0),
		  PCTL_REASON_VLAN_DEPTH },
		{ "deny from tcp dport 80", TO, "ip4 tcp:80", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80", TO, "ip4 tcp:80,size=3", false, RULE(0),
		  PCTL_REASON_L4_SHORT },
		{ "deny tcp dport 80", TO, "ip4 tcp:81,size=4", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80", TO, "ip4:total=23 tcp:81", false, RULE(0),
		  PCTL_REASON_L4_SHORT },
		{ "deny tcp dport 80", TO, "ip4:ihl=4 udp", false, RULE(0), PCTL_REASON_IP_HEADER },
		{ "deny icmp type 3 code 4", TO, "ip4 icmp:3,code=4", false, RULE(0), KNOWN },
		{ "deny icmp type 3 code 4", TO, "ip4 icmp:3,code=3", true, DEFAULT, KNOWN },
		{ "deny icmp type 3 code 4", TO, "ip4 icmp:4,size=1", false, RULE(0),
		  PCTL_REASON_L4_SHORT },
		{ "deny ah", TO, "ip4 ah tcp:80", false, RULE(0), KNOWN },
		{ "default deny\nallow ah", TO, "ip4 ah tcp:80", false, DEFAULT, KNOWN },
		{ "default deny\nallow tcp dport 80\nallow ah", TO, "ip6 ah tcp:80", true, RULE(0),
		  KNOWN },
		{ "deny ah", TO, "ip4:off=3,next=51 data:40", false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "allow tcp dport 80\ndeny udp", TO, "ip4:off=3,next=51 data:40", false, RULE(1),
		  PCTL_REASON_FRAGMENT },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void source_ports(void **state)
{
	static const struct row rows[] = {
		{ "deny udp sport 53", TO, "ip4 udp:9,sport=53", false, RULE(0), KNOWN },
		{ "deny udp sport 53", TO, "ip4 udp:53,sport=9", true, DEFAULT, KNOWN },
		{ "deny udp sport 53", TO, "ip4 udp:53,sport=9,size=2", false, RULE(0),
		  PCTL_REASON_L4_SHORT },
		{ "deny udp dport not { 53, 80-90 }", TO, "ip4 udp:53", true, DEFAULT, KNOWN },
		{ "deny udp dport not { 53, 80-90 }", TO, "ip4 udp:85", true, DEFAULT, KNOWN },
		{ "deny udp dport not { 53, 80-90 }", TO, "ip4 udp:54", false, RULE(0), KNOWN },
		{ "deny udp sport not 53 dport 80", TO, "ip6 udp:80,sport=53", true, DEFAULT,
		  KNOWN },
		{ "deny udp sport not 53 dport 80", TO, "ip6 udp:80,sport=54", false, RULE(0),
		  KNOWN },
		{ "deny udp sport 53 dport 80", TO, "ip4:off=3,next=17 data:40", false, RULE(0),
		  PCTL_REASON_FRAGMENT },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void peers(void **state)
{
	static const struct row rows[] = {
		/* The peer is the destination in `from`, the source in `to`. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:dst=192.0.2.1 tcp", false, RULE(0), KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:src=192.0.2.1 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer 192.0.2.1", TO, "ip4:src=192.0.2.1 tcp", false, RULE(0), KNOWN },
		{ "deny any peer 192.0.2.1", TO, "ip4:dst=192.0.2.1 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer 192.0.2.0/31", TO, "ip4:src=192.0.2.1 tcp", false, RULE(0),
		  KNOWN },
		{ "deny any peer 192.0.2.0/31", TO, "ip4:src=192.0.2.2 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer 2001:db8:0:8000::/49", TO, "ip6:src=2001:db8:0:8000::1 tcp", false,
		  RULE(0), KNOWN },
		{ "deny any peer 2001:db8:0:8000::/49", TO, "ip6:src=2001:db8:0:7fff::1 tcp", true,
		  DEFAULT, KNOWN },
		{ "deny any peer 2001:db8::7", TO, "ip6:src=7 tcp", false, RULE(0), KNOWN },
		{ "deny any peer 2001:db8::7", TO, "ip6:src=6 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer 0.0.0.0/0", TO, "ip4 tcp", false, RULE(0), KNOWN },
		{ "deny any peer 0.0.0.0/0", TO, "ip6 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer ::/0", TO, "ip6 tcp", false, RULE(0), KNOWN },
		/* `not` means the whole list, and an IPv6 packet is in no IPv4 prefix. */
		{ "deny udp dport 53 peer not 198.51.100.53", FROM, "ip4:dst=198.51.100.53 udp:53",
		  true, DEFAULT, KNOWN },
		{ "deny udp dport 53 peer not 198.51.100.53", FROM, "ip4:dst=198.51.100.54 udp:53",
		  false, RULE(0), KNOWN },
		{ "deny udp dport 53 peer not 198.51.100.53", FROM, "ip6 udp:53", false, RULE(0),
		  KNOWN },
		{ "deny any peer not { 192.0.2.1, 198.51.100.0/24 }", TO,
		  "ip4:src=198.51.100.9 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer not { 192.0.2.1, 198.51.100.0/24 }", TO, "ip4:src=192.0.2.2 tcp",
		  false, RULE(0), KNOWN },
		/* A set may hold both families. */
		{ OFFICE "default to deny\nallow to tcp dport 22 peer @office", TO,
		  "ip4:src=198.51.100.9 tcp:22", true, RULE(0), KNOWN },
		{ OFFICE "default to deny\nallow to tcp dport 22 peer @office", TO,
		  "ip6:src=2001:db8:1::9 tcp:22", true, RULE(0), KNOWN },
		{ OFFICE "default to deny\nallow to tcp dport 22 peer @office", TO,
		  "ip6:src=2001:db8:2::9 tcp:22", false, DEFAULT, KNOWN },
		{ OFFICE "deny any peer not { @office, 192.0.2.1 }", TO, "ip4:src=192.0.2.1 tcp:22",
		  true, DEFAULT, KNOWN },
		{ "set feed file \"feed.txt\"\ndeny from any peer @feed", FROM,
		  "ip4:dst=198.51.100.127 tcp", false, RULE(0), KNOWN },
		{ "set feed file \"feed.txt\"\ndeny from any peer @feed", FROM,
		  "ip4:dst=198.51.100.128 tcp", true, DEFAULT, KNOWN },
		/* First match decides, a broad deny before a narrow allow too. */
		{ "deny any peer 192.0.2.0/24\nallow tcp peer 192.0.2.1", TO,
		  "ip4:src=192.0.2.1 tcp", false, RULE(0), KNOWN },
		{ "allow tcp peer 192.0.2.1\ndeny any peer 192.0.2.0/24", TO,
		  "ip4:src=192.0.2.1 tcp", true, RULE(0), KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void arp(void **state)
{
	static const struct row rows[] = {
		{ "deny any", TO, "arp", true, DEFAULT, KNOWN },
		{ "default deny", TO, "arp", true, KEEP(ARP), KNOWN },
		{ "default deny\ndeny arp", TO, "arp", false, RULE(0), KNOWN },
		{ "deny from arp", TO, "arp", true, DEFAULT, KNOWN },
		{ "deny any peer not 192.0.2.1\nallow arp\ndeny arp", TO, "arp", true, RULE(1),
		  KNOWN },
		{ "deny arp", TO, "ip4 tcp", true, DEFAULT, KNOWN },
		{ "deny arp", TO, "ip6 frag:off=3 data:40", true, DEFAULT, PCTL_REASON_FRAGMENT },
		{ "deny arp", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		{ "default deny\nallow arp\nallow any", TO, "ethertype:0x88cc data:46", false,
		  DEFAULT, PCTL_REASON_ETHERTYPE },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

/* Neither IP nor ARP. Frames of other kinds match no `ethertype`, and lengths (802.3) are none. */
static void ethertypes(void **state)
{
	static const struct row rows[] = {
		{ "default deny\nallow ethertype 0x88cc", TO, "ethertype:0x88cc data:46", true,
		  RULE(0), KNOWN },
		{ "default deny\nallow ethertype 0x88cc", FROM,
		  "vlan vlan ethertype:0x88cc data:46", true, RULE(0), KNOWN },
		{ "default deny\nallow ethertype 0x88cc", TO, "ethertype:0x8035 data:46", false,
		  DEFAULT, PCTL_REASON_ETHERTYPE },
		{ "default deny\nallow ethertype { 0x8035, 0x88cc }", TO, "ethertype:0x8035 cut:14",
		  true, RULE(0), KNOWN },
		{ "default deny\nallow from ethertype 0x88cc", TO, "ethertype:0x88cc data:46",
		  false, DEFAULT, PCTL_REASON_ETHERTYPE },
		{ "deny ethertype 0x88cc", TO, "ethertype:0x88cc data:46", false, RULE(0), KNOWN },
		{ "deny ethertype 0x88cc", TO, "ethertype:0x8035 data:46", true, DEFAULT,
		  PCTL_REASON_ETHERTYPE },
		{ "deny ethertype 0x88cc", TO, "ip4 tcp", true, DEFAULT, KNOWN },
		{ "deny ethertype 0x88cc", TO, "ip6 frag:off=3 data:40", true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "deny ethertype 0x88cc", TO, "arp", true, DEFAULT, KNOWN },
		{ "default deny\nallow ethertype 0x88cc", TO, "arp", true, KEEP(ARP), KNOWN },
		/* Of other rules such a frame is unknown: the order decides. */
		{ "allow ethertype 0x88cc\ndeny tcp", TO, "ethertype:0x88cc data:46", true, RULE(0),
		  KNOWN },
		{ "allow ethertype 0x88cc\ndeny tcp", TO, "ethertype:0x8847 data:46", false,
		  RULE(1), PCTL_REASON_ETHERTYPE },
		{ "deny tcp\nallow ethertype 0x88cc", TO, "ethertype:0x88cc data:46", false,
		  RULE(0), PCTL_REASON_ETHERTYPE },
		{ "deny arp\nallow ethertype 0x88cc", TO, "ethertype:0x88cc data:46", false,
		  RULE(0), PCTL_REASON_ETHERTYPE },
		{ "allow any\nallow ethertype 0x88cc\ndeny any", TO, "ethertype:0x88cc data:46",
		  true, RULE(1), KNOWN },
		/* No ethertype is known. */
		{ "allow ethertype 0x88cc\ndeny ethertype 0x8035", TO, "ethertype:60 data:60",
		  false, RULE(1), PCTL_REASON_ETHERTYPE },
		{ "deny ethertype 0x8035", TO, "ethertype:0x05ff data:46", false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		{ "deny ethertype 0x8035", TO, "ethertype:0x0600 data:46", true, DEFAULT,
		  PCTL_REASON_ETHERTYPE },
		{ "allow ethertype 0x88cc\ndeny ethertype 0x8035", TO,
		  "vlan vlan vlan ethertype:0x88cc data:46", false, RULE(1),
		  PCTL_REASON_VLAN_DEPTH },
		{ "allow ethertype 0x88cc\ndeny ethertype 0x8035", TO,
		  "vlan ethertype:0x88cc cut:17", false, RULE(1), PCTL_REASON_FRAME_SHORT },
		{ "allow ethertype 0x88cc\ndeny ethertype 0x8035", TO, "ip4:version=5 tcp", false,
		  RULE(1), PCTL_REASON_IP_HEADER },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

/* The outermost tag with an id. A priority tag is none, and what has no tag is in no VLAN. */
static void vlans(void **state)
{
	static const struct row rows[] = {
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=10 ip4 tcp", false, RULE(0), KNOWN },
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=11 ip4 tcp", true, DEFAULT, KNOWN },
		{ "deny any vlan 10", TO, "ip4 tcp", true, DEFAULT, KNOWN },
		{ "deny any vlan 10", FROM, "vlan:0x88a8,tci=0xf00a ip6 udp", false, RULE(0),
		  KNOWN },
		{ "deny any vlan not 10", TO, "ip4 tcp", false, RULE(0), KNOWN },
		{ "deny any vlan not 10", TO, "vlan:0x8100,tci=10 ip4 tcp", true, DEFAULT, KNOWN },
		{ "deny any vlan 1-4095", TO, "ip4 tcp", true, DEFAULT, KNOWN },
		{ "deny any vlan 1-4095", TO, "vlan:0x8100,tci=0xe000 ip4 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any vlan 1-4095", TO, "vlan:0x8100,tci=4095 ip4 tcp", false, RULE(0),
		  KNOWN },
		{ "deny any vlan not 1-4095", TO, "vlan:0x8100,tci=0 ip4 tcp", false, RULE(0),
		  KNOWN },
		/* Two tags. */
		{ "deny any vlan 20", TO, "vlan:0x88a8,tci=10 vlan:0x8100,tci=20 ip4 tcp", true,
		  DEFAULT, KNOWN },
		{ "deny any vlan 20", TO, "vlan:0x8100,tci=0 vlan:0x8100,tci=20 ip4 tcp", false,
		  RULE(0), KNOWN },
		/* Together with other fields, and of other frames. */
		{ "deny tcp dport 80 vlan { 10, 20-30 }", TO, "vlan:0x8100,tci=25 ip4 tcp:80",
		  false, RULE(0), KNOWN },
		{ "deny tcp dport 80 vlan { 10, 20-30 }", TO, "vlan:0x8100,tci=25 ip4 tcp:81", true,
		  DEFAULT, KNOWN },
		{ "deny arp vlan 10", TO, "vlan:0x8100,tci=10 arp", false, RULE(0), KNOWN },
		{ "deny arp vlan 10", TO, "arp", true, DEFAULT, KNOWN },
		{ "default deny\nallow ethertype 0x88cc vlan 10", TO,
		  "vlan:0x8100,tci=10 ethertype:0x88cc", true, RULE(0), KNOWN },
		{ "default deny\nallow ethertype 0x88cc vlan 10", TO, "ethertype:0x88cc", false,
		  DEFAULT, PCTL_REASON_ETHERTYPE },
		/* The VLAN is known, and another one, though nothing else is known. */
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=11 ethertype:60 data:60", true, DEFAULT,
		  PCTL_REASON_ETHERTYPE },
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=10 ethertype:60 data:60", false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=11 vlan vlan ip4 tcp", true, DEFAULT,
		  PCTL_REASON_VLAN_DEPTH },
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=11 vlan cut:20", true, DEFAULT,
		  PCTL_REASON_FRAME_SHORT },
		/* It is unknown. */
		{ "deny any vlan 10", TO, "vlan:0x8100,tci=0 vlan:0x8100,tci=0 vlan ip4 tcp", false,
		  RULE(0), PCTL_REASON_VLAN_DEPTH },
		{ "allow any vlan 10\ndeny any", TO, "vlan:0x8100,tci=0 vlan cut:20", false,
		  RULE(1), PCTL_REASON_FRAME_SHORT },
		/* `default deny` keeps the network working in every VLAN. */
		{ "default deny\nallow any vlan 10", TO, "vlan:0x8100,tci=20 arp", true, KEEP(ARP),
		  KNOWN },
		{ "default deny\nallow any vlan 10", TO, "vlan:0x8100,tci=20 ip4 tcp", false,
		  DEFAULT, KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void default_deny_keeps_the_network(void **state)
{
	static const struct row rows[] = {
		{ "default deny", TO, "ip4 icmp:3,code=4", true, KEEP(PMTU), KNOWN },
		{ "default deny", TO, "ip4 icmp:3,code=3", false, DEFAULT, KNOWN },
		{ "default deny", TO, "ip6 icmpv6:2", true, KEEP(PMTU), KNOWN },
		{ "default deny", FROM, "ip6 hop icmpv6:143", true, KEEP(MLD), KNOWN },
		{ "default deny", FROM, "ip6 icmpv6:134", false, DEFAULT, KNOWN },
		{ "default deny", FROM, "ip6 icmpv6:137", false, DEFAULT, KNOWN },
		{ "default to deny", FROM, "ip6 icmpv6:134", true, DEFAULT, KNOWN },
		{ "default deny\ndeny icmpv6 type 135 peer 2001:db8::1", TO, "ip6 icmpv6:135",
		  false, RULE(0), KNOWN },
		{ "default deny\ndeny icmpv6 type 135 peer 2001:db8::2", TO, "ip6 icmpv6:135", true,
		  KEEP(ND), KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void tells_what_it_read(void **state)
{
	struct policy *policy = evaluate_parse("deny tcp dport 80", false);
	struct packet_fields f;
	struct evaluation e;

	(void)state;
	evaluate_frames(policy, FROM, "vlan ip4:src=9," LSRR " tcp:443,sport=1", &f, &e);
	assert_true(f.is_ip && f.family == PCTL_IPV4 && f.source[3] == 9 && f.source_routed);
	assert_true(f.vlan_tags == 1 && f.has_protocol && f.protocol == 6 && f.has_selector);
	assert_true(f.with_ports && f.sport == 1 && f.dport == 443 && f.piece == PIECE_WHOLE);
	evaluate_frames(policy, FROM, "ip6:dst=ff02::1 ah icmpv6:3,code=1", &f, &e);
	assert_true(f.family == PCTL_IPV6 && f.destination[0] == 0xff && f.destination[15] == 1);
	assert_true(f.behind_ah && f.with_types && f.type == 3 && f.code == 1);
	evaluate_frames(policy, FROM, "ip6 frag:off=3 data:40", &f, &e);
	assert_true(f.is_ip && f.piece == PIECE_LATER && !f.has_protocol);
	policy_free(policy);
}

static void tells_what_decided(void **state)
{
	struct policy *policy =
		evaluate_parse("default deny\nallow tcp log\ndeny ah\nallow udp", false);
	struct packet_fields f;
	struct evaluation e;

	(void)state;
	evaluate_frames(policy, TO, "ip4 tcp", &f, &e);
	assert_true(e.log && e.rule == &policy->rules[0] && !e.implicit && !e.as_ah);
	evaluate_frames(policy, TO, "ip4 udp", &f, &e);
	assert_true(!e.log && e.rule == &policy->rules[2]);
	evaluate_frames(policy, TO, "ip4 ah tcp", &f, &e);
	assert_true(!e.log && e.rule == &policy->rules[1] && e.as_ah);
	evaluate_frames(policy, TO, "ip4 icmp:3,code=4", &f, &e);
	assert_true(!e.rule && e.implicit && strstr(e.implicit->text, "fragmentation-needed"));
	evaluate_frames(policy, TO, "ip4 icmp:8", &f, &e);
	assert_true(!e.rule && !e.implicit && e.verdict == VERDICT_DENY);
	evaluate_frames(policy, TO, "ip6 frag:more tcp; ip6 frag:off=3", &f, &e);
	assert_true(e.followed && e.log && e.rule == &policy->rules[0]);
	policy_free(policy);
}

static void a_set_must_be_loaded(void **state)
{
	struct policy *policy = evaluate_parse(
		"set feed file \"feed.txt\"\nallow to tcp\ndeny to any peer @feed", true);
	struct packet_fields fields = { .is_arp = true, .reason = KNOWN };
	struct evaluation e;

	(void)state;
	assert_int_equal(policy_evaluate(policy, TO, &fields, NULL, NULL, &e), -ENODATA);
	assert_int_equal(policy_evaluate(policy, FROM, &fields, NULL, NULL, &e), 0);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols_and_ports),
		cmocka_unit_test(source_ports),
		cmocka_unit_test(peers),
		cmocka_unit_test(arp),
		cmocka_unit_test(ethertypes),
		cmocka_unit_test(vlans),
		cmocka_unit_test(default_deny_keeps_the_network),
		cmocka_unit_test(tells_what_it_read),
		cmocka_unit_test(tells_what_decided),
		cmocka_unit_test(a_set_must_be_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
