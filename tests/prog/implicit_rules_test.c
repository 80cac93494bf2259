/* SPDX-License-Identifier: GPL-2.0-only */
/* What the implicit rules of `default deny` pass, and what they do not. */
#include "support.h"

struct kept {
	const char *frame;
	enum pctl_slot slot;
	const char *denied_by; /* a rule that denies it all the same */
};

static const struct kept kept[] = {
	{ "ip6 icmpv6:133", PCTL_SLOT_KEEP_ND, "icmpv6 type 133" },
	{ "ip6 icmpv6:135", PCTL_SLOT_KEEP_ND, "icmpv6 type 135" },
	{ "ip6 icmpv6:136", PCTL_SLOT_KEEP_ND, "icmpv6 type neighbour-advertisement" },
	{ "ip6 icmpv6:136,code=7", PCTL_SLOT_KEEP_ND, "icmpv6" },
	{ "ip6 icmpv6:130", PCTL_SLOT_KEEP_MLD, "icmpv6 type 130" },
	{ "ip6 icmpv6:131", PCTL_SLOT_KEEP_MLD, "icmpv6 type 131" },
	{ "ip6 icmpv6:132", PCTL_SLOT_KEEP_MLD, "icmpv6 type 130-132" },
	{ "ip6 icmpv6:143", PCTL_SLOT_KEEP_MLD, "any" },
	/* MLD comes behind a router alert in a hop-by-hop header (RFC 3810 section 5). */
	{ "ip6 hop icmpv6:143", PCTL_SLOT_KEEP_MLD, "icmpv6 type 143" },
	/* IGMP has no type to ask for: all of it, later fragments too. */
	{ "ip4 proto:2", PCTL_SLOT_KEEP_IGMP, "igmp" },
	{ "vlan ip4 proto:2", PCTL_SLOT_KEEP_IGMP, "any" },
	{ "ip6 icmpv6:2", PCTL_SLOT_KEEP_PMTU, "icmpv6 type packet-too-big" },
	{ "ip4 icmp:3,code=4", PCTL_SLOT_KEEP_PMTU, "icmp type 3 code 4" },
	{ "vlan ip6 icmpv6:135", PCTL_SLOT_KEEP_ND, "icmpv6" },
	{ "vlan vlan ip4 icmp:3,code=4", PCTL_SLOT_KEEP_PMTU, "icmp" },
};

static const char *const not_kept[] = {
	"ip6 icmpv6:134", /* router advertisement */
	"ip6 icmpv6:137", /* redirect */
	"ip4 icmp:5", /* redirect */
	"ip4 icmp:5,code=1", "ip4 icmp:9", /* router advertisement */
	"ip4 icmp:3", /* unreachable, but not for its size */
	"ip4 icmp:3,code=3", "ip4 icmp:3,code=5", "ip4 icmp:4,code=3",	 "ip4 icmp:8",
	"ip4 icmp:0",	     "ip4 icmp:135",	  "ip6 icmpv6:1,code=4", "ip6 icmpv6:3,code=4",
	"ip6 icmpv6:128",    "ip6 icmpv6:129",	  "ip6 icmpv6:144",	 "ip4 tcp:80",
	"ip6 udp:53",	     "ip4 proto:1",
};

static void test_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
			const char *frame = kept[i].frame;

			expect_pass(enforce("default deny\n"), d, frame, kept[i].slot);
			expect_pass(enforce("default deny\nallow tcp dport 80\n"), d, frame,
				    kept[i].slot);
			/* Under `default allow` the default passes it. */
			expect_pass(enforce("deny tcp\n"), d, frame, PCTL_SLOT_DEFAULT);
		}
	}
}

/* Rules come before implicit rules, whatever their verdict. */
static void test_rules_beat_grace(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
			const char *frame = kept[i].frame, *rule = kept[i].denied_by;

			expect_drop(enforce("default deny\ndeny %s\n", rule), d, frame, RULE(0));
			expect_pass(enforce("default deny\nallow %s\n", rule), d, frame, RULE(0));
			expect_drop(enforce("default deny\nallow tcp\ndeny %s\n", rule), d, frame,
				    RULE(1));
			expect_pass(enforce("default deny\ndeny tcp\nallow %s\n", rule), d, frame,
				    RULE(1));
		}
	}
}

static void test_not_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(not_kept); i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			expect_drop(enforce("default deny\n"), d, not_kept[i], PCTL_SLOT_DEFAULT);
}

/* Implicit rules are allow rules: they match no unknown field. */
static void test_unknown_gets_no_grace(void **state)
{
	static const struct {
		const char *frame;
		int reason;
	} unknown[] = {
		{ "ip6 icmpv6:135,size=1", PCTL_REASON_L4_SHORT },
		{ "ip4:off=3,next=1 data:8", PCTL_REASON_FRAGMENT },
		{ "ip6 frag:off=3,next=58 data:8", PCTL_REASON_FRAGMENT },
		{ "vlan vlan vlan arp", PCTL_REASON_VLAN_DEPTH },
		{ "ethertype:0x88cc data:46", PCTL_REASON_ETHERTYPE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(unknown); i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			expect(enforce("default deny\n"), d, unknown[i].frame, false,
			       PCTL_SLOT_DEFAULT, unknown[i].reason);
}

/* Each direction has its own default, and implicit rules with it. */
static void test_directions(void **state)
{
	const struct enforcer *e = enforce("default from deny\n");

	(void)state;
	expect_pass(e, PCTL_FROM, "ip6 icmpv6:135", PCTL_SLOT_KEEP_ND);
	expect_pass(e, PCTL_TO, "ip6 icmpv6:135", PCTL_SLOT_DEFAULT);
	expect_drop(e, PCTL_FROM, "ip6 icmpv6:134", PCTL_SLOT_DEFAULT);
	expect_pass(e, PCTL_TO, "ip6 icmpv6:134", PCTL_SLOT_DEFAULT);
	expect_pass(e, PCTL_FROM, "arp", PCTL_SLOT_KEEP_ARP);
	expect_pass(e, PCTL_TO, "arp", PCTL_SLOT_DEFAULT);
	e = enforce("default to deny\n");
	expect_pass(e, PCTL_TO, "ip6 icmpv6:135", PCTL_SLOT_KEEP_ND);
	expect_pass(e, PCTL_FROM, "ip6 icmpv6:134", PCTL_SLOT_DEFAULT);
	expect_drop(e, PCTL_TO, "ip4 icmp:5", PCTL_SLOT_DEFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),	   cmocka_unit_test(test_rules_beat_grace),
		cmocka_unit_test(test_not_kept),   cmocka_unit_test(test_unknown_gets_no_grace),
		cmocka_unit_test(test_directions),
	};

	return run_group("implicit rules", tests, COUNT(tests));
}
