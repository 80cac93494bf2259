/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets whose outcome says `log` become events in the ring buffer. Its reader is not woken: to
 * wake it costs more than a thousand packets.
 */
#ifndef PCTL_EVENT_H
#define PCTL_EVENT_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"

/* A constant where the policy has no log, so that programs without it carry none. */
static __always_inline bool logs(__u8 direction, __u32 outcome)
{
	return config.logs[direction] && outcome & PCTL_LOG;
}

static __always_inline struct pctl_event *start_event(__u32 outcome, __u32 length)
{
	struct pctl_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	__u32 index = 0;
	__u64 *lost;

	if (!event) {
		lost = bpf_map_lookup_elem(&lost_events, &index);
		if (lost)
			++*lost;
		return NULL;
	}
	event->time_ns = bpf_ktime_get_boot_ns();
	event->generation = config.generation;
	event->outcome = outcome;
	event->length = length;
	return event;
}

static __always_inline void finish_event(struct pctl_event *event)
{
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* How many of `length` bytes go into an event that has room for `room`; never more, and the
 * verifier sees it. */
static __always_inline __u32 clamp_capture(__u32 length, __u32 room)
{
	__u32 size = length < room ? length : room;

	barrier_var(size); /* or the compiler drops the check that the verifier wants */
	return size > room ? 0 : size;
}

static __always_inline void log_packet_xdp(struct xdp_md *ctx, __u32 outcome, __u32 length,
					   __u8 reason)
{
	struct pctl_event *event = start_event(outcome, length);
	__u32 size = clamp_capture(length, PCTL_EVENT_BYTES);

	if (!event)
		return;
	event->ifindex = ctx->ingress_ifindex;
	event->direction = PCTL_FROM;
	event->reason = reason;
	if (!size || bpf_xdp_load_bytes(ctx, 0, event->data, size))
		size = 0;
	event->captured = size;
	finish_event(event);
}

/* The first `room` bytes of what the socket buffer shows; returns how many there were. */
static __always_inline __u32 capture_tc(struct __sk_buff *skb, void *to, __u32 room)
{
	__u32 size = clamp_capture(skb->len, room);

	return size && !bpf_skb_load_bytes(skb, 0, to, size) ? size : 0;
}

/*
 * @length: of the frame. If that is more than the socket buffer says, the Ethernet header stands in
 * front of what that shows: guard.h, begins_with_ethernet().
 */
static __always_inline void log_packet_tc(struct __sk_buff *skb, __u32 outcome, __u32 length,
					  __u8 direction, __u8 reason)
{
	struct pctl_event *event = start_event(outcome, length);

	if (!event)
		return;
	event->ifindex = skb->ifindex;
	event->direction = direction;
	event->reason = reason;
	event->captured = 0;
	if (length == skb->len)
		event->captured = capture_tc(skb, event->data, PCTL_EVENT_BYTES);
	else if (!bpf_skb_load_bytes_relative(skb, 0, event->data, ETH_HLEN, BPF_HDR_START_MAC))
		event->captured = ETH_HLEN + capture_tc(skb, event->data + ETH_HLEN,
							PCTL_EVENT_BYTES - ETH_HLEN);
	finish_event(event);
}

#endif
