/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters of packets: what matches, and what is refused. */
#include <errno.h>

#include "support.h"

#include "frame_text.h"
#include "implicit.h"
#include "packet_filter_parse.h"

static struct packet_filter *parse(const char *text, struct diagnostics *diagnostics)
{
	char *operands[] = { (char *)text };
	struct packet_filter *filter = NULL;
	int error = packet_filter_parse(operands, *text ? 1 : 0, &filter, diagnostics);

	assert_true(!error == !!filter);
	assert_true(!error || error == -EINVAL);
	return filter;
}

static bool fits(const char *text, const struct observation *observation)
{
	struct diagnostics diagnostics = { 0 };
	struct packet_filter *filter = parse(text, &diagnostics);
	bool answer;

	if (!filter)
		print_error("%s\n", print_diagnostics(&diagnostics));
	assert_non_null(filter);
	answer = packet_filter_fits(filter, observation);
	packet_filter_free(filter);
	return answer;
}

/* Of packets between 198.18.0.1 and 198.18.0.2, dropped by rule 7. */
static const struct row {
	const char *filter;
	enum pctl_direction direction;
	const char *frame;
	bool fits;
} rows[] = {
	{ "", PCTL_FROM, "ip4 tcp:80", true },
	{ "from", PCTL_FROM, "ip4 tcp:80", true },
	{ "from", PCTL_TO, "ip4 tcp:80", false },
	{ "from", PCTL_FROM, "arp", false }, /* `any` is every IP protocol */
	{ "arp", PCTL_FROM, "arp", true },
	{ "tcp", PCTL_TO, "ip4 tcp:80", true },
	{ "tcp", PCTL_TO, "ip4 udp:80", false },
	{ "{ tcp, udp }", PCTL_TO, "ip4 udp:80", true },
	{ "47", PCTL_TO, "ip4 proto:47", true },
	{ "to tcp dport 80", PCTL_TO, "ip4 tcp:80", true },
	{ "to tcp dport 80", PCTL_FROM, "ip4 tcp:80", false },
	{ "to tcp dport 80", PCTL_TO, "ip4 tcp:81", false },
	{ "tcp dport not 80", PCTL_TO, "ip4 tcp:81", true },
	{ "tcp dport 80 from", PCTL_TO, "ip4 tcp:80", false },
	{ "tcp dport 80 from", PCTL_FROM, "ip4 tcp:80", true },
	{ "dport 80", PCTL_TO, "ip4 tcp:80", true },
	{ "dport 80", PCTL_TO, "ip6 udp:80", true },
	{ "dport 80", PCTL_TO, "ip4 icmp:8", false },
	{ "from dport 80", PCTL_FROM, "ip4 tcp:80", true },
	{ "port 80", PCTL_TO, "ip4 tcp:80", true },
	{ "port 80", PCTL_TO, "ip4 tcp:9,sport=80", true },
	{ "port 80", PCTL_TO, "ip4 tcp:9", false },
	{ "port { 80, 90-99 } from", PCTL_FROM, "ip4 tcp:95", true },
	{ "udp port 80", PCTL_FROM, "ip4 tcp:80", false },
	{ "port https", PCTL_FROM, "ip4 tcp:443", true },
	{ "icmp type echo-request", PCTL_TO, "ip4 icmp:8", true },
	{ "icmp type echo-request", PCTL_TO, "ip4 icmp:0", false },
	{ "peer 198.18.0.2", PCTL_FROM, "ip4 tcp:80", true },
	{ "peer 198.18.0.2", PCTL_TO, "ip4 tcp:80", false },
	{ "from tcp dport 80 peer 198.18.0.0/24", PCTL_FROM, "ip4 tcp:80", true },
	{ "peer 198.18.0.2 dport 80", PCTL_FROM, "ip4 tcp:80", true },
	{ "peer 198.18.0.2 dport 80", PCTL_FROM, "ip4 icmp:8", false },
	{ "host 198.18.0.2", PCTL_TO, "ip4 tcp:80", true },
	{ "host 198.18.0.1", PCTL_TO, "ip4 tcp:80", true },
	{ "host 198.18.0.3", PCTL_TO, "ip4 tcp:80", false },
	{ "host { 2001:db8::/32 }", PCTL_TO, "ip6 tcp:80", true },
	{ "host 198.18.0.1 port 81", PCTL_TO, "ip4 tcp:80", false },
	{ "verdict drop", PCTL_TO, "ip4 tcp:80", true },
	{ "verdict pass", PCTL_TO, "ip4 tcp:80", false },
	{ "tcp verdict drop dport 80", PCTL_TO, "ip4 tcp:80", true },
	{ "rule 7", PCTL_TO, "ip4 tcp:80", true },
	{ "rule 8", PCTL_TO, "ip4 tcp:80", false },
	{ "default", PCTL_TO, "ip4 tcp:80", false },
	{ "implicit", PCTL_TO, "ip4 tcp:80", false },
	{ "log", PCTL_TO, "ip4 tcp:80", false },
	{ "reason any", PCTL_TO, "ip4 tcp:80", false },
	/* It may match, so it is shown. */
	{ "tcp dport 80", PCTL_TO, "ip4:off=3 tcp:80", true },
	{ "tcp dport 80", PCTL_TO, "ip4:off=3 udp:80", false },
	{ "udp dport 80", PCTL_TO, "ip4 tcp:80,size=3", false },
	{ "tcp dport 80", PCTL_TO, "ip4 tcp:80,size=3", true },
	{ "tcp", PCTL_TO, "ethertype:0x88cc data:40", true },
	{ "ethertype 0x88cc", PCTL_TO, "ethertype:0x88cc data:40", true },
	{ "ethertype 0x88cc", PCTL_TO, "ethertype:0x8035 data:40", false },
	{ "ethertype 0x88cc", PCTL_TO, "ip4 tcp", false },
	{ "ah", PCTL_TO, "ip4 ah tcp:80", true },
	{ "tcp", PCTL_TO, "ip4 ah tcp:80", true },
};

static struct observation observe_frame(const struct frame *frame, enum pctl_direction direction)
{
	static const struct rule rule = { .id = 7 };

	return (struct observation){
		.direction = direction,
		.verdict = VERDICT_DENY,
		.decided_by = DECIDED_BY_RULE,
		.rule = &rule,
		.rule_text = "deny any",
		.reason = PCTL_REASON_NONE,
		.packets = 1,
		.length = (uint32_t)frame->length,
		.frame = frame->data,
		.captured = (uint32_t)frame->length,
	};
}

static void test_rows(void **state)
{
	static struct frame frame;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct observation o;

		frame_from_text(&frame, rows[i].frame);
		o = observe_frame(&frame, rows[i].direction);
		if (fits(rows[i].filter, &o) != rows[i].fits)
			fail_msg("%s: %s", rows[i].filter, rows[i].frame);
	}
}

static void test_what_became_of_it(void **state)
{
	static struct frame frame;
	struct observation o;

	(void)state;
	frame_from_text(&frame, "ip4 tcp:80");
	o = observe_frame(&frame, PCTL_TO);
	o.reason = PCTL_REASON_FRAGMENT;
	assert_true(fits("reason any", &o));
	assert_true(fits("reason fragment", &o));
	assert_false(fits("reason l4-short", &o));
	o.log = true;
	o.verdict = VERDICT_REJECT;
	assert_true(fits("log verdict drop", &o) && fits("verdict reject", &o));
	assert_false(fits("verdict audit", &o) || fits("verdict pass", &o));
	o.audit = true;
	assert_true(fits("log verdict audit", &o));
	assert_false(fits("verdict drop", &o) || fits("verdict reject", &o) ||
		     fits("verdict pass", &o));
	o.verdict = VERDICT_ALLOW;
	o.audit = false;
	assert_true(fits("log verdict pass", &o));
	assert_false(fits("verdict audit", &o) || fits("verdict reject", &o));
	o.decided_by = DECIDED_BY_DEFAULT;
	o.rule = NULL;
	o.rule_text = "default to deny";
	assert_true(fits("default", &o));
	assert_false(fits("rule 7", &o));
	o.decided_by = DECIDED_BY_IMPLICIT;
	o.implicit = &policy_implicit_rules[0];
	o.rule_text = "implicit allow arp";
	assert_true(fits("implicit", &o));
	assert_false(fits("default", &o));
	/* It cannot be found out any more. */
	o.decided_by = DECIDED_BY_UNKNOWN;
	o.implicit = NULL;
	o.rule_text = "a policy that is gone";
	assert_true(fits("rule 7", &o));
	assert_true(fits("implicit", &o));
}

/* What was not captured may match. */
static void test_captured_in_part(void **state)
{
	static struct frame frame;
	struct observation o;

	(void)state;
	frame_from_text(&frame, "ip6 dest:9 tcp:80 data:900");
	o = observe_frame(&frame, PCTL_TO);
	assert_false(fits("udp", &o));
	assert_false(fits("tcp dport 81", &o));
	o.captured = 100;
	assert_false(fits("udp", &o)); /* the header with the protocol is captured */
	assert_true(fits("tcp dport 81", &o));
	assert_false(fits("host 2001:db8::3", &o));
}

static const struct mistake {
	const char *filter, *message;
} mistakes[] = {
	{ "tcp dport 70000", "FILTER:1:11: error: port 70000 is larger than 65535\n"
			     "    tcp dport 70000\n"
			     "              ^~~~~\n" },
	{ "rule 3 from port 70000 log", "FILTER:1:18: error: port 70000 is larger than 65535\n"
					"    rule 3 from port 70000 log\n"
					"                     ^~~~~\n" },
	{ "host 1.2.3.400", "FILTER:1:6: error: '1.2.3.400' is not an address" },
	{ "from tpc", "FILTER:1:6: error: unknown protocol 'tpc', did you mean 'tcp'?" },
	{ "tcp dprt 80", "FILTER:1:5: error: unknown word 'dprt', did you mean 'dport'?" },
	{ "tcp verdict maybe",
	  "FILTER:1:13: error: expected `drop`, `reject`, `audit` or `pass`, not 'maybe'" },
	{ "tcp verdict",
	  "FILTER:1:12: error: the filter ends where `drop`, `reject`, `audit` or `pass` should" },
	{ "port not 80", "FILTER:1:6: error: no `not` here" },
	{ "tcp dport 80 port 81", "FILTER:1:19: error: `port` asks for the port of either end" },
	{ "port 80 port 81", "FILTER:1:9: error: `port` is given twice" },
	{ "rule 7 default", "FILTER:1:8: error: " },
	{ "rule 0", "FILTER:1:6: error: expected the id of a rule" },
	{ "rule 4294967296", "FILTER:1:6: error: expected the id of a rule" },
	{ "reason tired", "FILTER:1:8: error: expected `any` or the name of a reason" },
	{ "tcp dev veth0", "FILTER:1:5: error: `dev IFACE` comes before" },
	{ "tcp peer @office", "FILTER:1:10: error: unknown set '@office'" },
	{ "from tcp to", "FILTER:1:10: error: " },
	{ "icmp port 80", "FILTER:1:11: error: `dport` does not fit here" },
	{ "deny tcp", "FILTER:1:1: error: unknown protocol 'deny'" },
	/* Text that would be read as another line, or not at all. */
	{ "tcp\nallow any", "FILTER:1:4: error: a filter is one line" },
	{ "tcp # dport 80", "FILTER:1:5: error: a filter is one line" },
	{ "tcp; any", "FILTER:1:4: error: " },
	{ "port { 80", "FILTER:1:10: error: " },
	{ "port }", "FILTER:1:" },
	{ "} verdict drop", "FILTER:1:1: error: " },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct diagnostics diagnostics = { 0 };
		char *text;

		if (parse(mistakes[i].filter, &diagnostics))
			fail_msg("not refused: %s", mistakes[i].filter);
		assert_true(diagnostics.errors);
		text = print_diagnostics(&diagnostics);
		assert_contains(text, mistakes[i].message);
		free(text);
	}
}

static void test_what_begins_one(void **state)
{
	static const char *const yes[] = { "from", "to",      "tcp",  "47",	      "any",
					   "port", "default", "icmp", "tcp dport 80", "{tcp,udp}",
					   "peer", "rule",    "dev",  "proto" };
	static const char *const no[] = { "veth0", "eth0",  "pid:1", "netns:a",
					  "tpc",   "br-42", "4veth", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(packet_filter_begins(yes[i]));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(packet_filter_begins(no[i]));
}

/* Words of a filter in any order: refused with a message, or a filter. */
static void test_any_words(void **state)
{
	static const char *const words[] = {
		"from",	   "to",   "tcp",      "udp",	"icmp",	      "any",	       "arp",
		"{",	   "}",	   ",",	       "dport", "sport",      "port",	       "peer",
		"host",	   "type", "not",      "80",	"443-1",      "rule",	       "reason",
		"default", "log",  "implicit", "drop",	"198.18.0.1", "2001:db8::/32", "verdict",
		"@x",	   "/",	   "\"",       "any",
	};
	static struct frame frame;
	struct random random = { .state = 9 };
	struct observation o;

	(void)state;
	frame_from_text(&frame, "ip4 tcp:80");
	o = observe_frame(&frame, PCTL_TO);
	for (int i = 0; i < 50000; i++) {
		struct diagnostics diagnostics = { 0 };
		struct packet_filter *filter = NULL;
		char *operands[8];
		size_t count = random_below(&random, 8);

		for (size_t j = 0; j < count; j++)
			operands[j] = (char *)words[random_below(&random, COUNT(words))];
		if (packet_filter_parse(operands, count, &filter, &diagnostics))
			assert_true(diagnostics.errors);
		else
			packet_filter_fits(filter, &o);
		packet_filter_free(filter);
		free(print_diagnostics(&diagnostics));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_what_became_of_it),
		cmocka_unit_test(test_captured_in_part),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_what_begins_one),
		cmocka_unit_test(test_any_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
