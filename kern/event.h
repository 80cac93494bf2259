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
#include "parse.h"

/* A constant where the policy has no log, so that programs without it carry none. */
static __always_inline bool logs(__u8 direction, __u32 outcome)
{
	return config.logs[direction] && outcome & PCTL_LOG;
}

static __always_inline void count_lost(void)
{
	__u32 index = 0;
	__u64 *lost = bpf_map_lookup_elem(&lost_events, &index);

	if (lost)
		++*lost;
}

static __always_inline void begin_event(struct pctl_event *event, __u32 outcome, __u32 length,
					__u8 direction, __u8 reason)
{
	event->time_ns = bpf_ktime_get_boot_ns();
	event->generation = config.generation;
	event->outcome = outcome;
	event->length = length;
	event->direction = direction;
	event->reason = reason;
	event->captured = 0;
}

/* How many of `length` bytes, at least one, go where there is room for `room`, a power of two. */
static __always_inline __u32 clamp_capture(__u32 length, __u32 room)
{
	__u32 last = (length < room ? length : room) - 1;

	return bounded(last, room - 1) + 1; /* so that the verifier sees it too */
}

static __always_inline void log_packet_xdp(struct xdp_md *ctx, __u32 outcome, __u32 length,
					   __u8 reason)
{
	struct pctl_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	__u32 size = clamp_capture(length, PCTL_EVENT_BYTES);

	if (!event)
		return count_lost();
	begin_event(event, outcome, length, PCTL_FROM, reason);
	event->ifindex = ctx->ingress_ifindex;
	if (!bpf_xdp_load_bytes(ctx, 0, event->data, size))
		event->captured = size;
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* The first bytes of what the socket buffer shows; returns how many. */
static __always_inline __u32 capture_tc(struct __sk_buff *skb, void *to, __u32 room)
{
	__u32 size = clamp_capture(skb->len, room);

	return bpf_skb_load_bytes(skb, 0, to, size) ? 0 : size;
}

#define BARE_ROOM 64 /* behind an Ethernet header, in PCTL_EVENT_BYTES */

/*
 * @length: of the frame. If that is more than the socket buffer says, the Ethernet header stands in
 * front of what that shows: guard.h, begins_with_ethernet().
 */
static __always_inline void log_packet_tc(struct __sk_buff *skb, __u32 outcome, __u32 length,
					  __u8 direction, __u8 reason)
{
	struct pctl_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return count_lost();
	begin_event(event, outcome, length, direction, reason);
	event->ifindex = skb->ifindex;
	if (length == skb->len)
		event->captured = capture_tc(skb, event->data, PCTL_EVENT_BYTES);
	else if (!bpf_skb_load_bytes_relative(skb, 0, event->data, ETH_HLEN, BPF_HDR_START_MAC))
		event->captured = ETH_HLEN + capture_tc(skb, event->data + ETH_HLEN, BARE_ROOM);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

#endif
