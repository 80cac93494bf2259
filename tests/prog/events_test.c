/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule with `log` decides becomes an event: of which frame, with what verdict, and nothing
 * else does. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "support.h"

struct heard {
	unsigned int count;
	struct pctl_event last;
};

static int hear(void *data, void *event, size_t size)
{
	struct heard *heard = data;

	assert_true(size >= sizeof(heard->last));
	memcpy(&heard->last, event, sizeof(heard->last));
	heard->count++;
	return 0;
}

static struct ring_buffer *listen_to(const struct enforcer *enforcer, struct heard *heard)
{
	struct ring_buffer *ring =
		ring_buffer__new(enforcer->generation.maps[MAP_EVENTS], hear, heard, NULL);

	assert_non_null(ring);
	ring_buffer__consume(ring); /* what was there before */
	heard->count = 0;
	return ring;
}

static uint64_t lost(const struct enforcer *enforcer)
{
	uint64_t values[1024] = {}, sum = 0;
	__u32 index = 0;

	assert_true(libbpf_num_possible_cpus() <= (int)COUNT(values));
	assert_int_equal(
		bpf_map_lookup_elem(enforcer->generation.maps[MAP_LOST_EVENTS], &index, values), 0);
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		sum += values[i];
	return sum;
}

static void run(const struct enforcer *enforcer, enum hook hook, const char *text)
{
	struct frame frame;
	int verdict;

	frame_from_text(&frame, text);
	assert_int_equal(run_program(enforcer->generation.programs[hook].fd, frame.data,
				     frame.length, &verdict),
			 0);
}

#define POLICY                                        \
	"deny from tcp dport 80 log\n"                \
	"allow from udp peer 198.18.0.2 log\n"        \
	"deny from any peer { 192.0.2.9, ::9 } log\n" \
	"deny to icmp log\n"                          \
	"deny to tcp\n"

static const struct row {
	enum hook hook;
	const char *frame;
	uint32_t outcome; /* 0: no event */
	int reason;
} rows[] = {
	{ HOOK_XDP, "ip4 tcp:80", PCTL_OUTCOME(PCTL_DROP, RULE(0)), PCTL_ALL_KNOWN },
	{ HOOK_XDP, "ip6 tcp:80", PCTL_OUTCOME(PCTL_DROP, RULE(0)), PCTL_ALL_KNOWN },
	{ HOOK_XDP, "vlan ip4 tcp:80", PCTL_OUTCOME(PCTL_DROP, RULE(0)), PCTL_ALL_KNOWN },
	{ HOOK_XDP, "ip4 tcp:80,size=2", PCTL_OUTCOME(PCTL_DROP, RULE(0)), PCTL_UNKNOWN_L4_SHORT },
	{ HOOK_XDP, "ip4 udp:53", PCTL_OUTCOME(PCTL_PASS, RULE(1)), PCTL_ALL_KNOWN },
	{ HOOK_XDP, "ip4:opt=830704c0000201 udp:53", PCTL_OUTCOME(PCTL_DROP, RULE(2)),
	  PCTL_UNKNOWN_ROUTE },
	{ HOOK_XDP, "ip4 tcp:81", 0, 0 },
	{ HOOK_XDP, "arp", 0, 0 },
	{ HOOK_GUARD, "ip4 tcp:80", PCTL_OUTCOME(PCTL_DROP, RULE(0)), PCTL_ALL_KNOWN },
	{ HOOK_GUARD, "ip4 udp:53", PCTL_OUTCOME(PCTL_PASS, RULE(1)), PCTL_ALL_KNOWN },
	{ HOOK_EGRESS, "ip4 icmp:8 pad:200", PCTL_OUTCOME(PCTL_DROP, RULE(3)), PCTL_ALL_KNOWN },
	{ HOOK_EGRESS, "ip4 tcp:80", 0, 0 },
	{ HOOK_EGRESS, "ip4 udp:80", 0, 0 },
};

static void check_event(const struct enforcer *enforcer, const struct row *row,
			const struct pctl_event *event)
{
	struct frame frame;

	frame_from_text(&frame, row->frame);
	assert_int_equal(event->outcome, row->outcome | PCTL_LOG);
	assert_int_equal(event->reason, row->reason);
	assert_int_equal(event->direction, row->hook == HOOK_EGRESS ? PCTL_TO : PCTL_FROM);
	assert_int_equal(event->length, frame.length);
	assert_int_equal(event->generation, enforcer->generation.meta.generation);
	assert_true(event->time_ns > 0);
	assert_int_equal(event->captured,
			 frame.length < PCTL_EVENT_BYTES ? frame.length : PCTL_EVENT_BYTES);
	assert_memory_equal(event->data, frame.data, event->captured);
}

static void test_events(void **state)
{
	const struct enforcer *enforcer = enforce(POLICY);
	struct heard heard = {};
	struct ring_buffer *ring = listen_to(enforcer, &heard);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		heard.count = 0;
		run(enforcer, rows[i].hook, rows[i].frame);
		ring_buffer__consume(ring);
		assert_int_equal(heard.count, rows[i].outcome != 0);
		if (heard.count)
			check_event(enforcer, &rows[i], &heard.last);
	}
	assert_int_equal(lost(enforcer), 0);
	ring_buffer__free(ring);
}

/* A later fragment that follows its first one is logged as that was. */
static void test_fragments(void **state)
{
	const struct enforcer *enforcer = enforce("allow from udp dport 53 log\ndeny from udp\n");
	struct heard heard = {};
	struct ring_buffer *ring = listen_to(enforcer, &heard);

	(void)state;
	run(enforcer, HOOK_XDP, "ip4:more,id=7 udp:53");
	run(enforcer, HOOK_XDP, "ip4:off=3,id=7,next=17 data:40");
	run(enforcer, HOOK_XDP, "ip4:off=3,id=8,next=17 data:40");
	ring_buffer__consume(ring);
	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.last.outcome, PCTL_OUTCOME(PCTL_PASS, RULE(0)) | PCTL_LOG);
	assert_int_equal(heard.last.reason, PCTL_ALL_KNOWN);
	ring_buffer__free(ring);
}

/* Nobody reads: the packets are judged, what does not fit is counted. */
static void test_full(void **state)
{
	const struct enforcer *enforcer = enforce("deny from udp log\ndeny to icmpv6\n");
	struct heard heard = {};
	struct ring_buffer *ring = listen_to(enforcer, &heard);
	unsigned int sent = 0;

	(void)state;
	for (; !lost(enforcer) && sent < 100000000; sent += 1000)
		for (int i = 0; i < 1000; i++)
			run(enforcer, HOOK_XDP, "ip4 udp:53");
	expect_drop(enforcer, PCTL_FROM, "ip4 udp:53", RULE(0));
	ring_buffer__consume(ring);
	assert_int_equal(heard.count + lost(enforcer), sent + 1);
	ring_buffer__free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_full),
	};

	return run_group("events", tests, COUNT(tests));
}
