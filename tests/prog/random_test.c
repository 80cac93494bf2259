/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random policies and random frames through all programs, against the second opinion of
 * evaluate.h. PROG_SEED repeats a run, PROG_FRAMES sets its size. A disagreement prints policy and
 * frame.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "evaluate.h"
#include "random_input.h"
#include "support.h"

#define FRAMES 200000
#define FRAMES_PER_POLICY 1000

static uint64_t setting(const char *name, uint64_t fallback)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : fallback;
}

/* What the second opinion wants to find in the counters. */
struct tally {
	struct pctl_counter *slots; /* slot * PCTL_DIRECTIONS + direction */
	struct pctl_counter reasons[PCTL_UNKNOWN_MAX * PCTL_DIRECTIONS];
};

static bool same_counter(int fd, uint32_t index, const struct pctl_counter *expected)
{
	static struct pctl_counter values[4096];
	struct pctl_counter sum = {};

	assert_true(libbpf_num_possible_cpus() <= (int)COUNT(values));
	assert_int_equal(bpf_map_lookup_elem(fd, &index, values), 0);
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		sum.packets += values[cpu].packets;
		sum.bytes += values[cpu].bytes;
	}
	return sum.packets == expected->packets && sum.bytes == expected->bytes;
}

static void add_frame(struct pctl_counter *counter, size_t length)
{
	counter->packets++;
	counter->bytes += length;
}

/* Adds a frame to the tally where the opinion wants it; false: the program counted elsewhere. */
static bool counted_alike(const struct enforcer *e, enum pctl_direction d, size_t length,
			  const struct evaluation *opinion, struct tally *tally)
{
	uint32_t slot = opinion->slot * PCTL_DIRECTIONS + d;
	const int *maps = e->generation.maps;

	add_frame(&tally->slots[slot], length);
	if (opinion->reason != KNOWN)
		add_frame(&tally->reasons[opinion->reason * PCTL_DIRECTIONS + d], length);
	if (!same_counter(maps[MAP_RULE_STATS], slot, &tally->slots[slot]))
		return false;
	for (uint32_t i = d; i < COUNT(tally->reasons); i += PCTL_DIRECTIONS)
		if (!same_counter(maps[MAP_UNKNOWN_STATS], i, &tally->reasons[i]))
			return false;
	return true;
}

static void disagree(const struct enforcer *e, enum hook hook, const struct frame *frame,
		     const struct evaluation *opinion, const char *what)
{
	static const char *const names[HOOK_COUNT] = { "tc", "the guard", "xdp" };

	print_error("%s disagrees in %s:\n%s", names[hook], what, e->text);
	print_error("expected: %s, slot %u, reason %d; frame:\n",
		    opinion->verdict == VERDICT_ALLOW ? "pass" : "drop", opinion->slot,
		    opinion->reason);
	for (size_t i = 0; i < frame->length; i++)
		print_error("%02x%s", frame->data[i], i % 32 == 31 ? "\n" : "");
	print_error("\n");
	fail();
}

/* The guard judges what XDP has not stamped, and so all that comes here, as XDP does. */
static enum pctl_direction direction_of(enum hook hook)
{
	return hook == HOOK_EGRESS ? PCTL_TO : PCTL_FROM;
}

/* True when the frame could be given to the program. */
static bool compare(const struct enforcer *e, enum hook hook, const struct frame *frame,
		    struct fragment_memory *memory, struct tally *tally)
{
	/* By which the two kinds of programs are told apart in support.h. */
	enum pctl_direction kind = hook == HOOK_XDP ? PCTL_FROM : PCTL_TO;
	enum pctl_direction d = direction_of(hook);
	struct packet_fields fields;
	struct evaluation opinion;
	int error, verdict = 0;

	error = run_program(e->generation.programs[hook].fd, frame->data, frame->length, &verdict);
	if (error == -EINVAL && is_refused(kind, frame))
		return false;
	assert_int_equal(error, 0);
	packet_fields_read(frame->data, frame->length, &fields);
	assert_int_equal(policy_evaluate(e->policy, d, &fields, memory, &opinion), 0);
	if (is_pass(kind, verdict) != (opinion.verdict == VERDICT_ALLOW))
		disagree(e, hook, frame, &opinion, "the verdict");
	if (!counted_alike(e, d, frame->length, &opinion, tally))
		disagree(e, hook, frame, &opinion, "what it counted");
	return true;
}

/* All that was counted is what was expected: nothing beside it. */
static void check_totals(const struct enforcer *e, const struct tally *tally)
{
	struct counters counters;
	size_t slots;

	assert_int_equal(generation_counters(&e->generation, &counters), 0);
	slots = counters.slots * PCTL_DIRECTIONS;
	assert_memory_equal(counters.items, tally->slots, slots * sizeof(*tally->slots));
	assert_memory_equal(counters.items + slots, tally->reasons, sizeof(tally->reasons));
	counters_free(&counters);
}

static uint64_t run_policy(struct random *random, uint64_t frames)
{
	char *text = random_policy(random, 1 + random_below(random, 30));
	struct enforcer *e = enforcer_new(text);
	struct first_fragment items[256];
	struct fragment_memory memory = { .items = items, .capacity = COUNT(items) };
	struct tally tally = {};
	struct frame frame;
	uint64_t taken = 0;

	tally.slots = calloc((PCTL_SLOT_RULES + e->policy->count) * PCTL_DIRECTIONS,
			     sizeof(*tally.slots));
	assert_non_null(tally.slots);
	for (uint64_t i = 0; i < frames; i++) {
		random_frame(random, &frame);
		taken += compare(e, random_below(random, HOOK_COUNT), &frame, &memory, &tally);
	}
	check_totals(e, &tally);
	free(tally.slots);
	enforcer_free(e);
	free(text);
	return taken;
}

static void test_agreement(void **state)
{
	struct random random = { setting("PROG_SEED", time(NULL)) };
	uint64_t frames = setting("PROG_FRAMES", FRAMES), taken = 0;

	(void)state;
	printf("PROG_SEED=%llu PROG_FRAMES=%llu\n", (unsigned long long)random.state,
	       (unsigned long long)frames);
	fflush(stdout);
	random.state = random.state * 2 + 1; /* never 0, from which xorshift does not come away */
	for (uint64_t done = 0; done < frames; done += FRAMES_PER_POLICY)
		taken += run_policy(&random, FRAMES_PER_POLICY);
	printf("%llu frames judged\n", (unsigned long long)taken);
	assert_true(taken > frames / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_agreement) };

	return run_group("random", tests, COUNT(tests));
}
