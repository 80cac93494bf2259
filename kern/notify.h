/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notifying readers of verdicts: abi.h describes subscriptions and events. While nobody subscribes
 * it costs a packet one load. Readers are not woken: waking one costs more than a thousand packets.
 */
#ifndef PCTL_NOTIFY_H
#define PCTL_NOTIFY_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "verifier.h"

/* A verdict, as readers are notified of it. */
struct notification {
	__u32 outcome;
	__u32 packets;
	__u32 length;
	__u32 ifindex;
	__u32 direction;
	__u32 reason;
	__u32 kind; /* enum pctl_event_kind */
	__u32 readers; /* bit i: reader i is notified */
	__u32 bare; /* ctx.h */
	__u32 established; /* enum pctl_established */
};

static __always_inline __u32 event_kind(__u32 outcome)
{
	bool dropped = PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS;

	return dropped || outcome & PCTL_LOG ? PCTL_EVENT_DROPPED : PCTL_EVENT_PASSED;
}

/* Does any reader subscribe to this kind of outcome? Mostly there is no reader at all, so the sets
 * of readers of all kinds are first read as one number. */
_Static_assert(sizeof(subscriptions.readers) == sizeof(__u64), "one number");

static __always_inline bool has_subscribers(__u32 outcome)
{
	return *(volatile __u64 *)subscriptions.readers &&
	       subscriptions.readers[event_kind(outcome)];
}

/* --- which readers --- */

/* Does a subscription to `only` (0: all interfaces) include this ifindex? Returns 1 or 0 without a
 * branch: the verifier would walk every possible set of readers. */
static __always_inline __u32 subscribes(__u64 only, __u64 ifindex)
{
	__u64 other = only ^ ifindex;

	asm volatile("" : "+r"(only), "+r"(other)); /* or the compiler makes branches of it */
	return ~(-only & -other) >> 63; /* bit 63 of -x is 0 if x is 0, and 1 for other x */
}

VERIFIED_ONCE __u32 find_subscribers(struct notification *n)
{
	__u32 readers, found = 0;

	if (!n)
		return 0;
	readers = subscriptions.readers[n->kind & 1];
	for (int i = 0; i < PCTL_READERS && readers >> i; i++)
		found |= subscribes(subscriptions.of[i].ifindex, n->ifindex) << i;
	return found & readers;
}

VERIFIED_ONCE int count_lost(struct notification *n, __u32 readers)
{
	__u32 index = 0;
	struct pctl_lost *lost = bpf_map_lookup_elem(&lost_events, &index);

	if (n && lost)
		lost->packets[n->kind & 1][bounded(readers, (1 << PCTL_READERS) - 1)] += n->packets;
	return 0;
}

/* --- the rate --- */

#define SECOND_NS 1000000000ull

/*
 * Adds the tokens for the time since the last refill, at most once in a tick of the kernel and by
 * one CPU: bpf_ktime_get_ns() takes 29 ns. @burst: a multiple of @rate, which is how many tokens
 * there are for a second
 */
static __always_inline void refill(struct pctl_token_bucket *bucket, __u64 tick, __u32 rate,
				   __u32 burst)
{
	__u64 seen = bucket->jiffies, now, elapsed, more;

	if (seen == tick || __sync_val_compare_and_swap(&bucket->jiffies, seen, tick) != seen)
		return;
	now = bpf_ktime_get_ns();
	elapsed = now - bucket->refilled_ns;
	if (!rate || elapsed >= burst / rate * SECOND_NS) {
		bucket->refilled_ns = now;
		bucket->tokens = burst;
		return;
	}
	more = elapsed * rate / SECOND_NS;
	if (more) /* what remains of the time counts at the next refill */
		bucket->refilled_ns += more * SECOND_NS / rate;
	if (bucket->tokens + (__s64)more > burst)
		bucket->tokens = burst;
	else if (more)
		__sync_fetch_and_add(&bucket->tokens, more);
}

static __always_inline __u32 take_token(__u32 kind)
{
	struct pctl_token_bucket *bucket = &token_buckets[kind & 1];
	__u32 rate = subscriptions.rates[kind & 1];

	refill(bucket, bpf_jiffies64(), rate, rate);
	return bucket->tokens > 0 && __sync_fetch_and_add(&bucket->tokens, -1) > 0;
}

/* Sets n->readers; false: none is to be notified. */
static __always_inline bool select_readers(struct notification *n)
{
	n->readers = find_subscribers(n);
	if (!n->readers)
		return false;
	if (take_token(n->kind))
		return true;
	count_lost(n, n->readers);
	return false;
}

/* --- events --- */

/* Records have three sizes, since the verifier needs a constant. Each has room for an Ethernet
 * header besides the captured bytes, for frames that are bare. */
#define CAPTURE_SMALL 128
#define CAPTURE_MEDIUM 2048
#define CAPTURE_LARGE 65536
#define RECORD(room) (sizeof(struct pctl_event) + 16 + (room))

static __always_inline void fill_event(struct pctl_event *event, struct notification *n)
{
	event->time_ns = bpf_ktime_get_boot_ns();
	event->generation = config.generation;
	event->ifindex = n->ifindex;
	event->outcome = n->outcome;
	event->packets = n->packets;
	event->length = n->length;
	event->direction = n->direction;
	event->reason = n->reason;
	event->established = n->established;
	event->reserved = 0;
	event->captured = 0;
}

/* The smaller of both, at least 1. @room: a power of two */
static __always_inline __u32 fit(__u32 size, __u32 room)
{
	return bounded((size < room ? size : room) - 1, room - 1) + 1;
}

#endif
