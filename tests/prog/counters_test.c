/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets and bytes are counted exactly, by rule, direction and verdict. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>

#include "support.h"

static const char policy[] = "default to deny\n"
			     "deny tcp dport 80\n"
			     "allow to tcp\n"
			     "deny from udp\n"
			     "allow to udp dport 53\n"
			     "deny to proto 47\n";

/* A frame, how often it is sent, and where it should count. */
struct traffic {
	const char *frame;
	enum pctl_direction direction;
	unsigned int packets;
	uint32_t slot;
	int reason;
};

static const struct traffic traffic[] = {
	{ "ip4 tcp:80", PCTL_FROM, 1000, RULE(0), KNOWN },
	{ "ip6 tcp:80", PCTL_TO, 77, RULE(0), KNOWN },
	{ "ip4 tcp:443", PCTL_FROM, 3, PCTL_SLOT_DEFAULT, KNOWN },
	{ "ip4 tcp:443 pad:1000", PCTL_TO, 12345, RULE(1), KNOWN },
	{ "ip4 udp:53", PCTL_FROM, 41, RULE(2), KNOWN },
	{ "ip4 udp:53", PCTL_TO, 42, RULE(3), KNOWN },
	{ "ip4 udp:54", PCTL_TO, 43, PCTL_SLOT_DEFAULT, KNOWN },
	{ "ip6 proto:47", PCTL_TO, 9, RULE(4), KNOWN },
	{ "arp", PCTL_FROM, 5, PCTL_SLOT_DEFAULT, KNOWN },
	{ "arp", PCTL_TO, 6, PCTL_SLOT_KEEP_ARP, KNOWN },
	{ "ip6 icmpv6:135", PCTL_TO, 7, PCTL_SLOT_KEEP_ND, KNOWN },
	{ "ip6 icmpv6:143", PCTL_TO, 8, PCTL_SLOT_KEEP_MLD, KNOWN },
	{ "ip4 icmp:3,code=4", PCTL_TO, 10, PCTL_SLOT_KEEP_PMTU, KNOWN },
	{ "ethertype:0x88cc data:46", PCTL_FROM, 11, RULE(0), PCTL_REASON_ETHERTYPE },
	{ "vlan vlan vlan arp", PCTL_TO, 13, RULE(0), PCTL_REASON_VLAN_DEPTH },
	{ "ip4:off=3,next=6 data:9", PCTL_TO, 14, RULE(0), PCTL_REASON_FRAGMENT },
	{ "ip4:total=21 tcp:443", PCTL_FROM, 15, RULE(0), PCTL_REASON_L4_SHORT },
	{ "ip4:version=6 tcp:443", PCTL_FROM, 16, RULE(0), PCTL_REASON_IP_HEADER },
	{ "ip6:next=60", PCTL_TO, 17, RULE(0), PCTL_REASON_EXT_SHORT },
};

static void repeat(const struct enforcer *e, const struct traffic *t, const struct frame *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->data,
		    .data_size_in = frame->length, .repeat = t->packets);

	assert_int_equal(bpf_prog_test_run_opts(program_of(e, t->direction), &options), 0);
}

static void expect_counter(const struct pctl_counter *counter, const struct pctl_counter *expected)
{
	assert_int_equal(counter->packets, expected->packets);
	assert_int_equal(counter->bytes, expected->bytes);
}

#define SLOTS (PCTL_SLOT_RULES + 5)

static void test_exact(void **state)
{
	static struct pctl_counter slots[SLOTS][PCTL_DIRECTIONS];
	static struct pctl_counter reasons[PCTL_REASON_MAX][PCTL_DIRECTIONS];
	const struct enforcer *e = enforce("%s", policy);
	struct counters counters;

	(void)state;
	for (size_t i = 0; i < COUNT(traffic); i++) {
		const struct traffic *t = &traffic[i];
		struct frame frame;

		frame_from_text(&frame, t->frame);
		repeat(e, t, &frame);
		slots[t->slot][t->direction].packets += t->packets;
		slots[t->slot][t->direction].bytes += t->packets * frame.length;
		if (t->reason == KNOWN)
			continue;
		reasons[t->reason][t->direction].packets += t->packets;
		reasons[t->reason][t->direction].bytes += t->packets * frame.length;
	}
	assert_int_equal(generation_counters(&e->generation, &counters), 0);
	assert_int_equal(counters.slots, SLOTS);
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		for (uint32_t i = 0; i < SLOTS; i++)
			expect_counter(counters_slot(&counters, i, d), &slots[i][d]);
		for (uint32_t i = 0; i < PCTL_REASON_MAX; i++)
			expect_counter(counters_unknown(&counters, i, d), &reasons[i][d]);
	}
	counters_free(&counters);
}

/* On tc a GSO packet counts as the packets that it becomes. XDP does not see gso_segs. */
static void test_gso(void **state)
{
	struct __sk_buff context = { .gso_segs = 44, .gso_size = 60 };
	const struct enforcer *e = enforce("deny to tcp dport 443\n");
	struct counters before, after;
	struct frame frame;

	(void)state;
	frame_from_text(&frame, "ip4 tcp:443 data:2600");
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data, .data_size_in = frame.length,
		    .repeat = 3, .ctx_in = &context, .ctx_size_in = sizeof(context));
	assert_int_equal(generation_counters(&e->generation, &before), 0);
	assert_int_equal(bpf_prog_test_run_opts(program_of(e, PCTL_TO), &options), 0);
	assert_int_equal(generation_counters(&e->generation, &after), 0);
	assert_int_equal(counters_slot(&after, RULE(0), PCTL_TO)->packets -
				 counters_slot(&before, RULE(0), PCTL_TO)->packets,
			 3 * 44);
	assert_int_equal(counters_slot(&after, RULE(0), PCTL_TO)->bytes -
				 counters_slot(&before, RULE(0), PCTL_TO)->bytes,
			 3 * frame.length);
	counters_free(&before);
	counters_free(&after);
}

/* The last rule of a large policy has a slot of its own too. */
static void test_many_rules(void **state)
{
	char *text = calloc(1000, 32);
	struct enforcer *e;
	struct judgement judgement;
	struct frame frame;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 1000; i++)
		sprintf(text + strlen(text), "%s tcp dport %d\n", i % 2 ? "deny" : "allow", 2 * i);
	e = enforcer_new(text);
	for (int i = 0; i < 1000; i += 37) {
		frame_ethernet(&frame);
		frame_ipv4(&frame, &(struct ipv4_fields)IPV4_PLAIN);
		frame_ports(&frame, 6, 40000, 2 * i, 20);
		frame_seal(&frame);
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
			assert_true(judge(e, d, &frame, &judgement));
			assert_int_equal(judgement.slot, RULE(i));
			assert_int_equal(judgement.passed, i % 2 == 0);
		}
	}
	enforcer_free(e);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_gso),
		cmocka_unit_test(test_many_rules),
	};

	return run_group("counters", tests, COUNT(tests));
}
