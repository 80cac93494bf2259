/* SPDX-License-Identifier: GPL-2.0-only */
/* Events for readers: the frame, its verdict and reason, and as many bytes as the reader asked
 * for. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>

#include "listener.h"

#define POLICY                                        \
	"deny from tcp dport 80 log\n"                \
	"allow from udp peer 198.18.0.2 log\n"        \
	"deny from any peer { 192.0.2.9, ::9 } log\n" \
	"deny to icmp log\n"                          \
	"deny to tcp\n"

#define DROP(slot) PCTL_OUTCOME(PCTL_DROP, slot)
#define PASS(slot) PCTL_OUTCOME(PCTL_PASS, slot)

static const struct row {
	enum hook hook;
	const char *frame;
	uint32_t outcome;
	int reason;
} rows[] = {
	/* Dropped, by a rule that logs and by others. */
	{ HOOK_XDP, "ip4 tcp:80", DROP(RULE(0)) | PCTL_LOG, PCTL_REASON_NONE },
	{ HOOK_XDP, "ip6 tcp:80", DROP(RULE(0)) | PCTL_LOG, PCTL_REASON_NONE },
	{ HOOK_XDP, "vlan ip4 tcp:80", DROP(RULE(0)) | PCTL_LOG, PCTL_REASON_NONE },
	{ HOOK_XDP, "ip4 tcp:80,size=2", DROP(RULE(0)) | PCTL_LOG, PCTL_REASON_L4_SHORT },
	{ HOOK_XDP, "ip4:opt=830704c0000201 udp:53", DROP(RULE(2)) | PCTL_LOG, PCTL_REASON_ROUTE },
	{ HOOK_GUARD, "ip4 tcp:80", DROP(RULE(0)) | PCTL_LOG, PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip4 icmp:8 pad:200", DROP(RULE(3)) | PCTL_LOG, PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip4 tcp:80", DROP(RULE(4)), PCTL_REASON_NONE },
	{ HOOK_EGRESS, "vlan ip6 hop tcp:443", DROP(RULE(4)), PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip4:off=3,id=8,next=6 data:40", DROP(RULE(4)), PCTL_REASON_FRAGMENT },
	/* Passed, by a rule that logs. */
	{ HOOK_XDP, "ip4 udp:53", PASS(RULE(1)) | PCTL_LOG, PCTL_REASON_NONE },
	{ HOOK_GUARD, "ip4 udp:53", PASS(RULE(1)) | PCTL_LOG, PCTL_REASON_NONE },
	/* Passed without `log`: only for readers of passed packets. */
	{ HOOK_XDP, "ip4 tcp:81", PASS(PCTL_SLOT_DEFAULT), PCTL_REASON_NONE },
	{ HOOK_XDP, "arp", PASS(PCTL_SLOT_DEFAULT), PCTL_REASON_NONE },
	{ HOOK_GUARD, "ip6 tcp:81", PASS(PCTL_SLOT_DEFAULT), PCTL_REASON_NONE },
	{ HOOK_EGRESS, "ip4 udp:80", PASS(PCTL_SLOT_DEFAULT), PCTL_REASON_NONE },
};

static bool is_told_to_all(const struct row *row)
{
	return PCTL_OUTCOME_ACTION(row->outcome) == PCTL_DROP || row->outcome & PCTL_LOG;
}

static void check_event(const struct enforcer *enforcer, const struct row *row,
			const struct pctl_event *event)
{
	struct frame frame;

	frame_from_text(&frame, row->frame);
	assert_int_equal(event->outcome, row->outcome);
	assert_int_equal(event->reason, row->reason);
	assert_int_equal(event->direction, row->hook == HOOK_EGRESS ? PCTL_TO : PCTL_FROM);
	assert_int_equal(event->packets, 1);
	assert_int_equal(event->length, frame.length);
	assert_int_equal(event->ifindex, 1); /* where test runs happen */
	assert_int_equal(event->generation, enforcer->generation.meta.generation);
	assert_int_equal(event->captured, frame.length < 128 ? frame.length : 128);
	assert_memory_equal(event->data, frame.data, event->captured);
}

/* A default reader, and one of passed packets too. */
static void test_kinds(void **state)
{
	const struct enforcer *enforcer = enforce(POLICY);
	struct listener *most = listener_new(enforcer, &(struct reader_settings){ .snaplen = 128 });
	struct listener *all = listener_new(
		enforcer, &(struct reader_settings){ .snaplen = 128, .rate_passed = 10000 });
	uint64_t last = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		pass_frame(enforcer, rows[i].hook, rows[i].frame);
		assert_int_equal(listener_hear(most), is_told_to_all(&rows[i]));
		assert_int_equal(listener_hear(all), 1);
		if (is_told_to_all(&rows[i]))
			check_event(enforcer, &rows[i], &most->last);
		check_event(enforcer, &rows[i], &all->last);
		assert_true(all->last.time_ns > last);
		last = all->last.time_ns;
	}
	assert_int_equal(listener_lost(most), 0);
	assert_int_equal(listener_lost(all), 0);
	listener_free(all);
	listener_free(most);
}

/* A later fragment that takes the verdict of its first one is logged like that one. */
static void test_fragments(void **state)
{
	const struct enforcer *enforcer = enforce("allow from udp dport 53 log\ndeny from udp\n");
	struct listener *listener =
		listener_new(enforcer, &(struct reader_settings){ .snaplen = 64 });

	(void)state;
	pass_frame(enforcer, HOOK_XDP, "ip4:more,id=7 udp:53");
	pass_frame(enforcer, HOOK_XDP, "ip4:off=3,id=7,next=17 data:40");
	assert_int_equal(listener_hear(listener), 2);
	assert_int_equal(listener->last.outcome, PASS(RULE(0)) | PCTL_LOG);
	assert_int_equal(listener->last.reason, PCTL_REASON_NONE);
	pass_frame(enforcer, HOOK_XDP, "ip4:off=3,id=8,next=17 data:40");
	assert_int_equal(listener_hear(listener), 1);
	assert_int_equal(listener->last.outcome, DROP(RULE(1)));
	assert_int_equal(listener->last.reason, PCTL_REASON_FRAGMENT);
	listener_free(listener);
}

/* Packets of another interface become no events, and are not counted as lost. */
static void test_one_interface(void **state)
{
	const struct enforcer *enforcer = enforce("deny tcp\n");
	struct listener *here = listener_new(
		enforcer, &(struct reader_settings){ .ifindex = 1, .snaplen = 64, .rate = 10 });
	struct listener *elsewhere = listener_new(
		enforcer, &(struct reader_settings){ .ifindex = 2, .snaplen = 64, .rate = 10 });

	(void)state;
	flood(enforcer, HOOK_XDP, "ip4 tcp:80", 500);
	flood(enforcer, HOOK_EGRESS, "ip4 tcp:80", 500);
	assert_true(listener_hear(here) > 0);
	assert_int_equal(here->packets + listener_lost(here), 1000);
	assert_int_equal(listener_hear(elsewhere), 0);
	assert_int_equal(listener_lost(elsewhere), 0);
	listener_free(elsewhere);
	listener_free(here);
}

/* --- how much of a frame --- */

static const uint32_t snaplens[] = { 1, 14, 64, 128, 129, 1500, 2048, 2049, 65535 };
static const size_t lengths[] = {
	14,  15,   20,	 34,   60,   64,   65,	 127,  128,  129,  130,
	145, 1499, 1500, 1501, 2047, 2048, 2049, 3000, 3500, 9000, 65000
};

/* No byte is as those near it or those 256 on. */
static void number_bytes(uint8_t *frame, size_t length)
{
	for (size_t i = 0; i < length; i++)
		frame[i] = i * 7 + (i >> 8) * 3;
	frame[12] = 0x12; /* an ethertype that nothing parses */
	frame[13] = 0x34;
}

static void check_length(const struct enforcer *enforcer, struct listener *listener, enum hook hook,
			 size_t length, uint32_t snaplen)
{
	static uint8_t frame[FRAME_MAX];
	const struct pctl_event *event = &listener->last;
	int verdict;

	number_bytes(frame, length);
	verdict = pass_bytes(enforcer, &(struct passage){ .hook = hook }, frame, length);
	if (verdict < 0 && is_refused(hook == HOOK_XDP ? PCTL_FROM : PCTL_TO, frame, length))
		return;
	assert_int_equal(listener_hear(listener), 1);
	assert_int_equal(event->length, length);
	assert_int_equal(event->captured, length < snaplen ? length : snaplen);
	assert_memory_equal(event->data, frame, event->captured);
}

static void test_snaplen(void **state)
{
	const struct enforcer *enforcer = enforce("deny any\n");
	static const enum hook hooks[] = { HOOK_XDP, HOOK_EGRESS, HOOK_GUARD };
	struct listener *listener;

	(void)state;
	for (size_t i = 0; i < COUNT(snaplens); i++) {
		listener =
			listener_new(enforcer, &(struct reader_settings){ .snaplen = snaplens[i] });
		for (size_t j = 0; j < COUNT(lengths); j++)
			for (size_t hook = 0; hook < COUNT(hooks); hook++)
				check_length(enforcer, listener, hooks[hook], lengths[j],
					     snaplens[i]);
		assert_int_equal(listener_lost(listener), 0);
		listener_free(listener);
	}
}

/* Each reader gets as many bytes as it asked for. */
static void test_snaplens(void **state)
{
	const struct enforcer *enforcer = enforce("deny any\n");
	struct listener *small = listener_new(enforcer, &(struct reader_settings){ .snaplen = 20 });
	struct listener *large =
		listener_new(enforcer, &(struct reader_settings){ .snaplen = 65535 });

	(void)state;
	pass_frame(enforcer, HOOK_XDP, "ip4 tcp:80 data:5000");
	assert_int_equal(listener_hear(small), 1);
	assert_int_equal(small->last.captured, 20);
	assert_int_equal(listener_hear(large), 1);
	assert_true(large->last.captured > 5000);
	assert_int_equal(large->last.captured, large->last.length);
	listener_free(large);
	listener_free(small);
}

/* --- the ring --- */

/* A reader that keeps up gets more events than its ring has room for, and loses none. */
static void test_ring_again(void **state)
{
	const struct enforcer *enforcer = enforce("deny tcp\n");
	struct listener *listener = listener_new(
		enforcer, &(struct reader_settings){ .snaplen = 64, .rate = UINT32_MAX });
	unsigned int heard = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		flood(enforcer, HOOK_EGRESS, "ip4 tcp:80", 1000);
		heard += listener_hear(listener);
		assert_int_equal(listener->last.outcome, DROP(RULE(0)));
	}
	assert_int_equal(heard, 60000);
	assert_int_equal(listener_lost(listener), 0);
	listener_free(listener);
}

/* --- packets --- */

/* A GSO packet is one event, with the number of packets that it becomes, shown or lost. */
static void test_gso(void **state)
{
	const struct enforcer *enforcer = enforce("deny to tcp\n");
	const struct passage passage = { .hook = HOOK_EGRESS, .gso_segs = 9, .repeat = 100 };
	struct listener *listener =
		listener_new(enforcer, &(struct reader_settings){ .snaplen = 64, .rate = 10 });
	struct frame frame;

	(void)state;
	frame_from_text(&frame, "ip4 tcp:80 data:2000");
	assert_true(pass_bytes(enforcer, &passage, frame.data, frame.length) >= 0);
	assert_true(listener_hear(listener) >= 10);
	assert_int_equal(listener->last.packets, 9);
	assert_true(listener_lost(listener) > 0);
	assert_int_equal(listener->packets + listener_lost(listener), 900);
	listener_free(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	      cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_one_interface), cmocka_unit_test(test_snaplen),
		cmocka_unit_test(test_snaplens),      cmocka_unit_test(test_gso),
		cmocka_unit_test(test_ring_again),
	};

	return run_group("events", tests, COUNT(tests));
}
