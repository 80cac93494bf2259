/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers to rejected frames: each byte is as answer_model.h says, at each hook, for random frames;
 * what must not be answered is not; and no more are sent than the limit allows.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>

#include "answer_model.h"
#include "clock.h"
#include "netlink.h"
#include "random_input.h"
#include "support.h"

#define POLICY "reject any\n"
#define ROUNDS 12
#define IN_A_ROUND (PCTL_ANSWERS_BURST - 100) /* answers: fewer than the limit */
#define SEED 20261130

static const struct meta generic = { .mode = XDP_MODE_GENERIC, .veth = 1, .guarded = 1 };
static const struct meta native = { .mode = XDP_MODE_NATIVE, .veth = 1, .guarded = 1 };

/* What became of one frame. */
struct outcome {
	int error; /* -EINVAL: BPF_PROG_TEST_RUN does not take it */
	int verdict;
	uint8_t frame[FRAME_MAX + 64];
	size_t length;
};

static void run_frame(const struct enforcer *e, enum hook hook, const struct frame *frame,
		      struct outcome *outcome)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->data,
		    .data_size_in = frame->length, .data_out = outcome->frame,
		    .data_size_out = sizeof(outcome->frame), .repeat = 1);

	outcome->error = bpf_prog_test_run_opts(e->generation.programs[hook].fd, &options);
	outcome->verdict = (int)options.retval;
	outcome->length = options.data_size_out;
}

/* What a program returns for an answer, with this many bytes in front of the frame. */
struct way {
	enum hook hook;
	const struct meta *meta;
	int answered, dropped;
	size_t front;
};

static const struct way ways[] = {
	{ HOOK_XDP, &generic, XDP_TX, XDP_DROP, 0 },
	{ HOOK_XDP, &native, XDP_PASS, XDP_DROP, sizeof(uint64_t) },
	{ HOOK_GUARD, &generic, TC_ACT_REDIRECT, TC_ACT_SHOT, 0 },
	{ HOOK_EGRESS, &generic, TC_ACT_REDIRECT, TC_ACT_SHOT, 0 },
};

static void print_frame(const char *what, const uint8_t *frame, size_t length)
{
	fprintf(stderr, "%s:", what);
	for (size_t i = 0; i < length && i < 300; i++)
		fprintf(stderr, " %02x", frame[i]);
	fprintf(stderr, "\n");
}

/* Returns whether it was answered. */
static bool check_frame(const struct enforcer *e, const struct way *way, const struct frame *frame)
{
	static struct outcome outcome;
	uint8_t expected[ANSWER_MAX];
	size_t length = answer_model(frame->data, frame->length, expected);
	/* ARP passes in native mode, too: nothing is in front of it. */
	bool same;

	run_frame(e, way->hook, frame, &outcome);
	if (outcome.error) {
		assert_int_equal(outcome.error, -EINVAL);
		return false;
	}
	if (!length)
		same = outcome.verdict == way->dropped ||
		       (outcome.length == frame->length &&
			!memcmp(outcome.frame, frame->data, frame->length));
	else
		same = outcome.verdict == way->answered && outcome.length == way->front + length &&
		       !memcmp(outcome.frame + way->front, expected, length);
	if (same)
		return length;
	print_frame("frame", frame->data, frame->length);
	print_frame("expected", expected, length);
	print_frame("answer", outcome.frame, outcome.length);
	fail_msg("hook %d returned %d, model %zu bytes", way->hook, outcome.verdict, length);
	return false;
}

/* Sequence numbers, header length and flags of a TCP header, of which frames have the ports. */
static void tcp_fields(struct random *random, uint8_t *tcp)
{
	for (int i = 4; i < 12; i++)
		tcp[i] = random_below(random, 256);
	tcp[12] = (one_in(random, 6) ? random_below(random, 16) : 5) << 4;
	tcp[13] = one_in(random, 4) ? random_below(random, 256) : 1u << random_below(random, 5);
}

/* In frames without VLAN tags, options and extension headers. */
static void fill_tcp(struct random *random, struct frame *frame)
{
	size_t ip = 14, transport = 0;

	if (frame->length < 80)
		return;
	if (frame->data[12] == 8 && frame->data[ip] == 0x45 && frame->data[ip + 9] == 6)
		transport = ip + 20;
	if (frame->data[12] == 0x86 && frame->data[ip + 6] == 6)
		transport = ip + 40;
	if (transport)
		tcp_fields(random, frame->data + transport);
}

/* Random frames are seldom for a group, or from nobody. */
static void odd_ends(struct random *random, struct frame *frame)
{
	if (frame->length < 34 || !one_in(random, 8))
		return;
	if (one_in(random, 2))
		memset(frame->data + 6 * random_below(random, 2), one_in(random, 2) ? 0xff : 0, 6);
	else if (frame->data[12] == 8)
		frame->data[26 + 4 * random_below(random, 2)] =
			one_in(random, 2) ? 0 : random_below(random, 256);
}

static bool is_reset(const struct frame *frame)
{
	uint8_t answer[ANSWER_MAX];
	size_t length = answer_model(frame->data, frame->length, answer);

	return length == 14 + 40 ||
	       length == 14 + 60; /* an ICMP error of that size quotes nothing */
}

static void test_random(void **state)
{
	static struct frame frame;
	struct random random;
	uint64_t answered = 0, given = 0, resets = 0;

	(void)state;
	random_start(&random, SEED);
	for (size_t w = 0; w < COUNT(ways); w++)
		for (int round = 0; round < ROUNDS; round++) {
			struct enforcer *e = enforcer_for(POLICY, ways[w].meta);

			for (int sent = 0; sent < IN_A_ROUND; given++) {
				random_frame(&random, &frame);
				fill_tcp(&random, &frame);
				odd_ends(&random, &frame);
				if (!check_frame(e, &ways[w], &frame))
					continue;
				sent++;
				resets += is_reset(&frame);
			}
			answered += IN_A_ROUND;
			enforcer_free(e);
		}
	print_message("%llu frames, %llu answers, %llu of them resets\n", (unsigned long long)given,
		      (unsigned long long)answered, (unsigned long long)resets);
	assert_true(resets > answered / 20);
}

static void test_listed(void **state)
{
	static const struct {
		const char *frame;
		bool answered;
	} rows[] = {
		{ "ip4 tcp:80", true },
		{ "ip6 tcp:80", true },
		{ "ip4 udp:53", true },
		{ "ip6 udp:53 data:1000", true },
		{ "vlan ip4 tcp:80", true },
		{ "vlan vlan ip6 udp:53", true },
		{ "ip4:ihl=15 udp:53", true },
		{ "ip6 hop dest:2 udp:53", true },
		{ "ip6 frag:more udp:53", true },
		{ "ip4 icmp:8", true },
		{ "ip6 icmpv6:128", true },
		{ "ip4 icmp:3", false },
		{ "ip4 icmp:11", false },
		{ "ip4 icmp:200", false },
		{ "ip6 icmpv6:1", false },
		{ "ip6 icmpv6:137", false },
		{ "ip4 icmpv6:128", false },
		{ "ip4 ah udp:53", false },
		{ "ip6 ah udp:53", false },
		{ "ip6 routing udp:53", true },
		{ "ip4:opt=830704c0000201 udp:53", false },
		{ "ip4:dst=224.0.0.1 udp:53", false },
		{ "ip4:dst=255.255.255.255 udp:53", false },
		{ "arp", false },
		{ "cut:14", false },
	};
	static struct frame frame;
	uint8_t answer[ANSWER_MAX];

	(void)state;
	for (size_t w = 0; w < COUNT(ways); w++) {
		struct enforcer *e = enforcer_for(POLICY, ways[w].meta);

		for (size_t i = 0; i < COUNT(rows); i++) {
			frame_from_text(&frame, rows[i].frame);
			if (strstr(rows[i].frame, "tcp")) /* nothing else has a header length */
				frame.data[frame.length - 8] = 5 << 4;
			if (!!answer_model(frame.data, frame.length, answer) != rows[i].answered)
				fail_msg("%s: the model", rows[i].frame);
			check_frame(e, &ways[w], &frame);
		}
		enforcer_free(e);
	}
}

/* --- the limit --- */

static uint64_t answers_counted(const struct enforcer *e, enum pctl_answered fate,
				enum pctl_direction direction)
{
	struct counters counters;
	uint64_t packets;

	assert_int_equal(generation_counters(&e->generation, &counters), 0);
	packets = counters_answers(&counters, fate, direction)->packets;
	counters_free(&counters);
	return packets;
}

/* Both directions share one limit. */
static void test_limit(void **state)
{
	const uint64_t flood = 4 * PCTL_ANSWERS_BURST;
	struct enforcer *e = enforcer_for(POLICY, &generic);
	static struct outcome outcome;
	static struct frame frame;
	uint64_t start = clock_monotonic_ns(), sent[PCTL_DIRECTIONS] = {}, most;

	(void)state;
	frame_from_text(&frame, "ip4 udp:53");
	for (uint64_t i = 0; i < flood; i++) {
		run_frame(e, HOOK_XDP, &frame, &outcome);
		sent[PCTL_FROM] += outcome.verdict == XDP_TX;
		run_frame(e, HOOK_EGRESS, &frame, &outcome);
		sent[PCTL_TO] += outcome.verdict == TC_ACT_REDIRECT;
	}
	most = PCTL_ANSWERS_BURST + 1 +
	       PCTL_ANSWERS_RATE * (clock_monotonic_ns() - start) / NS_PER_SECOND;
	print_message("%llu frames, %llu answers, at most %llu\n", (unsigned long long)(2 * flood),
		      (unsigned long long)(sent[PCTL_FROM] + sent[PCTL_TO]),
		      (unsigned long long)most);
	assert_true(sent[PCTL_FROM] + sent[PCTL_TO] >= PCTL_ANSWERS_BURST);
	assert_true(sent[PCTL_FROM] + sent[PCTL_TO] <= most);
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		assert_int_equal(answers_counted(e, PCTL_ANSWER_SENT, i), sent[i]);
		assert_int_equal(answers_counted(e, PCTL_ANSWER_LIMITED, i), flood - sent[i]);
	}
	enforcer_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_limit),
	};

	return run_group("answers", tests, COUNT(tests));
}
