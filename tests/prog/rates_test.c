/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rates: packets of all sizes through each program at tc, compared one by one with bucket_model.h;
 * which packets share a bucket; a bucket for each peer, and what becomes of it when a flood of
 * peers comes; what exceeds a rate in counters and events.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>

#include "bucket_model.h"
#include "listener.h"
#include "netlink.h"
#include "random_input.h"

#define SEED 20261201
#define POLICIES 36
#define PACKETS 400
#define TOLERANCE_NS 20.0L /* of a verdict, for what was rounded since the bucket was full */

static uint64_t coarse_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t wait_for_tick(void)
{
	uint64_t before = coarse_ns(), now;

	while ((now = coarse_ns()) == before)
		;
	return now;
}

/* --- frames --- */

struct shot {
	struct frame frame;
	uint32_t gso_size, gso_segs;
	uint32_t bytes, packets; /* of IP, what the model measures */
};

/* A frame without options; of a GSO packet each segment has its headers. */
static void load(struct shot *shot, const char *words, uint32_t headers, uint32_t gso_size)
{
	uint32_t payload;

	frame_from_text(&shot->frame, words);
	shot->gso_size = gso_size;
	shot->gso_segs = 0;
	shot->bytes = (uint32_t)shot->frame.length - 14;
	shot->packets = 1;
	payload = shot->bytes - headers;
	if (!gso_size || payload <= gso_size)
		return;
	shot->packets = (payload + gso_size - 1) / gso_size;
	shot->bytes = payload + shot->packets * headers;
}

static void load_random(struct random *random, struct shot *shot)
{
	bool tcp = !one_in(random, 3), six = one_in(random, 2);
	uint32_t size = one_in(random, 4) ? random_below(random, 3000) : random_below(random, 1400);
	char words[64];

	snprintf(words, sizeof(words), "ip%d %s:80 data:%u", six ? 6 : 4, tcp ? "tcp" : "udp",
		 size);
	load(shot, words, (six ? 40 : 20) + (tcp ? 20 : 8),
	     one_in(random, 3) ? 100 + random_below(random, 1400) : 0);
	/* A sender on the same machine may leave the number to the kernel. */
	if (shot->packets > 1 && one_in(random, 2))
		shot->gso_segs = shot->packets;
}

static int fire(const struct enforcer *e, enum hook hook, const struct shot *shot)
{
	struct __sk_buff context = { .gso_size = shot->gso_size, .gso_segs = shot->gso_segs };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = shot->frame.data,
		    .data_size_in = shot->frame.length, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);

	assert_int_equal(bpf_prog_test_run_opts(e->generation.programs[hook].fd, &options), 0);
	return (int)options.retval;
}

static bool passes(const struct enforcer *e, enum hook hook, const struct shot *shot)
{
	int verdict = fire(e, hook, shot);

	assert_true(verdict == TC_ACT_UNSPEC || verdict == TC_ACT_SHOT);
	return verdict == TC_ACT_UNSPEC;
}

static bool passes_text(const struct enforcer *e, enum hook hook, const char *words)
{
	struct shot shot;

	load(&shot, words, 0, 0);
	return passes(e, hook, &shot);
}

/* --- against the model --- */

static char *random_limit(struct random *random)
{
	static const char *const rates[] = { "1kbit",  "64kbit", "3mbit",   "100mbit",	 "1gbit",
					     "10gbit", "1pps",	 "1000pps", "2500000pps" };
	const char *rate = PICK(random, rates);
	bool packets = strstr(rate, "pps");
	char *text = NULL;
	int failed;

	switch (random_below(random, 3)) {
	case 0:
		failed = asprintf(&text, "%s", rate);
		break;
	case 1:
		failed = asprintf(&text, "%s burst %ums", rate, 1 + random_below(random, 2000));
		break;
	default:
		failed = asprintf(&text, "%s burst %u%s", rate,
				  1 + random_below(random, packets ? 3000 : 20000),
				  packets ? "p" : "B");
	}
	assert_true(failed > 0);
	return text;
}

/* Of one tick: nobody knows what a program reads while the clock changes. */
static unsigned int run_tick(struct random *random, const struct enforcer *e, enum hook hook,
			     struct bucket_model *model, unsigned int *dropped)
{
	uint64_t now = wait_for_tick();
	unsigned int compared = 0;

	bucket_model_fill(model, now);
	while (compared < PACKETS) {
		struct bucket_model before = *model;
		struct shot shot;
		long double missing;
		bool passed;

		load_random(random, &shot);
		if (coarse_ns() != now)
			break;
		passed = passes(e, hook, &shot);
		if (coarse_ns() != now) { /* it is not known whether it was before or after */
			bucket_model_start(model, &model->limit, now);
			return compared | 1u << 31;
		}
		missing = bucket_model_take(model, shot.bytes, shot.packets);
		if (passed != (missing <= 0) && (missing <= 0 || missing > TOLERANCE_NS))
			fail_msg("%s: hook %d, %u bytes, %u packets: %s, the model misses %Lf ns, "
				 "content %Lf of %Lf",
				 e->text, hook, shot.bytes, shot.packets,
				 passed ? "passed" : "dropped", missing, before.content,
				 before.room);
		if (passed && missing > 0)
			model->content -= model->limit.packets ? shot.packets : shot.bytes * 8.0L;
		*dropped += !passed;
		compared++;
	}
	return compared;
}

static void empty_buckets(const struct enforcer *e)
{
	struct pctl_bucket bucket;

	for (uint32_t i = 0; i < PCTL_BUCKETS; i++) {
		assert_int_equal(bpf_map_lookup_elem(e->generation.maps[MAP_BUCKETS], &i, &bucket),
				 0);
		bucket.full_at = 0;
		assert_int_equal(
			bpf_map_update_elem(e->generation.maps[MAP_BUCKETS], &i, &bucket, 0), 0);
	}
}

static void test_model(void **state)
{
	static const enum hook hooks[] = { HOOK_EGRESS, HOOK_GUARD };
	unsigned int compared = 0, dropped = 0;
	struct random random;

	(void)state;
	random_start(&random, SEED);
	for (int i = 0; i < POLICIES; i++) {
		char *limit = random_limit(&random);
		const struct enforcer *e = enforce("allow any rate %s\n", limit);
		enum hook hook = hooks[i % 2];

		for (int ticks = 0; ticks < 4; ticks++) {
			struct bucket_model model;
			unsigned int more;

			empty_buckets(e);
			bucket_model_start(&model, &e->policy->rules[0].treatment.limit,
					   coarse_ns());
			more = run_tick(&random, e, hook, &model, &dropped);
			compared += more & ~(1u << 31);
			/* The next tick goes on where it is known how far the bucket is. */
			if (!(more >> 31))
				compared +=
					run_tick(&random, e, hook, &model, &dropped) & ~(1u << 31);
		}
		free(limit);
	}
	print_message("%u packets compared, %u dropped\n", compared, dropped);
	assert_true(compared > 2000);
	assert_true(dropped > 200);
}

/* --- packets that share a bucket --- */

/* How many of these pass, of so many. */
static unsigned int count_passes(const struct enforcer *e, enum hook hook, const char *words,
				 unsigned int times)
{
	unsigned int passed = 0;

	for (unsigned int i = 0; i < times; i++)
		passed += passes_text(e, hook, words);
	return passed;
}

/* One packet a second, and a burst of four: what passes is known for a second. */
static void test_sharing(void **state)
{
	const struct enforcer *own = enforce("allow any rate 1pps burst 4p\n");
	const struct enforcer *two = enforce("allow tcp dport 80 rate 1pps burst 2p\n"
					     "allow tcp rate 1pps burst 3p\n"
					     "default from allow rate 1pps burst 4p\n");
	const struct enforcer *shared = enforce("rate slow 1pps burst 4p\n"
						"default to allow rate @slow\n"
						"allow tcp rate @slow\nallow udp rate @slow\n");

	(void)state;
	/* One for each direction, of all families and VLANs. */
	assert_int_equal(count_passes(own, HOOK_EGRESS, "ip4 tcp:80", 2), 2);
	assert_int_equal(count_passes(own, HOOK_EGRESS, "ip6 udp:80", 1), 1);
	assert_int_equal(count_passes(own, HOOK_EGRESS, "vlan ip4 tcp:80", 3), 1);
	assert_int_equal(count_passes(own, HOOK_GUARD, "ip4 tcp:80", 9), 4);
	/* One for each rule. */
	assert_int_equal(count_passes(two, HOOK_GUARD, "ip4 tcp:80", 9), 2);
	assert_int_equal(count_passes(two, HOOK_GUARD, "ip4 tcp:81", 9), 3);
	assert_int_equal(count_passes(two, HOOK_GUARD, "ip4 udp:80", 9), 4);
	/* One with a name for all that name it. */
	assert_int_equal(count_passes(shared, HOOK_EGRESS, "ip4 tcp:80", 1), 1);
	assert_int_equal(count_passes(shared, HOOK_GUARD, "ip4 udp:80", 1), 1);
	assert_int_equal(count_passes(shared, HOOK_EGRESS, "ip4 proto:47", 1), 1);
	assert_int_equal(count_passes(shared, HOOK_GUARD, "ip6 tcp:80", 9), 1);
	assert_int_equal(count_passes(shared, HOOK_EGRESS, "arp", 1), 0);
	/* The default of the other direction has none. */
	assert_int_equal(count_passes(shared, HOOK_GUARD, "ip4 proto:47", 9), 9);
}

/* What is hidden in a fragment is no part of a rule about ports. */
static void test_unknown(void **state)
{
	const struct enforcer *e = enforce("allow udp dport 53 rate 1pps burst 1p\n");

	(void)state;
	assert_int_equal(count_passes(e, HOOK_GUARD, "ip4:more,id=7 udp:53", 3), 1);
	assert_int_equal(count_passes(e, HOOK_GUARD, "ip4:off=3,id=7,next=17 data:8", 3), 3);
}

static void test_probes(void **state)
{
	const struct enforcer *e = enforce("allow any rate 1pps burst 2p\n");
	const struct passage probe = { HOOK_EGRESS, .mark = e->generation.meta.generation };
	struct frame frame;

	(void)state;
	frame_from_text(&frame, "ip4 tcp:81");
	for (int i = 0; i < 5; i++)
		assert_int_equal(PCTL_ANSWER_ACTION(
					 (uint32_t)pass_bytes(e, &probe, frame.data, frame.length)),
				 PCTL_PASS);
	assert_int_equal(count_passes(e, HOOK_EGRESS, "ip4 tcp:81", 5), 2);
}

/* XDP has another one behind it that measures. */
static void test_xdp(void **state)
{
	static const struct meta meta = { .mode = XDP_MODE_GENERIC, .veth = 1, .guarded = 1 };
	struct enforcer *e = enforcer_for("allow any rate 1pps burst 1p\n", &meta);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(pass_frame(e, HOOK_XDP, "ip4 tcp:80"), XDP_PASS);
	enforcer_free(e);
}

/* --- what exceeds it --- */

struct excess {
	const char *policy;
	int verdict;
	uint32_t outcome;
};

/* RULE(1) is the first slot behind the one rule. */
static const struct excess excesses[] = {
	{ "allow any rate 1pps burst 1p\n", TC_ACT_SHOT, PCTL_OUTCOME(PCTL_DROP, RULE(1)) },
	{ "allow any rate 1pps burst 1p log\n", TC_ACT_SHOT,
	  PCTL_OUTCOME(PCTL_DROP, RULE(1)) | PCTL_LOG },
	{ "allow any rate 1pps burst 1p audit\n", TC_ACT_UNSPEC,
	  PCTL_OUTCOME(PCTL_WOULD_DROP, RULE(1)) },
	{ "allow any rate 1pps burst 1p else reject\n", TC_ACT_REDIRECT,
	  PCTL_OUTCOME(PCTL_REJECT, RULE(1)) },
	{ "default allow rate 1pps burst 1p\n", TC_ACT_SHOT, PCTL_OUTCOME(PCTL_DROP, RULE(0)) },
};

static void test_excess(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(excesses); i++) {
		const struct excess *x = &excesses[i];
		const struct enforcer *e = enforce("%s", x->policy);
		struct listener *listener =
			listener_new(e, &(struct reader_settings){ .snaplen = 64 });
		uint32_t slot = PCTL_OUTCOME_ARG(x->outcome);
		struct counters counters;

		assert_int_equal(pass_frame(e, HOOK_EGRESS, "ip4 udp:80"), TC_ACT_UNSPEC);
		listener_hear(listener);
		assert_int_equal(pass_frame(e, HOOK_EGRESS, "ip4 udp:80"), x->verdict);
		assert_int_equal(listener_hear(listener), 1);
		assert_int_equal(listener->last.outcome, x->outcome);
		assert_int_equal(listener->last.reason, PCTL_REASON_RATE);
		assert_int_equal(generation_counters(&e->generation, &counters), 0);
		assert_int_equal(counters_slot(&counters, slot, PCTL_TO)->packets, 1);
		assert_int_equal(counters_slot(&counters, slot, PCTL_FROM)->packets, 0);
		assert_int_equal(counters.slots, slot + 1);
		counters_free(&counters);
		listener_free(listener);
	}
}

/* --- each --- */

static void test_peers(void **state)
{
	const struct enforcer *e = enforce("default allow rate 1pps burst 2p each\n");

	(void)state;
	/* To the container the peer is the source, from it the destination. */
	assert_int_equal(count_passes(e, HOOK_EGRESS, "ip4:src=198.18.0.7 tcp:80", 5), 2);
	assert_int_equal(count_passes(e, HOOK_EGRESS, "ip4:src=198.18.0.8 tcp:80", 5), 2);
	assert_int_equal(count_passes(e, HOOK_EGRESS, "ip4:src=198.18.0.8,dst=198.18.9.9 udp:1", 5),
			 0);
	assert_int_equal(count_passes(e, HOOK_EGRESS, "ip6:src=2001:db8::7 tcp:80", 5), 2);
	assert_int_equal(count_passes(e, HOOK_EGRESS, "vlan ip6:src=2001:db8::7 tcp:80", 5), 0);
	assert_int_equal(count_passes(e, HOOK_GUARD, "ip4:dst=198.18.0.7 tcp:80", 5), 2);
	assert_int_equal(count_passes(e, HOOK_GUARD, "ip4:dst=198.18.0.9,src=198.18.0.7 tcp:80", 5),
			 2);
	/* What has no peer shares one. */
	assert_int_equal(count_passes(e, HOOK_EGRESS, "arp", 5), 2);
}

static uint64_t shared_packets(const struct enforcer *e, enum pctl_direction direction)
{
	struct counters counters;
	uint64_t packets;

	assert_int_equal(generation_counters(&e->generation, &counters), 0);
	packets = counters_shared(&counters, direction)->packets;
	counters_free(&counters);
	return packets;
}

/* @number: of the peer */
static bool passes_peer(const struct enforcer *e, struct shot *shot, uint32_t number)
{
	uint32_t source = htonl(0xc6120000 + number); /* 198.18.0.0/15 */

	memcpy(shot->frame.data + 26, &source, sizeof(source));
	return passes(e, HOOK_EGRESS, shot);
}

/*
 * More peers than there is room for: the first ones keep what they have used, all others share one
 * bucket. Then the buckets of nearly all are full again, and a new peer has room.
 */
static void test_flood(void **state)
{
	const struct enforcer *e = enforce("allow any rate 1pps burst 2s each\n");
	int peers = e->generation.maps[MAP_PEER_BUCKETS];
	struct pctl_peer_key key = {}, next;
	unsigned int passed = 0;
	struct shot shot;
	uint64_t full = 0;

	(void)state;
	load(&shot, "ip4 udp:80", 0, 0);
	/* As if they had been there for long, and were empty for an hour: sending takes too long.
	 */
	key.address[0] = htonl(0xc6120000);
	key.serial = 1; /* another bucket's */
	full = PCTL_BUCKET_TIME(coarse_ns() + 3600000000000ull);
	for (uint32_t i = 0; i < PCTL_PEER_BUCKETS - 2; i++) {
		key.address[0] = htonl(0xc6120000 + i);
		assert_int_equal(bpf_map_update_elem(peers, &key, &full, BPF_NOEXIST), 0);
	}
	assert_true(passes_peer(e, &shot, 1));
	assert_true(passes_peer(e, &shot, 2));
	for (uint32_t i = 3; i < 103; i++)
		passed += passes_peer(e, &shot, i);
	assert_int_equal(passed, 2); /* the bucket that these share */
	assert_int_equal(shared_packets(e, PCTL_TO), 100);
	/* A peer that has a bucket keeps it: no flood gives it a new one. */
	assert_true(passes_peer(e, &shot, 1));
	assert_false(passes_peer(e, &shot, 1));
	/* The others are full again: they go, and no others. */
	full = 1;
	memset(&key, 0, sizeof(key));
	for (int more = bpf_map_get_next_key(peers, NULL, &next); !more;) {
		key = next;
		more = bpf_map_get_next_key(peers, &key, &next);
		if (key.serial == 1)
			assert_int_equal(bpf_map_update_elem(peers, &key, &full, BPF_EXIST), 0);
	}
	nanosleep(&(struct timespec){ .tv_nsec = 2 * PCTL_PEERS_SWEEP_NS }, NULL);
	assert_true(passes_peer(e, &shot, 200));
	assert_int_equal(shared_packets(e, PCTL_TO), 100);
	assert_false(passes_peer(e, &shot, 1));
	for (uint32_t i = 201; i < 401; i++)
		assert_true(passes_peer(e, &shot, i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),	cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_unknown), cmocka_unit_test(test_probes),
		cmocka_unit_test(test_xdp),	cmocka_unit_test(test_excess),
		cmocka_unit_test(test_peers),	cmocka_unit_test(test_flood),
	};

	return run_group("rates", tests, COUNT(tests));
}
