/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields that a frame does not show, by the reference evaluator; the tables of
 * docs/policy-language.md, What is unknown. */
#include "evaluate_rows.h"

#define LSRR "opt=830704c0000201"
#define SSRR "opt=890704c0000201"
#define EIGHT "dest dest dest dest dest dest dest dest"
#define AHS "ah ah ah ah ah ah ah ah"
#define FIRST(port) "ip4:more,id=7 udp:" #port ";"
#define LATER "ip4:off=3,id=7,next=17 data:40"

/* The table of docs/policy-language.md, What is unknown. */
static void what_is_unknown(void **state)
{
	static const struct row rows[] = {
		{ "deny tcp dport 80", TO, "ip4:off=3,next=6 data:40", false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "deny tcp dport 80", TO, "ip4:off=3,next=17 data:40", true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "deny tcp dport 80", TO, "ip6 dest dest dest dest dest dest dest dest dest udp",
		  false, RULE(0), PCTL_REASON_EXT_DEPTH },
		{ "deny tcp dport 80", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		{ "allow tcp dport 80\ndeny tcp dport 80", FROM, "ip4:off=3,next=6 data:40", false,
		  RULE(1), PCTL_REASON_FRAGMENT },
		{ "default to deny\nallow to tcp dport 443", TO, "ip4:off=3,next=6 data:40", false,
		  DEFAULT, PCTL_REASON_FRAGMENT },
		{ "default to deny\nallow to tcp dport 443", TO, "ip6 frag:off=3,next=6 data:40",
		  false, DEFAULT, PCTL_REASON_FRAGMENT },
		{ "default to deny\nallow to tcp", TO, "ip4:off=3,next=6 data:40", true, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "default to deny\nallow to any", TO, "ip6 frag:off=3,next=6 data:40", true,
		  RULE(0), PCTL_REASON_FRAGMENT },
		{ "default to deny\nallow to any", TO, "ethertype:0x88cc data:46", false, DEFAULT,
		  PCTL_REASON_ETHERTYPE },
		{ "allow to tcp", TO, "ethertype:0x88cc data:46", true, DEFAULT,
		  PCTL_REASON_ETHERTYPE },
		{ "deny tcp dport not 80", TO, "ip4:off=3,next=6 data:40", false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "deny from any peer 192.0.2.0/24", FROM, "ip4:" LSRR " tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny from any peer 192.0.2.0/24", FROM, "ip6 dest " EIGHT " tcp", false, RULE(0),
		  PCTL_REASON_EXT_DEPTH },
		{ "deny from any peer 192.0.2.0/24", FROM,
		  "ip4:dst=198.51.100.1,off=3,next=6 data:40", true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "deny to any peer 192.0.2.0/24", TO, "ip4:src=192.0.2.7," LSRR " tcp", false,
		  RULE(0), KNOWN },
		{ "deny to any peer 192.0.2.0/24", TO, "ip4:dst=192.0.2.7," LSRR " tcp", true,
		  DEFAULT, KNOWN },
		{ "default from deny\nallow from any peer not 192.0.2.0/24", FROM,
		  "ip4:" LSRR " tcp", false, DEFAULT, PCTL_REASON_ROUTE },
		{ "deny to tcp peer 192.0.2.1", TO, "ip6 frag:off=3,next=6 data:40", true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "deny arp", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		/* Under `default deny` no implicit rule matches an unknown type. */
		{ "default deny", TO, "ip6 icmpv6:135", true, KEEP(ND), KNOWN },
		{ "default deny", TO, "ip6 icmpv6:135,size=1", false, DEFAULT,
		  PCTL_REASON_L4_SHORT },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void unknown_peers(void **state)
{
	static const struct row rows[] = {
		/* Loose and strict source routes: deny rules match, allow rules do not. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:" LSRR " tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer not 198.18.0.2", FROM, "ip4:" SSRR " tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "default deny\nallow any peer 198.18.0.2", FROM, "ip4:" LSRR " tcp", false,
		  DEFAULT, PCTL_REASON_ROUTE },
		{ "default deny\nallow any peer not 192.0.2.1", FROM, "ip4:" LSRR " tcp", false,
		  DEFAULT, PCTL_REASON_ROUTE },
		/* The source is known; a policy without peers does not need the destination. */
		{ "deny any peer 192.0.2.1", TO, "ip4:" LSRR " tcp", true, DEFAULT, KNOWN },
		{ "deny udp", FROM, "ip4:" LSRR " tcp", true, DEFAULT, KNOWN },
		{ "deny to any peer 192.0.2.1", FROM, "ip4:" LSRR " tcp", true, DEFAULT, KNOWN },
		/* Other options, and options that cannot be walked. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=010707040000000001 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=0083030000000000 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=0707040000000083 tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=07010100 tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=07050400 tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=01010107 tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=07040404 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=01000000 proto:47 cut:36", true,
		  DEFAULT, KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=01010000 proto:47 cut:36", false,
		  RULE(0), PCTL_REASON_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=01070300 proto:47 cut:36", false,
		  RULE(0), PCTL_REASON_ROUTE },
		/* Routing headers, in any place. */
		{ "deny any peer 2001:db8::9", FROM, "ip6 routing:2,left=1 tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer 2001:db8::9", FROM, "ip6 routing:2,left=0 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any peer 2001:db8::9", FROM,
		  "ip6 hop dest frag:more ah routing:2,type=4,left=3 tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
		{ "deny any peer 2001:db8::9", FROM, "ip6 routing:2,left=1 frag:off=3 data:40",
		  false, RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny any peer 2001:db8::9", TO, "ip6 routing:2,left=1 tcp", true, DEFAULT,
		  KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void peers_and_what_else_is_unknown(void **state)
{
	static const struct row rows[] = {
		/* A chain that is not walked to its end may hide a routing header. */
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 dest " EIGHT " tcp", false,
		  DEFAULT, PCTL_REASON_EXT_DEPTH },
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 " EIGHT " tcp", true,
		  RULE(0), KNOWN },
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 frag:more,next=60", false,
		  DEFAULT, PCTL_REASON_EXT_SHORT },
		{ "default deny\nallow any peer 2001:db8::1", TO, "ip6 dest " EIGHT " tcp", true,
		  RULE(0), PCTL_REASON_EXT_DEPTH },
		{ "default deny\nallow any peer 198.18.0.2", FROM, "ip4 ah " AHS " tcp", true,
		  RULE(0), PCTL_REASON_EXT_DEPTH },
		/* Another unknown field gives the reason. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:" LSRR " tcp:80,size=2", false, RULE(0),
		  PCTL_REASON_L4_SHORT },
		/* The peer of an IPv6 fragment is known, its protocol is not. */
		{ "deny tcp peer 2001:db8::9", FROM, "ip6 frag:off=3 data:40", true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "deny tcp peer 2001:db8::2", FROM, "ip6 frag:off=3 data:40", false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 frag:off=3 data:40", true,
		  RULE(0), PCTL_REASON_FRAGMENT },
		/* Not even known to be IP. */
		{ "deny any peer 192.0.2.1", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		{ "deny udp sport 9 peer not 192.0.2.1", TO, "vlan cut:16", false, RULE(0),
		  PCTL_REASON_FRAME_SHORT },
		/* Behind AH: the same peer for both readings. */
		{ "deny ah peer 192.0.2.1", FROM, "ip4:dst=192.0.2.1 ah tcp", false, RULE(0),
		  KNOWN },
		{ "deny ah peer 192.0.2.1", FROM, "ip4:dst=192.0.2.2 ah tcp", true, DEFAULT,
		  KNOWN },
		{ "deny ah peer 192.0.2.1", FROM, "ip4:" LSRR " ah tcp", false, RULE(0),
		  PCTL_REASON_ROUTE },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void later_fragments_follow(void **state)
{
	static const struct row rows[] = {
		{ "deny udp dport 80", TO, LATER, false, RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) LATER, true, DEFAULT, KNOWN },
		{ "deny udp dport 80", TO, FIRST(80) LATER, false, RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) FIRST(80) LATER, false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) "ip4:off=3,id=8,next=17 data:40", false,
		  RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) "ip4:off=3,id=7,src=9,next=17 data:40", false,
		  RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80", TO, "ip6 frag:more,id=7 udp;ip6 frag:off=3,id=7 data:40",
		  false, RULE(0), PCTL_REASON_FRAGMENT },
		{ "default deny\nallow udp dport 53", TO,
		  "ip6 frag:more,id=7 udp:53;ip6 frag:off=3,id=7,next=6 data:40", true, RULE(0),
		  KNOWN },
		/* The memory is small: the oldest is forgotten. */
		{ "deny udp dport 80", TO,
		  FIRST(53) "ip4:more,id=8 udp:53;ip4:more,id=9 udp:53;" LATER, false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		/* With a source route the peer is unknown, for each fragment alone. */
		{ "deny udp dport 80\ndeny tcp peer 192.0.2.9", FROM,
		  "ip4:more,id=7," LSRR " udp:53;" LATER, false, RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80\ndeny udp peer 192.0.2.9", FROM,
		  FIRST(53) "ip4:off=3,id=7,next=17," LSRR " data:40", false, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80", FROM, "ip4:more,id=7," LSRR " udp:53;" LATER, true, DEFAULT,
		  KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_unknown),
		cmocka_unit_test(unknown_peers),
		cmocka_unit_test(peers_and_what_else_is_unknown),
		cmocka_unit_test(later_fragments_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
