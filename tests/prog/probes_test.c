/* SPDX-License-Identifier: GPL-2.0-only */
/* A program answers a probe with the verdict that a packet would get, and the probe leaves no
 * trace: it is not counted, readers are not notified, fragments are not remembered. A frame that
 * only looks like a probe is a packet. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdio.h>

#include "error.h"
#include "listener.h"
#include "netlink.h"
#include "probe.h"

#define POLICY                                 \
	"deny from tcp dport 80 log\n"         \
	"allow from udp peer 198.18.0.2 log\n" \
	"deny from any peer 192.0.2.9\n"       \
	"deny to icmp\n"                       \
	"default to deny\n"                    \
	"allow to tcp sport 443\n"

static const struct row {
	enum hook hook;
	const char *frame;
	bool passed, log;
	uint32_t slot;
	int reason;
} rows[] = {
	{ HOOK_XDP, "ip4 tcp:80", false, true, RULE(0), PCTL_REASON_NONE },
	{ HOOK_XDP, "ip6 tcp:80 data:9000", false, true, RULE(0), PCTL_REASON_NONE },
	{ HOOK_XDP, "ip4 tcp:80,size=2", false, true, RULE(0), PCTL_REASON_L4_SHORT },
	{ HOOK_XDP, "vlan ip4 udp:53", true, true, RULE(1), PCTL_REASON_NONE },
	{ HOOK_XDP, "ip4:opt=830704c0000201 udp:53", false, false, RULE(2), PCTL_REASON_ROUTE },
	{ HOOK_XDP, "ip6 tcp:81", true, false, PCTL_SLOT_DEFAULT, PCTL_REASON_NONE },
	{ HOOK_XDP, "arp", true, false, PCTL_SLOT_DEFAULT, PCTL_REASON_NONE },
	{ HOOK_XDP, "cut:14", false, true, RULE(0), PCTL_REASON_ETHERTYPE },
	{ HOOK_GUARD, "ip4 tcp:80", false, true, RULE(0), PCTL_REASON_NONE },
	{ HOOK_GUARD, "ip4 udp:53", true, true, RULE(1), PCTL_REASON_NONE },
	{ HOOK_GUARD, "ip6 tcp:81", true, false, PCTL_SLOT_DEFAULT, PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip4 icmp:8", false, false, RULE(3), PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip4 tcp:80,sport=443", true, false, RULE(4), PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip6 tcp:80", false, false, PCTL_SLOT_DEFAULT, PCTL_REASON_NONE },
	{ HOOK_EGRESS, "arp", true, false, PCTL_SLOT_KEEP_ARP, PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip6 icmpv6:135", true, false, PCTL_SLOT_KEEP_ND, PCTL_REASON_NONE },
};

static uint64_t all_counted(const struct enforcer *enforcer)
{
	struct counters counters;
	uint64_t sum = 0;

	assert_int_equal(generation_counters(&enforcer->generation, &counters), 0);
	for (uint32_t i = 0; i < counters.slots * PCTL_DIRECTIONS + PCTL_UNKNOWN_COUNTERS; i++)
		sum += counters.items[i].packets + counters.items[i].bytes;
	counters_free(&counters);
	return sum;
}

static int ask(const struct enforcer *enforcer, enum hook hook, const char *text,
	       struct probe_answer *answer)
{
	struct frame frame;

	frame_from_text(&frame, text);
	return probe_program(&enforcer->generation, hook, frame.data, frame.length, answer);
}

static void check_answer(const struct enforcer *enforcer, const struct row *row)
{
	struct probe_answer answer;
	int error = ask(enforcer, row->hook, row->frame, &answer);

	if (error)
		fail_msg("%s: %s", row->frame, error_message(error));
	if ((answer.verdict == VERDICT_ALLOW) != row->passed || answer.log != row->log ||
	    answer.slot != row->slot || answer.reason != row->reason)
		fail_msg("%s: passed %d, log %d, slot %u, reason %u", row->frame,
			 answer.verdict == VERDICT_ALLOW, answer.log, answer.slot, answer.reason);
}

static void test_answers(void **state)
{
	const struct enforcer *enforcer = enforce(POLICY);
	struct listener *listener = listener_new(
		enforcer, &(struct reader_settings){ .snaplen = 64, .rate_passed = 100 });
	uint64_t before = all_counted(enforcer);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_answer(enforcer, &rows[i]);
	assert_int_equal(all_counted(enforcer), before);
	assert_int_equal(listener_hear(listener), 0);
	assert_int_equal(listener_lost(listener), 0);
	listener_free(listener);
}

/* The largest slot that an answer has room for. */
static void test_many_rules(void **state)
{
	const unsigned int count = 70000;
	struct enforcer *enforcer;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);
	struct row row = { HOOK_XDP,	    "ip4:src=1.2.3.4 proto:253",
			   false,	    true,
			   RULE(count - 1), PCTL_REASON_NONE };

	(void)state;
	assert_non_null(out);
	for (unsigned int i = 0; i + 1 < count; i++)
		fprintf(out, "allow from tcp dport %u\n", i % 65536);
	fputs("deny any log\n", out);
	fclose(out);
	enforcer = enforcer_new(text);
	row.frame = "ip4 udp:7";
	check_answer(enforcer, &row);
	enforcer_free(enforcer);
	free(text);
}

static void test_refused(void **state)
{
	const struct enforcer *enforcer = enforce(POLICY);
	struct probe_answer answer;

	(void)state;
	assert_int_equal(ask(enforcer, HOOK_XDP, "cut:13", &answer), -EOPNOTSUPP);
	assert_int_equal(ask(enforcer, HOOK_EGRESS, "ip4 cut:33", &answer), -EOPNOTSUPP);
	assert_non_null(strstr(error_message(0), "cut short"));
}

/* --- what is no probe --- */

static void check_packet(const struct enforcer *enforcer, enum hook hook, uint64_t mark)
{
	enum pctl_direction kind = hook == HOOK_XDP ? PCTL_FROM : PCTL_TO;
	const struct passage passage = { .hook = hook, .mark = mark };
	uint64_t before = all_counted(enforcer);
	struct frame frame;

	frame_from_text(&frame, "ip4 tcp:80");
	assert_int_equal(pass_bytes(enforcer, &passage, frame.data, frame.length),
			 expected_return(kind, false));
	assert_int_equal(all_counted(enforcer), before + 1 + frame.length);
}

static void test_wrong_marks(void **state)
{
	static const enum hook hooks[] = { HOOK_XDP, HOOK_EGRESS, HOOK_GUARD };
	const struct enforcer *enforcer = enforce("deny tcp\n");
	uint64_t right = enforcer->generation.meta.generation;
	const uint64_t wrong[] = {
		0,
		right + 1,
		~right,
		right & 0xffffffff,
		right >> 32 << 32,
		right ^ (1ull << 32),
		right ^ (1ull << 63),
		right << 32 | right >> 32,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hooks); i++)
		for (size_t j = 0; j < COUNT(wrong); j++)
			check_packet(enforcer, hooks[i], wrong[j]);
}

/* --- what is remembered --- */

/* The probe of a first fragment passes no later fragment. The probe of a later fragment is
 * judged without a first one. */
static void test_fragments(void **state)
{
	static const enum hook hooks[] = { HOOK_XDP, HOOK_EGRESS, HOOK_GUARD };
	static const char *const first[] = { "ip4:more,id=7 udp:53", "ip6 frag:more,id=7 udp:53" };
	static const char *const later[] = { "ip4:off=3,id=7,next=17 data:40",
					     "ip6 frag:off=3,id=7,next=17 data:40" };
	struct row asked = { .passed = true,
			     .slot = PCTL_SLOT_DEFAULT,
			     .reason = PCTL_REASON_NONE };
	struct row orphan = { .slot = RULE(0), .reason = PCTL_REASON_FRAGMENT };

	(void)state;
	for (size_t i = 0; i < COUNT(hooks); i++)
		for (size_t j = 0; j < COUNT(first); j++) {
			const struct enforcer *enforcer = enforce("deny udp dport 80\n");
			enum pctl_direction kind = hooks[i] == HOOK_XDP ? PCTL_FROM : PCTL_TO;

			asked.hook = orphan.hook = hooks[i];
			asked.frame = first[j];
			orphan.frame = later[j];
			check_answer(enforcer, &asked);
			assert_int_equal(pass_frame(enforcer, hooks[i], later[j]),
					 expected_return(kind, false));
			assert_int_equal(pass_frame(enforcer, hooks[i], first[j]),
					 expected_return(kind, true));
			check_answer(enforcer, &orphan);
			assert_int_equal(pass_frame(enforcer, hooks[i], later[j]),
					 expected_return(kind, true));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),	  cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_wrong_marks),
		cmocka_unit_test(test_fragments),
	};

	return run_group("probes", tests, COUNT(tests));
}
