/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers of events: how many there may be, and how many events each gets. In all cases, each
 * packet that a reader asked for is an event or is counted as lost.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "listener.h"
#include "watchers.h"

#define DENIED "ip4 tcp:80"
#define ALLOWED "ip4 udp:53"

/* cmocka's own has another name since version 2. */
static void assert_between(uint64_t value, uint64_t low, uint64_t high)
{
	if (value < low || value > high)
		fail_msg("%llu is not between %llu and %llu", (unsigned long long)value,
			 (unsigned long long)low, (unsigned long long)high);
}

static uint64_t told_or_lost(struct listener *listener)
{
	listener_hear(listener);
	return listener->packets + listener_lost(listener);
}

/* --- how often --- */

#define FLOOD_SECONDS 3.0

/* An attachment, and the rate that it should keep. */
struct flooded {
	struct enforcer *enforcer;
	struct listener *listener;
	uint32_t rate;
	uint64_t sent;
	double began, first_done; /* start and end of the first run */
	double last, ended; /* start and end of the last run */
	double missed; /* pauses beyond the second that the bucket saves up */
};

static void prepare_flood(struct flooded *f, uint32_t rate)
{
	*f = (struct flooded){ .enforcer = enforcer_new("deny tcp\n"), .rate = rate };
	f->listener = listener_new(f->enforcer, &(struct reader_settings){
							.snaplen = 64,
							.rate = rate,
							.rate_passed = rate,
						});
}

static void flood_on(struct flooded *f)
{
	unsigned int more_than_told = 2 * f->rate + 100;

	f->last = seconds();
	if (f->sent && f->last - f->ended > 1)
		f->missed += f->last - f->ended - 1;
	flood(f->enforcer, HOOK_EGRESS, DENIED, more_than_told);
	f->ended = seconds();
	if (!f->sent) {
		f->began = f->last;
		f->first_done = f->ended;
	}
	f->sent += more_than_told;
	listener_hear(f->listener);
}

/* A second's worth may come at once. The kernel's tick is 100 a second or more. */
static void check_rate(struct flooded *f)
{
	double most = f->rate * (f->ended - f->began + 1);
	double least = f->rate * (f->last - f->first_done - f->missed - 0.01 + 1) - 1;

	assert_int_equal(told_or_lost(f->listener), f->sent);
	if (f->listener->events > most || f->listener->events < least)
		fail_msg("%u/s: %llu events in %.2f s", f->rate,
			 (unsigned long long)f->listener->events, f->ended - f->began);
	listener_free(f->listener);
	enforcer_free(f->enforcer);
}

/* Each attachment has a rate of its own; small ones are not rounded to nothing. */
static void test_rates(void **state)
{
	static const uint32_t rates[] = { 1, 3, 10, 1000, 10000 };
	struct flooded floods[COUNT(rates)];
	double end;

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++)
		prepare_flood(&floods[i], rates[i]);
	for (end = seconds() + FLOOD_SECONDS; seconds() < end;)
		for (size_t i = 0; i < COUNT(rates); i++)
			flood_on(&floods[i]);
	for (size_t i = 0; i < COUNT(rates); i++)
		check_rate(&floods[i]);
}

/* Unused tokens add up to one second's worth, no more. */
static void test_saved_up(void **state)
{
	struct enforcer *enforcer = enforcer_new("deny tcp\n");
	struct listener *listener =
		listener_new(enforcer, &(struct reader_settings){ .snaplen = 64, .rate = 1000 });
	double start = seconds(), next = start, before;

	(void)state;
	while (seconds() - start < 1.5)
		if (seconds() >= next) {
			pass_frame(enforcer, HOOK_EGRESS, DENIED);
			next = seconds() + 0.01;
		}
	listener_hear(listener);
	before = seconds();
	flood(enforcer, HOOK_EGRESS, DENIED, 5000);
	assert_between(listener_hear(listener), 900, 1000 * (seconds() - before + 1.02));
	listener_free(listener);
	enforcer_free(enforcer);
}

/* Runs more frames than the rate allows; exactly as many as it allows must become events. */
static void check_burst(const struct enforcer *enforcer, struct listener *listener,
			const char *frame, uint32_t rate)
{
	double start = seconds();

	flood(enforcer, HOOK_EGRESS, frame, 1000);
	assert_between(listener_hear(listener), rate, rate * (seconds() - start + 1.02));
}

/* Passed packets have a rate of their own, and do not take that of dropped ones. */
static void test_rates_of_kinds(void **state)
{
	struct enforcer *enforcer = enforcer_new("deny tcp\n");
	struct listener *listener = listener_new(
		enforcer, &(struct reader_settings){ .snaplen = 64, .rate = 50, .rate_passed = 5 });
	struct reader_lost lost;

	(void)state;
	check_burst(enforcer, listener, ALLOWED, 5);
	assert_int_equal(reader_lost(listener->reader, &lost), 0);
	assert_int_equal(lost.passed, 1000 - listener->events);
	assert_int_equal(lost.dropped, 0);
	check_burst(enforcer, listener, DENIED, 50);
	assert_int_equal(told_or_lost(listener), 2000);
	listener_free(listener);
	enforcer_free(enforcer);
}

/* The highest rate of all readers holds, as long as its reader is open. */
static void test_rates_of_readers(void **state)
{
	struct enforcer *enforcer = enforcer_new("deny tcp\n");
	struct reader_settings slow = { .snaplen = 64, .rate = 10 };
	struct reader_settings fast = { .snaplen = 64, .rate = 200 };
	struct listener *first = listener_new(enforcer, &slow);
	struct listener *second = listener_new(enforcer, &fast);
	struct listener *third = listener_new(enforcer, &slow);
	double start;

	(void)state;
	check_burst(enforcer, first, DENIED, 200);
	assert_int_equal(listener_hear(second), first->events);
	listener_free(second);
	listener_free(third);
	listener_free(first);
	/* The tokens that the fast reader left are not for the slow one. */
	start = seconds();
	second = listener_new(enforcer, &fast);
	flood(enforcer, HOOK_EGRESS, DENIED, 1);
	listener_free(second);
	first = listener_new(enforcer, &slow);
	flood(enforcer, HOOK_EGRESS, DENIED, 5000);
	assert_between(listener_hear(first), 0, 10 * (seconds() - start + 1.02));
	assert_int_equal(told_or_lost(first), 5000);
	listener_free(first);
	enforcer_free(enforcer);
}

/* --- several at a time --- */

/* Five readers: of dropped packets, of all, of another interface, of long captures, and one that
 * never reads. For each, events and lost packets together are what it asked for. */
static void test_several(void **state)
{
	const struct enforcer *enforcer = enforce("deny tcp\n");
	const struct reader_settings settings[] = {
		{ .snaplen = 64, .rate = UINT32_MAX },
		{ .snaplen = 14, .rate_passed = UINT32_MAX },
		{ .snaplen = 128, .ifindex = 2 },
		{ .snaplen = 2000 },
		{ .snaplen = 64 },
	};
	static const uint64_t wanted[] = { 40000, 80000, 0, 40000, 40000 };
	struct listener *listeners[COUNT(settings)];

	(void)state;
	for (size_t i = 0; i < COUNT(settings); i++)
		listeners[i] = listener_new(enforcer, &settings[i]);
	for (int i = 0; i < 40; i++) {
		flood(enforcer, HOOK_XDP, DENIED, 500);
		flood(enforcer, HOOK_EGRESS, ALLOWED, 1000);
		flood(enforcer, HOOK_EGRESS, DENIED, 500);
		for (size_t j = 0; j + 1 < COUNT(settings); j++)
			listener_hear(listeners[j]);
	}
	for (size_t i = 0; i + 1 < COUNT(settings); i++) {
		assert_int_equal(listener_lost(listeners[i]), 0);
		assert_int_equal(listeners[i]->packets, wanted[i]);
	}
	/* The one that never reads: its ring is full. */
	assert_true(listener_lost(listeners[4]) > 0);
	assert_true(listener_hear(listeners[4]) > 10000);
	for (size_t i = 0; i < COUNT(settings); i++) {
		assert_int_equal(told_or_lost(listeners[i]), wanted[i]);
		listener_free(listeners[i]);
	}
}

/* A later reader has lost nothing of what was before it; a closed one loses nothing after. */
static void test_coming_and_going(void **state)
{
	const struct enforcer *enforcer = enforce("deny tcp\n");
	const struct reader_settings settings = { .snaplen = 64, .rate = 10 };
	struct listener *early = listener_new(enforcer, &settings), *late;

	(void)state;
	flood(enforcer, HOOK_XDP, DENIED, 1000);
	late = listener_new(enforcer, &settings);
	assert_int_equal(told_or_lost(late), 0);
	flood(enforcer, HOOK_XDP, DENIED, 1000);
	reader_stop(early->reader);
	flood(enforcer, HOOK_XDP, DENIED, 1000);
	assert_int_equal(told_or_lost(early), 2000);
	assert_int_equal(told_or_lost(late), 2000);
	listener_free(early);
	listener_free(late);
}

static void check_too_many(const struct event_maps *maps, const char *shared)
{
	const struct reader_settings settings = { .snaplen = 64 };
	struct listener *listeners[PCTL_READERS];
	struct reader *one_more;

	for (int i = 0; i < PCTL_READERS; i++)
		listeners[i] = listener_at(maps, shared, &settings);
	assert_int_equal(reader_open(maps, shared, &settings, &one_more), -EUSERS);
	assert_non_null(strstr(error_message(0), "no more are possible"));
	/* A closed reader makes room for another. */
	listener_free(listeners[3]);
	listeners[3] = listener_at(maps, shared, &settings);
	for (int i = 0; i < PCTL_READERS; i++)
		listener_free(listeners[i]);
}

static void test_too_many(void **state)
{
	const struct enforcer *enforcer = enforce("deny tcp\n");
	struct event_maps maps = EVENT_MAPS_EMPTY;

	(void)state;
	check_too_many(&enforcer->generation.events, NULL);
	assert_non_null(own_bpffs());
	assert_int_equal(event_maps_get(own_bpffs(), &maps), 0);
	check_too_many(&maps, own_bpffs());
	event_maps_close(&maps);
	event_maps_tidy(own_bpffs(), true);
}

/* --- killed --- */

/* Starts a process that reads; it has opened its reader when this returns. */
static pid_t start_reader(const struct event_maps *maps)
{
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct reader *reader;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		if (reader_open(maps, own_bpffs(), &(struct reader_settings){ .snaplen = 64 },
				&reader) ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static bool is_there(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", own_bpffs(), name);
	return !access(path, F_OK);
}

static uint32_t ring_of(const struct event_maps *maps, uint32_t reader)
{
	uint32_t id = 0;

	return bpf_map_lookup_elem(maps->fds[EVENT_RINGS], &reader, &id) ? 0 : id;
}

static void test_killed(void **state)
{
	struct event_maps maps = EVENT_MAPS_EMPTY;
	struct pctl_subscriptions *subscriptions;
	struct listener *living;
	pid_t child;

	(void)state;
	assert_non_null(own_bpffs());
	assert_int_equal(event_maps_get(own_bpffs(), &maps), 0);
	subscriptions = subscriptions_map(maps.fds[EVENT_SUBSCRIPTIONS]);
	assert_non_null(subscriptions);
	child = start_reader(&maps);
	living = listener_at(&maps, own_bpffs(),
			     &(struct reader_settings){ .snaplen = 64, .rate_passed = 1 });
	event_maps_tidy(own_bpffs(), true);
	assert_int_equal(subscriptions->readers[PCTL_EVENT_DROPPED], 3);
	assert_true(is_there("subscriptions"));

	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(subscriptions->readers[PCTL_EVENT_DROPPED], 3);
	event_maps_tidy(own_bpffs(), true);
	assert_int_equal(subscriptions->readers[PCTL_EVENT_DROPPED], 2);
	assert_int_equal(subscriptions->readers[PCTL_EVENT_PASSED], 2);
	assert_int_equal(ring_of(&maps, 0), 0);
	assert_int_not_equal(ring_of(&maps, 1), 0);
	assert_false(is_there("reader-0"));
	assert_true(is_there("reader-1"));
	assert_true(is_there("event_rings"));

	listener_free(living);
	assert_int_equal(subscriptions->readers[PCTL_EVENT_DROPPED], 0);
	assert_false(is_there("reader-1"));
	event_maps_tidy(own_bpffs(), false);
	assert_true(is_there("lost_events"));
	event_maps_tidy(own_bpffs(), true);
	assert_false(is_there("subscriptions"));
	assert_false(is_there("event_rings"));
	assert_false(is_there("lost_events"));
	subscriptions_unmap(subscriptions);
	event_maps_close(&maps);
}

/* --- on several CPUs --- */

#define THREADS 4
#define AT_ONCE_EACH 2500
#define ROUNDS 40

struct sender {
	pthread_t thread;
	const struct enforcer *enforcer;
	enum hook hook;
	int cpu;
	uint64_t sent;
};

static void *send_all(void *data)
{
	struct sender *sender = data;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sender->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (int i = 0; i < ROUNDS; i++) {
		flood(sender->enforcer, sender->hook, DENIED, AT_ONCE_EACH);
		__atomic_add_fetch(&sender->sent, AT_ONCE_EACH, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* XDP and tc of one attachment on all CPUs, with a rate and rings that are too small. */
static void test_cpus(void **state)
{
	const struct enforcer *enforcer = enforce("deny tcp\n");
	struct listener *slow =
		listener_new(enforcer, &(struct reader_settings){ .snaplen = 64, .rate = 200000 });
	struct listener *quick =
		listener_new(enforcer, &(struct reader_settings){ .snaplen = 2000 });
	struct sender senders[THREADS];
	uint64_t sent = 0;
	double start = seconds();

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		senders[i] = (struct sender){
			.enforcer = enforcer,
			.hook = i % 2 ? HOOK_EGRESS : HOOK_XDP,
			.cpu = i % libbpf_num_possible_cpus(),
		};
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]),
				 0);
	}
	for (bool running = true; running;) {
		running = false;
		for (int i = 0; i < THREADS; i++)
			running |= __atomic_load_n(&senders[i].sent, __ATOMIC_SEQ_CST) <
				   ROUNDS * AT_ONCE_EACH;
		listener_hear(quick);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
		sent += senders[i].sent;
	}
	assert_true(listener_lost(slow) > 0);
	assert_int_equal(told_or_lost(slow), sent);
	assert_int_equal(told_or_lost(quick), sent);
	assert_true(slow->events <= 200000 * (seconds() - start + 1));
	listener_free(quick);
	listener_free(slow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),	       cmocka_unit_test(test_saved_up),
		cmocka_unit_test(test_rates_of_kinds), cmocka_unit_test(test_rates_of_readers),
		cmocka_unit_test(test_several),	       cmocka_unit_test(test_coming_and_going),
		cmocka_unit_test(test_too_many),       cmocka_unit_test(test_killed),
		cmocka_unit_test(test_cpus),
	};

	return run_group("readers", tests, COUNT(tests));
}
