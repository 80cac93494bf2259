/* SPDX-License-Identifier: GPL-2.0-only */
/* What `audit` passes, and what it does not, by the reference evaluator: docs/policy-language.md,
 * Trying a denial. */
#include "evaluate_rows.h"

#define FIRST(port) "ip4:more,id=7 udp:" #port ";"
#define LATER "ip4:off=3,id=7,next=17 data:40"
#define FOREIGN "ethertype:0x88cc data:46"
#define UNKNOWN_TCP "ip4:off=3,next=6 data:40"

static void what_matches_passes(void **state)
{
	static const struct row rows[] = {
		{ "deny tcp dport 80 audit", TO, "ip4 tcp:80", true, RULE(0), KNOWN },
		{ "deny tcp dport 80 audit", TO, "ip4 tcp:81", true, DEFAULT, KNOWN },
		{ "deny tcp dport 80 audit\ndeny tcp", TO, "ip4 tcp:80", true, RULE(0), KNOWN },
		{ "deny tcp dport 80 audit\ndeny tcp", TO, "ip4 tcp:81", false, RULE(1), KNOWN },
		{ "default to deny\ndeny tcp dport 80 audit", TO, "ip4 tcp:80", true, RULE(0),
		  KNOWN },
		{ "default to deny audit", TO, "ip4 tcp:80", true, DEFAULT, KNOWN },
		{ "default to deny audit", TO, "arp", true, KEEP(ARP), KNOWN },
		{ "default to deny audit\ndeny tcp dport 80", TO, "ip4 tcp:80", false, RULE(0),
		  KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void what_is_unknown(void **state)
{
	static const struct row rows[] = {
		/* Nothing behind it denies. */
		{ "deny tcp dport 80 audit", TO, UNKNOWN_TCP, true, RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny tcp dport 25\ndeny udp dport 80 audit", TO, FOREIGN, false, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		{ "deny udp dport 80 audit\ndeny from tcp", TO, FOREIGN, true, DEFAULT,
		  PCTL_REASON_ETHERTYPE },
		{ "deny to udp dport 80 audit\ndeny from tcp", TO, FOREIGN, true, RULE(0),
		  PCTL_REASON_ETHERTYPE },
		/* A packet that hides its port must not get around what does. */
		{ "deny tcp dport 80 audit\ndeny tcp dport 25", TO, UNKNOWN_TCP, false, RULE(1),
		  PCTL_REASON_FRAGMENT },
		{ "deny tcp dport 80 audit\ndeny tcp dport 25", TO, FOREIGN, false, RULE(1),
		  PCTL_REASON_ETHERTYPE },
		{ "deny tcp dport 80 audit\ndeny arp", TO, UNKNOWN_TCP, true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "default to deny\ndeny tcp dport 80 audit", TO, UNKNOWN_TCP, false, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "default to deny audit\ndeny tcp dport 80 audit", TO, UNKNOWN_TCP, true, RULE(0),
		  PCTL_REASON_FRAGMENT },
		{ "default to deny audit\nallow tcp dport 80", TO, UNKNOWN_TCP, true, DEFAULT,
		  PCTL_REASON_FRAGMENT },
		{ "deny tcp peer 192.0.2.1 audit\ndeny udp", FROM, "ip4:opt=830704c0000201 tcp",
		  true, DEFAULT, PCTL_REASON_ROUTE },
		{ "deny tcp peer 192.0.2.1 audit\ndeny tcp peer 192.0.2.9", FROM,
		  "ip4:opt=830704c0000201 tcp", false, RULE(1), PCTL_REASON_ROUTE },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void behind_an_ah(void **state)
{
	static const struct row rows[] = {
		{ "deny tcp audit", TO, "ip4 ah tcp", true, RULE(0), KNOWN },
		{ "deny ah audit", TO, "ip4 ah tcp", true, RULE(0), KNOWN },
		{ "deny tcp audit\ndeny ah audit", TO, "ip4 ah tcp", true, RULE(0), KNOWN },
		{ "deny tcp audit\ndeny ah", TO, "ip4 ah tcp", false, RULE(1), KNOWN },
		{ "deny ah audit\ndeny tcp", TO, "ip4 ah tcp", false, RULE(1), KNOWN },
		/* What the AH protects is unknown, that there is one is not. */
		{ "deny ah audit\ndeny arp", TO, "ip6:next=51 data:2", true, DEFAULT,
		  PCTL_REASON_EXT_SHORT },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void fragments(void **state)
{
	static const struct row rows[] = {
		/* The datagram passes as a whole. */
		{ "deny udp dport 53 audit\ndeny udp dport 80", TO, FIRST(53) LATER, true, RULE(0),
		  KNOWN },
		{ "deny udp dport 53 audit\ndeny udp dport 80", TO, FIRST(80) LATER, false, RULE(1),
		  PCTL_REASON_FRAGMENT },
		{ "deny udp dport 53 audit\ndeny udp dport 80", TO, FIRST(99) LATER, true, DEFAULT,
		  KNOWN },
		/* Counted as if the first one had been dropped. */
		{ "deny udp dport 80 audit\ndeny udp dport 53 audit", TO, FIRST(53) LATER, true,
		  RULE(0), PCTL_REASON_FRAGMENT },
		{ "deny udp dport 80 audit", TO, FIRST(99) LATER, true, DEFAULT, KNOWN },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

/* An audited attachment: nothing is dropped, and each packet counts where it would without. */
static void a_whole_policy(void **state)
{
	static const char *const policies[] = {
		"deny tcp dport 80\ndeny udp dport 53",
		"default deny\nallow tcp dport 443\ndeny icmp",
		"deny ah\ndeny tcp peer 192.0.2.1\ndeny udp dport 80",
		"deny udp dport 53 log\nallow udp\ndefault to deny",
	};
	static const char *const frames[] = {
		"ip4 tcp:80",
		"ip4 udp:53",
		"ip6 tcp:443",
		"ip4 icmp:8",
		"ip4 ah tcp:80",
		FIRST(53) LATER,
		FIRST(80) LATER,
		FIRST(99) LATER,
		"arp",
		"ip6 icmpv6:135",
		FOREIGN,
		UNKNOWN_TCP,
		"ip6 ah udp:53",
		"ip4:src=192.0.2.1 tcp",
		"ip4:version=6 tcp",
	};
	struct evaluation enforced, audited;
	struct packet_fields fields;

	(void)state;
	for (size_t i = 0; i < COUNT(policies); i++) {
		for (size_t j = 0; j < COUNT(frames); j++) {
			struct policy *policy = evaluate_parse(policies[i], false);

			evaluate_frames(policy, TO, frames[j], &fields, &enforced);
			policy->audit = true;
			evaluate_frames(policy, TO, frames[j], &fields, &audited);
			assert_true(evaluation_passes(&audited));
			assert_int_equal(audited.verdict, enforced.verdict);
			assert_int_equal(audited.audit, enforced.verdict != VERDICT_ALLOW);
			assert_int_equal(audited.slot, enforced.slot);
			assert_int_equal(audited.reason, enforced.reason);
			policy_free(policy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_matches_passes), cmocka_unit_test(what_is_unknown),
		cmocka_unit_test(behind_an_ah),	       cmocka_unit_test(fragments),
		cmocka_unit_test(a_whole_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
