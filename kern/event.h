/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of a packet, told to those who subscribe. While nobody does, it costs a packet one
 * load. Readers are not woken: to wake one costs more than a thousand packets.
 */
#ifndef PCTL_EVENT_H
#define PCTL_EVENT_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "parse.h"

/* What is told of a packet. */
struct report {
	__u32 outcome;
	__u32 packets;
	__u32 length;
	__u32 ifindex;
	__u32 direction;
	__u32 reason;
	__u32 kind; /* enum pctl_event_kind */
	__u32 wanted; /* by which readers, as bits */
	__u32 bare; /* a socket buffer that begins behind its Ethernet header (guard.h) */
};

static __always_inline __u32 kind_of(__u32 outcome)
{
	bool dropped = PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS;

	return dropped || outcome & PCTL_LOG ? PCTL_EVENT_DROPPED : PCTL_EVENT_PASSED;
}

/* Does anybody want to know? Mostly nobody wants to know of anything: that is asked first, of all
 * kinds as one number. */
_Static_assert(sizeof(subscriptions.readers) == sizeof(__u64), "one number");

static __always_inline bool is_watched(__u32 outcome)
{
	return *(volatile __u64 *)subscriptions.readers && subscriptions.readers[kind_of(outcome)];
}

/* --- who is told --- */

/* Does a reader want to know of this interface? @only: the one it wants, 0: all. 1 or 0, without a
 * branch: the verifier would follow every set of readers that there can be. */
static __always_inline __u32 is_wanted(__u64 only, __u64 ifindex)
{
	__u64 other = only ^ ifindex;

	asm volatile("" : "+r"(only), "+r"(other)); /* or the compiler makes branches of it */
	return ~(-only & -other) >> 63; /* bit 63 of 0 minus a number is set but for 0 */
}

/* A function of its own, so that the verifier looks at it once, and knows nothing of the result. */
__noinline __u32 wanted_by(struct report *r)
{
	__u32 readers, wanted = 0;

	if (!r)
		return 0;
	readers = subscriptions.readers[r->kind & 1];
	for (int i = 0; i < PCTL_READERS && readers >> i; i++)
		wanted |= is_wanted(subscriptions.of[i].ifindex, r->ifindex) << i;
	return wanted & readers;
}

__noinline int count_lost(struct report *r, __u32 readers)
{
	__u32 index = 0;
	struct pctl_lost *lost = bpf_map_lookup_elem(&lost_events, &index);

	if (r && lost)
		lost->packets[r->kind & 1][bounded(readers, (1 << PCTL_READERS) - 1)] += r->packets;
	return 0;
}

/* --- how often --- */

#define SECOND_NS 1000000000ull

/*
 * Adds what the time since the last filling allows. The clock is asked for once in a tick of the
 * kernel at most (bpf_ktime_get_ns() takes 29 ns), and by one CPU.
 */
static __always_inline void refill(struct pctl_token_bucket *bucket, __u64 tick, __u32 rate)
{
	__u64 seen = bucket->jiffies, now, elapsed, more;

	if (seen == tick || __sync_val_compare_and_swap(&bucket->jiffies, seen, tick) != seen)
		return;
	now = bpf_ktime_get_ns();
	elapsed = now - bucket->refilled_ns;
	if (elapsed >= SECOND_NS) {
		bucket->refilled_ns = now;
		bucket->tokens = rate;
		return;
	}
	more = elapsed * rate / SECOND_NS;
	if (more)
		bucket->refilled_ns +=
			more * SECOND_NS / rate; /* the rest of the time is for the next */
	if (bucket->tokens + (__s64)more > rate)
		bucket->tokens = rate;
	else if (more)
		__sync_fetch_and_add(&bucket->tokens, more);
}

static __always_inline __u32 take_token(__u32 kind)
{
	struct pctl_token_bucket *bucket = &token_buckets[kind & 1];
	__u32 rate = subscriptions.rates[kind & 1];

	refill(bucket, bpf_jiffies64(), rate);
	return bucket->tokens > 0 && __sync_fetch_and_add(&bucket->tokens, -1) > 0;
}

/* Is anybody told? Those who wanted to be, and are not, have missed it. */
static __always_inline bool is_told(struct report *r)
{
	r->wanted = wanted_by(r);
	if (!r->wanted)
		return false;
	if (take_token(r->kind))
		return true;
	count_lost(r, r->wanted);
	return false;
}

/* --- what is told --- */

/* Records come in three sizes, which the verifier wants to know beforehand. Each has room for an
 * Ethernet header more than what is captured, where that is read by itself. */
#define CAPTURE_SMALL 128
#define CAPTURE_MEDIUM 2048
#define CAPTURE_LARGE 65536
#define RECORD(room) (sizeof(struct pctl_event) + 16 + (room))

static __always_inline void begin_event(struct pctl_event *event, struct report *r)
{
	event->time_ns = bpf_ktime_get_boot_ns();
	event->generation = config.generation;
	event->ifindex = r->ifindex;
	event->outcome = r->outcome;
	event->packets = r->packets;
	event->length = r->length;
	event->direction = r->direction;
	event->reason = r->reason;
	event->reserved = 0;
	event->captured = 0;
}

/* Of @size bytes, from 1 on, as many as there is room for; @room is a power of two. */
static __always_inline __u32 fit(__u32 size, __u32 room)
{
	return bounded((size < room ? size : room) - 1, room - 1) + 1;
}

/* What the program was called with. */
enum context {
	CONTEXT_XDP,
	CONTEXT_SKB,
};

static __always_inline bool load_bytes(void *ctx, enum context context, void *to, __u32 size)
{
	return context == CONTEXT_XDP ? !bpf_xdp_load_bytes(ctx, 0, to, size)
				      : !bpf_skb_load_bytes(ctx, 0, to, size);
}

static __always_inline void capture(void *ctx, enum context context, bool bare,
				    struct pctl_event *event, __u32 size, __u32 room)
{
	__u32 header = 0, rest;

	if (context == CONTEXT_SKB && bare) {
		if (bpf_skb_load_bytes_relative(ctx, 0, event->data, ETH_HLEN, BPF_HDR_START_MAC))
			return;
		header = ETH_HLEN;
		event->captured = header;
	}
	if (size <= header)
		return;
	rest = fit(size - header, room);
	if (load_bytes(ctx, context, event->data + header, rest))
		event->captured = header + rest;
}

/* False: there is no room for it. */
static __always_inline bool tell(void *ctx, enum context context, struct report *r, void *ring,
				 __u32 size, __u32 room)
{
	struct pctl_event *event = bpf_ringbuf_reserve(ring, RECORD(room), 0);

	if (!event)
		return false;
	begin_event(event, r);
	capture(ctx, context, r->bare, event, size, room);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline void tell_reader(void *ctx, enum context context, struct report *r,
					__u32 reader)
{
	__u32 size = subscriptions.of[bounded(reader, PCTL_READERS - 1)].snaplen;
	void *ring = bpf_map_lookup_elem(&event_rings, &reader);
	bool told = false;

	if (size > r->length)
		size = r->length;
	if (!ring)
		;
	else if (size <= CAPTURE_SMALL)
		told = tell(ctx, context, r, ring, size, CAPTURE_SMALL);
	else if (size <= CAPTURE_MEDIUM)
		told = tell(ctx, context, r, ring, size, CAPTURE_MEDIUM);
	else
		told = tell(ctx, context, r, ring, size, CAPTURE_LARGE);
	if (!told)
		count_lost(r, 1u << bounded(reader, PCTL_READERS - 1));
}

#endif
