/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What policies mean for frames, by the reference evaluator: each row a policy, a frame in the
 * words of tests/frames/frame_text.c, and what is expected. Written from docs/policy-language.md.
 */
#include "evaluate.h"
#include "frame.h"
#include "support.h"

#include <errno.h>
#include <stdio.h>

#define KNOWN (-1)
#define RULE(number) (PCTL_SLOT_RULES + (number))
#define DEFAULT PCTL_SLOT_DEFAULT
#define KEEP(what) PCTL_SLOT_KEEP_##what

#define FROM PCTL_FROM
#define TO PCTL_TO

struct row {
	const char *policy;
	enum pctl_direction direction;
	const char *frames; /* those before the last `;` go before it, the last is judged */
	bool passes;
	unsigned int slot;
	int reason;
};

/* The file of every set that stands in one. */
static const char feed[] = "198.51.100.0/25  # half a block\n2001:db8:f::/48\n";

static int load_feed(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	const bool *lazy = data;
	int error;

	if (*lazy)
		return 0;
	error = prefixes_parse(name, feed, strlen(feed), &set->prefixes, diagnostics, NULL, NULL);
	set->loaded = !error;
	return error;
}

static struct policy *parse(const char *text, bool lazy)
{
	struct policy_files files = { .load = load_feed, .data = &lazy };
	struct diagnostics diagnostics = { 0 };
	struct policy *policy;
	int error;

	error = policy_parse("test", text, strlen(text), &files, &policy, &diagnostics);
	if (error)
		fail_msg("%s\n%s", text, print_diagnostics(&diagnostics));
	diagnostics_clear(&diagnostics);
	return policy;
}

static void evaluate_frames(const struct policy *policy, enum pctl_direction direction,
			    const char *words, struct packet_fields *fields,
			    struct evaluation *evaluation)
{
	struct first_fragment items[2];
	struct fragment_memory memory = { .items = items, .capacity = COUNT(items) };
	char text[300], *rest = text, *one;
	static struct frame frame;

	snprintf(text, sizeof(text), "%s", words);
	while ((one = strsep(&rest, ";"))) {
		frame_from_text(&frame, one);
		packet_fields_read(frame.data, frame.length, fields);
		assert_int_equal(policy_evaluate(policy, direction, fields, &memory, evaluation),
				 0);
	}
}

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct policy *policy = parse(row->policy, false);
		struct packet_fields fields;
		struct evaluation e;

		evaluate_frames(policy, row->direction, row->frames, &fields, &e);
		if (row->passes != (e.verdict == VERDICT_ALLOW) || row->slot != e.slot ||
		    row->reason != e.reason)
			fail_msg("row %zu: %s\n%s %s: slot %u, reason %d", i, row->policy,
				 row->frames, policy_verdict_name(e.verdict), e.slot, e.reason);
		assert_true(!e.rule == (e.slot < PCTL_SLOT_RULES));
		if (e.rule)
			assert_ptr_equal(e.rule, &policy->rules[e.slot - PCTL_SLOT_RULES]);
		assert_true(!e.implicit || e.implicit->slot == e.slot);
		policy_free(policy);
	}
}

/* The table of docs/policy-language.md, What is unknown. */
static void what_is_unknown(void **state)
{
	static const struct row rows[] = {
		{ "deny tcp dport 80", TO, "ip4:off=3,next=6 data:40", false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		{ "deny tcp dport 80", TO, "ip4:off=3,next=17 data:40", true, DEFAULT,
		  PCTL_UNKNOWN_FRAGMENT },
		{ "deny tcp dport 80", TO, "ip6 dest dest dest dest dest dest dest dest dest udp",
		  false, RULE(0), PCTL_UNKNOWN_EXT_DEPTH },
		{ "deny tcp dport 80", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_UNKNOWN_ETHERTYPE },
		{ "allow tcp dport 80\ndeny tcp dport 80", FROM, "ip4:off=3,next=6 data:40", false,
		  RULE(1), PCTL_UNKNOWN_FRAGMENT },
		{ "default to deny\nallow to tcp dport 443", TO, "ip4:off=3,next=6 data:40", false,
		  DEFAULT, PCTL_UNKNOWN_FRAGMENT },
		{ "default to deny\nallow to tcp dport 443", TO, "ip6 frag:off=3,next=6 data:40",
		  false, DEFAULT, PCTL_UNKNOWN_FRAGMENT },
		{ "default to deny\nallow to tcp", TO, "ip4:off=3,next=6 data:40", true, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		{ "default to deny\nallow to any", TO, "ip6 frag:off=3,next=6 data:40", true,
		  RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "default to deny\nallow to any", TO, "ethertype:0x88cc data:46", false, DEFAULT,
		  PCTL_UNKNOWN_ETHERTYPE },
		{ "allow to tcp", TO, "ethertype:0x88cc data:46", true, DEFAULT,
		  PCTL_UNKNOWN_ETHERTYPE },
		/* Under `default deny` an unknown type gets no grace. */
		{ "default deny", TO, "ip6 icmpv6:135", true, KEEP(ND), KNOWN },
		{ "default deny", TO, "ip6 icmpv6:135,size=1", false, DEFAULT,
		  PCTL_UNKNOWN_L4_SHORT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void protocols_and_ports(void **state)
{
	static const struct row rows[] = {
		{ "deny tcp dport 80", TO, "ip4 tcp:80", false, RULE(0), KNOWN },
		{ "deny tcp dport 80", TO, "ip4 tcp:81", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80", TO, "ip6 tcp:80", false, RULE(0), KNOWN },
		{ "deny tcp dport 80", TO, "vlan vlan:0x88a8 ip4 tcp:80", false, RULE(0), KNOWN },
		{ "deny tcp dport 80", TO, "vlan vlan vlan ip4 udp:80", false, RULE(0),
		  PCTL_UNKNOWN_VLAN_DEPTH },
		{ "deny from tcp dport 80", TO, "ip4 tcp:80", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80", TO, "ip4 tcp:80,size=3", false, RULE(0),
		  PCTL_UNKNOWN_L4_SHORT },
		{ "deny tcp dport 80", TO, "ip4 tcp:81,size=4", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80", TO, "ip4:total=23 tcp:81", false, RULE(0),
		  PCTL_UNKNOWN_L4_SHORT },
		{ "deny tcp dport 80", TO, "ip4:ihl=4 udp", false, RULE(0),
		  PCTL_UNKNOWN_IP_HEADER },
		{ "deny icmp type 3 code 4", TO, "ip4 icmp:3,code=4", false, RULE(0), KNOWN },
		{ "deny icmp type 3 code 4", TO, "ip4 icmp:3,code=3", true, DEFAULT, KNOWN },
		{ "deny icmp type 3 code 4", TO, "ip4 icmp:4,size=1", false, RULE(0),
		  PCTL_UNKNOWN_L4_SHORT },
		{ "deny ah", TO, "ip4 ah tcp:80", false, RULE(0), KNOWN },
		{ "default deny\nallow ah", TO, "ip4 ah tcp:80", false, DEFAULT, KNOWN },
		{ "default deny\nallow tcp dport 80\nallow ah", TO, "ip6 ah tcp:80", true, RULE(0),
		  KNOWN },
		{ "deny ah", TO, "ip4:off=3,next=51 data:40", false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		{ "allow tcp dport 80\ndeny udp", TO, "ip4:off=3,next=51 data:40", false, RULE(1),
		  PCTL_UNKNOWN_FRAGMENT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void source_ports(void **state)
{
	static const struct row rows[] = {
		{ "deny udp sport 53", TO, "ip4 udp:9,sport=53", false, RULE(0), KNOWN },
		{ "deny udp sport 53", TO, "ip4 udp:53,sport=9", true, DEFAULT, KNOWN },
		{ "deny udp sport 53", TO, "ip4 udp:53,sport=9,size=2", false, RULE(0),
		  PCTL_UNKNOWN_L4_SHORT },
		{ "deny udp dport not { 53, 80-90 }", TO, "ip4 udp:53", true, DEFAULT, KNOWN },
		{ "deny udp dport not { 53, 80-90 }", TO, "ip4 udp:85", true, DEFAULT, KNOWN },
		{ "deny udp dport not { 53, 80-90 }", TO, "ip4 udp:54", false, RULE(0), KNOWN },
		{ "deny udp sport not 53 dport 80", TO, "ip6 udp:80,sport=53", true, DEFAULT,
		  KNOWN },
		{ "deny udp sport not 53 dport 80", TO, "ip6 udp:80,sport=54", false, RULE(0),
		  KNOWN },
		{ "deny udp sport 53 dport 80", TO, "ip4:off=3,next=17 data:40", false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
	};

	(void)state;
	check(rows, COUNT(rows));
}

#define OFFICE "set office { 198.51.100.0/24, 2001:db8:1::/48 }\n"

static void peers(void **state)
{
	static const struct row rows[] = {
		/* The peer is the destination of what is sent, the source of what is received. */
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
	check(rows, COUNT(rows));
}

#define LSRR "opt=830704c0000201"
#define SSRR "opt=890704c0000201"
#define EIGHT "dest dest dest dest dest dest dest dest"
#define AHS "ah ah ah ah ah ah ah ah"

static void unknown_peers(void **state)
{
	static const struct row rows[] = {
		/* Loose and strict source routes: deny rules match, allow rules do not. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:" LSRR " tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer not 198.18.0.2", FROM, "ip4:" SSRR " tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "default deny\nallow any peer 198.18.0.2", FROM, "ip4:" LSRR " tcp", false,
		  DEFAULT, PCTL_UNKNOWN_ROUTE },
		{ "default deny\nallow any peer not 192.0.2.1", FROM, "ip4:" LSRR " tcp", false,
		  DEFAULT, PCTL_UNKNOWN_ROUTE },
		/* Where it came from is known; a policy that asks for no peer need not know. */
		{ "deny any peer 192.0.2.1", TO, "ip4:" LSRR " tcp", true, DEFAULT, KNOWN },
		{ "deny udp", FROM, "ip4:" LSRR " tcp", true, DEFAULT, KNOWN },
		{ "deny to any peer 192.0.2.1", FROM, "ip4:" LSRR " tcp", true, DEFAULT, KNOWN },
		/* Other options, and such as cannot be walked. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=010707040000000001 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=0083030000000000 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=0707040000000083 tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=07010100 tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=07050400 tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=01010107 tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=07040404 tcp", true, DEFAULT, KNOWN },
		{ "deny any peer 192.0.2.1", FROM, "ip4:opt=00000000 proto:47 cut:36", false,
		  RULE(0), PCTL_UNKNOWN_ROUTE },
		/* Routing headers, wherever they stand. */
		{ "deny any peer 2001:db8::9", FROM, "ip6 routing:2,left=1 tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer 2001:db8::9", FROM, "ip6 routing:2,left=0 tcp", true, DEFAULT,
		  KNOWN },
		{ "deny any peer 2001:db8::9", FROM,
		  "ip6 hop dest frag:more ah routing:2,type=4,left=3 tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
		{ "deny any peer 2001:db8::9", FROM, "ip6 routing:2,left=1 frag:off=3 data:40",
		  false, RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "deny any peer 2001:db8::9", TO, "ip6 routing:2,left=1 tcp", true, DEFAULT,
		  KNOWN },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void peers_and_what_else_is_unknown(void **state)
{
	static const struct row rows[] = {
		/* A chain that is not walked to its end may hide a routing header. */
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 dest " EIGHT " tcp", false,
		  DEFAULT, PCTL_UNKNOWN_EXT_DEPTH },
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 " EIGHT " tcp", true,
		  RULE(0), KNOWN },
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 frag:more,next=60", false,
		  DEFAULT, PCTL_UNKNOWN_EXT_SHORT },
		{ "default deny\nallow any peer 2001:db8::1", TO, "ip6 dest " EIGHT " tcp", true,
		  RULE(0), PCTL_UNKNOWN_EXT_DEPTH },
		{ "default deny\nallow any peer 198.18.0.2", FROM, "ip4 ah " AHS " tcp", true,
		  RULE(0), PCTL_UNKNOWN_EXT_DEPTH },
		/* What else is unknown is told first. */
		{ "deny any peer 192.0.2.1", FROM, "ip4:" LSRR " tcp:80,size=2", false, RULE(0),
		  PCTL_UNKNOWN_L4_SHORT },
		/* The peer of an IPv6 fragment is known, its protocol is not. */
		{ "deny tcp peer 2001:db8::9", FROM, "ip6 frag:off=3 data:40", true, DEFAULT,
		  PCTL_UNKNOWN_FRAGMENT },
		{ "deny tcp peer 2001:db8::2", FROM, "ip6 frag:off=3 data:40", false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		{ "default deny\nallow any peer 2001:db8::2", FROM, "ip6 frag:off=3 data:40", true,
		  RULE(0), PCTL_UNKNOWN_FRAGMENT },
		/* Not even known to be IP. */
		{ "deny any peer 192.0.2.1", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_UNKNOWN_ETHERTYPE },
		{ "deny udp sport 9 peer not 192.0.2.1", TO, "vlan cut:16", false, RULE(0),
		  PCTL_UNKNOWN_FRAME_SHORT },
		/* Behind AH: the same peer, for both that it is. */
		{ "deny ah peer 192.0.2.1", FROM, "ip4:dst=192.0.2.1 ah tcp", false, RULE(0),
		  KNOWN },
		{ "deny ah peer 192.0.2.1", FROM, "ip4:dst=192.0.2.2 ah tcp", true, DEFAULT,
		  KNOWN },
		{ "deny ah peer 192.0.2.1", FROM, "ip4:" LSRR " ah tcp", false, RULE(0),
		  PCTL_UNKNOWN_ROUTE },
	};

	(void)state;
	check(rows, COUNT(rows));
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
		{ "deny arp", TO, "ip6 frag:off=3 data:40", true, DEFAULT, PCTL_UNKNOWN_FRAGMENT },
		{ "deny arp", TO, "ethertype:0x88cc data:46", false, RULE(0),
		  PCTL_UNKNOWN_ETHERTYPE },
		{ "default deny\nallow arp\nallow any", TO, "ethertype:0x88cc data:46", false,
		  DEFAULT, PCTL_UNKNOWN_ETHERTYPE },
	};

	(void)state;
	check(rows, COUNT(rows));
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
	check(rows, COUNT(rows));
}

#define FIRST(port) "ip4:more,id=7 udp:" #port ";"
#define LATER "ip4:off=3,id=7,next=17 data:40"

static void later_fragments_follow(void **state)
{
	static const struct row rows[] = {
		{ "deny udp dport 80", TO, LATER, false, RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) LATER, true, DEFAULT, KNOWN },
		{ "deny udp dport 80", TO, FIRST(80) LATER, false, RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) FIRST(80) LATER, false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) "ip4:off=3,id=8,next=17 data:40", false,
		  RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80", TO, FIRST(53) "ip4:off=3,id=7,src=9,next=17 data:40", false,
		  RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80", TO, "ip6 frag:more,id=7 udp;ip6 frag:off=3,id=7 data:40",
		  false, RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "default deny\nallow udp dport 53", TO,
		  "ip6 frag:more,id=7 udp:53;ip6 frag:off=3,id=7,next=6 data:40", true, RULE(0),
		  KNOWN },
		/* The memory is small: the oldest is forgotten. */
		{ "deny udp dport 80", TO,
		  FIRST(53) "ip4:more,id=8 udp:53;ip4:more,id=9 udp:53;" LATER, false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		/* Of a source route, what the policy asks is not known; nor does one of them say
		 * where another goes. */
		{ "deny udp dport 80\ndeny tcp peer 192.0.2.9", FROM,
		  "ip4:more,id=7," LSRR " udp:53;" LATER, false, RULE(0), PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80\ndeny udp peer 192.0.2.9", FROM,
		  FIRST(53) "ip4:off=3,id=7,next=17," LSRR " data:40", false, RULE(0),
		  PCTL_UNKNOWN_FRAGMENT },
		{ "deny udp dport 80", FROM, "ip4:more,id=7," LSRR " udp:53;" LATER, true, DEFAULT,
		  KNOWN },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void tells_what_it_read(void **state)
{
	struct policy *policy = parse("deny tcp dport 80", false);
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
	struct policy *policy = parse("default deny\nallow tcp log\ndeny ah\nallow udp", false);
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
	struct policy *policy =
		parse("set feed file \"feed.txt\"\nallow to tcp\ndeny to any peer @feed", true);
	struct packet_fields fields = { .is_arp = true, .reason = -1 };
	struct evaluation e;

	(void)state;
	assert_int_equal(policy_evaluate(policy, TO, &fields, NULL, &e), -ENODATA);
	assert_int_equal(policy_evaluate(policy, FROM, &fields, NULL, &e), 0);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_unknown),
		cmocka_unit_test(protocols_and_ports),
		cmocka_unit_test(source_ports),
		cmocka_unit_test(peers),
		cmocka_unit_test(unknown_peers),
		cmocka_unit_test(peers_and_what_else_is_unknown),
		cmocka_unit_test(arp),
		cmocka_unit_test(default_deny_keeps_the_network),
		cmocka_unit_test(later_fragments_follow),
		cmocka_unit_test(tells_what_it_read),
		cmocka_unit_test(tells_what_decided),
		cmocka_unit_test(a_set_must_be_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
