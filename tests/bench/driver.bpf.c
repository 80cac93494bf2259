// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TEST_RUN repeats one frame, so everything that a program looks up for it is in the
 * caches. These programs run before the measured one: each run writes the headers of another frame
 * over the packet, and tail-calls the measured program. The pass-only program is measured behind
 * the same driver, so the difference is the cost of the measured program alone.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "driver.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct driver_frame);
} frames SEC(".maps");

/* One for each kind: the kernel does not mix programs of different types and flags. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured_xdp SEC(".maps"), measured_tc SEC(".maps");

/* Which of `frames` are sent: `count`, a power of two, from `first` on. */
struct driver_state driver;

static __always_inline const struct driver_frame *next_frame(void)
{
	__u32 index = driver.first + (driver.next & driver.mask);

	return bpf_map_lookup_elem(&frames, &index);
}

static __always_inline bool put_frame(void *data, void *data_end)
{
	const struct driver_frame *frame = next_frame();
	__u64 *to = data;

	if (!frame || data + sizeof(*frame) > data_end)
		return false;
	for (int i = 0; i < DRIVER_FRAME_WORDS; i++)
		to[i] = frame->words[i];
	/* A locked instruction: the stores are complete before the measured program loads, as
	 * with a packet from elsewhere, and runs do not overlap. */
	__sync_fetch_and_add(&driver.next, 1);
	return true;
}

/* First removes the metadata of the last run: it would grow until there is no room. */
SEC("xdp")
int drive_xdp(struct xdp_md *ctx)
{
	long used = (long)ctx->data - (long)ctx->data_meta;

	if (bpf_xdp_adjust_meta(ctx, used))
		return XDP_ABORTED;
	if (!put_frame((void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return XDP_ABORTED;
	bpf_tail_call_static(ctx, &measured_xdp, 0);
	return XDP_ABORTED;
}

SEC("tc")
int drive_tc(struct __sk_buff *skb)
{
	if (!put_frame((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	bpf_tail_call_static(skb, &measured_tc, 0);
	return TC_ACT_SHOT;
}

SEC("xdp")
int pass_xdp(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("tc")
int pass_tc(struct __sk_buff *skb)
{
	return TC_ACT_UNSPEC;
}
