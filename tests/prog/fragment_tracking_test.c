/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Later fragments, of IPv4 and IPv6, take the verdict of their first one if that was seen and
 * allowed with all fields known. Without this a rule on one UDP port would drop the later fragments
 * of all.
 */
#include <bpf/bpf.h>

#include "support.h"

#define FAMILIES 2

/* The same pieces in both families. Ports 53 and 54 are allowed below, 80 is denied. */
static const struct pieces {
	const char *allowed_first; /* id 7, port 53 */
	const char *denied_first; /* id 7, port 80 */
	const char *tiny_first; /* id 7, ports missing */
	const char *later, *last; /* id 7 */
	const char *other_id, *other_source, *other_destination;
} families[FAMILIES] = {
	{
		.allowed_first = "ip4:more,id=7 udp:53",
		.denied_first = "ip4:more,id=7 udp:80",
		.tiny_first = "ip4:more,id=7 udp:53,size=3",
		.later = "ip4:more,off=3,id=7,next=17 data:40",
		.last = "ip4:off=8,id=7,next=17 data:5",
		.other_id = "ip4:off=3,id=8,next=17 data:40",
		.other_source = "ip4:off=3,id=7,src=9,next=17 data:40",
		.other_destination = "ip4:off=3,id=7,dst=9,next=17 data:40",
	},
	{
		.allowed_first = "ip6 frag:more,id=7 udp:53",
		.denied_first = "ip6 frag:more,id=7 udp:80",
		.tiny_first = "ip6 frag:more,id=7 udp:53,size=3",
		.later = "ip6 frag:more,off=3,id=7,next=17 data:40",
		.last = "ip6 frag:off=8,id=7,next=17 data:5",
		.other_id = "ip6 frag:off=3,id=65543,next=17 data:40",
		.other_source = "ip6:src=9 frag:off=3,id=7,next=17 data:40",
		.other_destination = "ip6:dst=9 frag:off=3,id=7,next=17 data:40",
	},
};

#define DENY_80 "deny udp dport 80\n"
#define ALLOW_53 "default deny\nallow udp dport { 53, 54 }\n"

static void expect_orphan(const struct enforcer *e, enum pctl_direction d, const char *frame,
			  uint32_t slot)
{
	expect(e, d, frame, false, slot, PCTL_REASON_FRAGMENT);
}

static void check_followed(const struct pieces *p, enum pctl_direction d)
{
	const struct enforcer *e = enforce(DENY_80);

	expect_pass(e, d, p->allowed_first, PCTL_SLOT_DEFAULT);
	expect_pass(e, d, p->later, PCTL_SLOT_DEFAULT);
	expect_pass(e, d, p->last, PCTL_SLOT_DEFAULT);
	expect_pass(e, d, p->later, PCTL_SLOT_DEFAULT); /* the network may repeat it */

	e = enforce(ALLOW_53);
	expect_orphan(e, d, p->later, PCTL_SLOT_DEFAULT);
	expect_pass(e, d, p->allowed_first, RULE(0));
	expect_pass(e, d, p->later, RULE(0));
	expect_pass(e, d, p->last, RULE(0));
}

static void check_not_followed(const struct pieces *p, enum pctl_direction d)
{
	const struct enforcer *e = enforce(DENY_80);

	expect_orphan(e, d, p->later, RULE(0)); /* before the first one */
	expect_pass(e, d, p->allowed_first, PCTL_SLOT_DEFAULT);
	expect_orphan(e, d, p->other_id, RULE(0));
	expect_orphan(e, d, p->other_source, RULE(0));
	expect_orphan(e, d, p->other_destination, RULE(0));
	expect_orphan(e, d == PCTL_FROM ? PCTL_TO : PCTL_FROM, p->later, RULE(0));
	expect_pass(e, d, p->later, PCTL_SLOT_DEFAULT);
}

static void check_denied_first(const struct pieces *p, enum pctl_direction d)
{
	const struct enforcer *e = enforce(DENY_80);

	expect_drop(e, d, p->denied_first, RULE(0));
	expect_orphan(e, d, p->later, RULE(0));
	/* An allowed first fragment, then a denied one for the same datagram. */
	expect_pass(e, d, p->allowed_first, PCTL_SLOT_DEFAULT);
	expect_drop(e, d, p->denied_first, RULE(0));
	expect_orphan(e, d, p->later, RULE(0));
	/* And the same with one that is too short to be judged. */
	expect_pass(e, d, p->allowed_first, PCTL_SLOT_DEFAULT);
	expect(e, d, p->tiny_first, false, RULE(0), PCTL_REASON_L4_SHORT);
	expect_orphan(e, d, p->later, RULE(0));

	e = enforce(ALLOW_53);
	expect_drop(e, d, p->denied_first, PCTL_SLOT_DEFAULT);
	expect_orphan(e, d, p->later, PCTL_SLOT_DEFAULT);
}

static void for_all(void (*check)(const struct pieces *, enum pctl_direction))
{
	for (size_t i = 0; i < FAMILIES; i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			check(&families[i], d);
}

static void test_followed(void **state)
{
	(void)state;
	for_all(check_followed);
}

static void test_not_followed(void **state)
{
	(void)state;
	for_all(check_not_followed);
}

static void test_denied_first(void **state)
{
	(void)state;
	for_all(check_denied_first);
}

/* In IPv4 the protocol is part of a datagram's identity (RFC 791): a first fragment of UDP is
 * not one of UDP-Lite. */
static void test_other_protocol(void **state)
{
	const struct enforcer *e = enforce("deny udp dport 80\ndeny udplite dport 80\n");

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		expect_pass(e, d, families[0].allowed_first, PCTL_SLOT_DEFAULT);
		expect_orphan(e, d, "ip4:off=3,id=7,next=136 data:40", RULE(1));
	}
}

/* In IPv6 the next header of a later fragment means nothing (RFC 8200 section 4.5). The protocol
 * is unknown, and the first fragment's verdict counts. */
static void test_lying_next_header(void **state)
{
	static const char *const lies[] = {
		"ip6 frag:off=3,id=7,next=17 data:40", "ip6 frag:off=3,id=7,next=6 data:40",
		"ip6 frag:off=3,id=7,next=58 data:40", "ip6 frag:off=3,id=7,next=47 data:40",
		"ip6 frag:off=3,id=7,next=59 data:40", "ip6 frag:off=3,id=7,next=51 data:40",
	};
	const struct enforcer *e;

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
			e = enforce("deny tcp\n");
			expect_orphan(e, d, lies[i], RULE(0));
			expect_drop(e, d, "ip6 frag:more,id=7 tcp:53", RULE(0));
			expect_orphan(e, d, lies[i], RULE(0));
			expect_pass(e, d, "ip6 frag:more,id=7 udp:53", PCTL_SLOT_DEFAULT);
			expect_pass(e, d, lies[i], PCTL_SLOT_DEFAULT);
			expect_orphan(enforce("default deny\nallow udp\nallow ah\n"), d, lies[i],
				      PCTL_SLOT_DEFAULT);
		}
	}
}

/* RFC 8200 section 4.5 wants the whole chain in the first fragment; one without it is unknown. */
static void test_cut_chain(void **state)
{
	const struct enforcer *e = enforce("deny tcp\n");

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		expect(e, d, "ip6 frag:more,id=7,next=60 data:4", false, RULE(0),
		       PCTL_REASON_EXT_SHORT);
		expect_orphan(e, d, families[1].later, RULE(0));
		expect(e, d, "ip6 frag:more,id=7 dest:next=60 data:0", false, RULE(0),
		       PCTL_REASON_EXT_SHORT);
		expect_orphan(e, d, families[1].later, RULE(0));
	}
}

/* A first fragment that passed without its ports known does not pass its later fragments. */
static void test_first_unknown_but_passed(void **state)
{
	const struct enforcer *e = enforce("deny tcp dport 80\n");

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		expect(e, d, "ip6 frag:more,id=7 udp:53,size=2", true, PCTL_SLOT_DEFAULT,
		       PCTL_REASON_L4_SHORT);
		expect_orphan(e, d, families[1].later, RULE(0));
	}
}

/* Headers before the fragment header, tags and AH do not change the datagram of a fragment. */
static void test_wrapped(void **state)
{
	const struct enforcer *e = enforce(DENY_80);

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		expect_pass(e, d, "ip6 dest frag:more,id=7 dest udp:53", PCTL_SLOT_DEFAULT);
		expect_pass(e, d, "vlan ip6 hop frag:off=3,id=7,next=17 data:8", PCTL_SLOT_DEFAULT);
		expect_pass(e, d, "ip4:more,id=7 ah udp:53", PCTL_SLOT_DEFAULT);
		expect_pass(e, d, "ip4:off=3,id=7,next=51 data:8", PCTL_SLOT_DEFAULT);
		expect_drop(e, d, "ip4:more,id=9 ah udp:80", RULE(0));
		expect_orphan(e, d, "ip4:off=3,id=9,next=51 data:8", RULE(0));
	}
}

/* After net.ipv4.ipfrag_time the receiver has given up, and another datagram may have the id. */
static void test_expiry(void **state)
{
	const struct enforcer *e = enforce(DENY_80);
	int fd = e->generation.maps[MAP_FRAGMENTS];
	struct pctl_fragment_key key;
	struct pctl_fragment seen;

	(void)state;
	for (size_t i = 0; i < FAMILIES; i++) {
		e = enforce(DENY_80);
		expect_pass(e, PCTL_FROM, families[i].allowed_first, PCTL_SLOT_DEFAULT);
		assert_int_equal(bpf_map_get_next_key(fd, NULL, &key), 0);
		assert_int_equal(bpf_map_lookup_elem(fd, &key, &seen), 0);
		seen.seen_ns -= (PCTL_FRAGMENT_SECONDS - 10) * 1000000000ull;
		assert_int_equal(bpf_map_update_elem(fd, &key, &seen, BPF_ANY), 0);
		expect_pass(e, PCTL_FROM, families[i].later, PCTL_SLOT_DEFAULT);
		seen.seen_ns -= 11 * 1000000000ull;
		assert_int_equal(bpf_map_update_elem(fd, &key, &seen, BPF_ANY), 0);
		expect_orphan(e, PCTL_FROM, families[i].later, RULE(0));
	}
}

/* Where no unknown field could drop a packet, the program remembers no first fragments. */
static void test_not_tracked(void **state)
{
	static const char *const policies[] = { "", "allow tcp dport 80\n",
						"default deny\nallow any\n" };
	struct pctl_fragment_key key;

	(void)state;
	for (size_t i = 0; i < COUNT(policies); i++) {
		const struct enforcer *e = enforce("%s", policies[i]);

		expect_pass(e, PCTL_FROM, families[0].allowed_first,
			    policies[i][0] == 'd' ? RULE(0) : PCTL_SLOT_DEFAULT);
		assert_int_not_equal(
			bpf_map_get_next_key(e->generation.maps[MAP_FRAGMENTS], NULL, &key), 0);
	}
}

/* What passes by `audit` alone passes as a whole. Where no rule drops the later ones, they are
 * counted as if the first one had been dropped. */
static void check_audited(const struct pieces *p, enum pctl_direction d)
{
	const struct enforcer *e = enforce("deny udp dport 53 audit\n" DENY_80);

	expect_orphan(e, d, p->later, RULE(1));
	expect_pass(e, d, p->allowed_first, RULE(0));
	expect_pass(e, d, p->later, RULE(0));
	expect_pass(e, d, p->last, RULE(0));
	expect_drop(e, d, p->denied_first, RULE(1));
	expect_orphan(e, d, p->later, RULE(1));

	e = enforce("deny udp dport 80 audit\ndeny udp dport 53 audit\n");
	expect_pass(e, d, p->allowed_first, RULE(1));
	expect(e, d, p->later, true, RULE(0), PCTL_REASON_FRAGMENT);
}

static void test_audited(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			check_audited(&families[i], d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_followed),
		cmocka_unit_test(test_not_followed),
		cmocka_unit_test(test_denied_first),
		cmocka_unit_test(test_other_protocol),
		cmocka_unit_test(test_lying_next_header),
		cmocka_unit_test(test_cut_chain),
		cmocka_unit_test(test_first_unknown_but_passed),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_not_tracked),
		cmocka_unit_test(test_audited),
	};

	return run_group("fragment tracking", tests, COUNT(tests));
}
