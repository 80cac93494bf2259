/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of the kernel's struct sk_buff that struct __sk_buff does not offer. The loader finds
 * their offsets in the kernel's BTF. libbpf could do so too (CO-RE), but it parses the BTF anew for
 * each object that it loads: to load a policy would take four times as long.
 */
#ifndef PCTL_SKB_H
#define PCTL_SKB_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* See abi.h. */
#define SKB_CONSTANT(name)                                                                  \
	({                                                                                  \
		__u64 constant;                                                             \
		asm volatile("%0 = %1" : "=r"(constant) : "i"(PCTL_SKB_CONSTANT + (name))); \
		constant;                                                                   \
	})

static void *(*const cast_to_skb)(struct __sk_buff *ctx) = (void *)PCTL_CAST_TO_SKB;

/* A field of the struct sk_buff at @skb. */
#define SKB_FIELD(type, skb, name) (*(type *)((skb) + SKB_CONSTANT(name)))

/* A copy of it, before Linux 6.2. The context of a tc program is the struct sk_buff, and with
 * CAP_PERFMON the verifier lets a helper have its address. */
#define COPY_SKB_FIELD(ctx, name, value) \
	bpf_probe_read_kernel(value, sizeof(*(value)), (void *)(ctx) + SKB_CONSTANT(name))

static __always_inline bool is_partial(__u8 ip_summed)
{
	return (ip_summed & SKB_CONSTANT(PCTL_SKB_IP_SUMMED_MASK)) ==
	       SKB_CONSTANT(PCTL_SKB_IP_SUMMED_PARTIAL);
}

/* In place of a place: no checksum is to be written. */
#define NO_CHECKSUM (1ll << 62)

/*
 * How far skb->data is behind skb->head. To verifiers since Linux 6.17 both are pointers, and of
 * all that can be done with two of them they allow only to subtract one from the other. The
 * compiler would begin with what the difference is added to.
 */
static __always_inline __u64 read_data_offset(void *skb)
{
	__u64 data = SKB_FIELD(__u64, skb, PCTL_SKB_DATA);
	__u64 head = SKB_FIELD(__u64, skb, PCTL_SKB_HEAD);

	asm volatile("%0 -= %1" : "+r"(data) : "r"(head));
	return data;
}

static __always_inline __s64 read_checksum_place(struct __sk_buff *ctx)
{
	void *skb = cast_to_skb(ctx);

	if (!is_partial(SKB_FIELD(__u8, skb, PCTL_SKB_IP_SUMMED)))
		return NO_CHECKSUM;
	return (__s64)SKB_FIELD(__u16, skb, PCTL_SKB_CSUM_START) +
	       SKB_FIELD(__u16, skb, PCTL_SKB_CSUM_OFFSET) - (__s64)read_data_offset(skb);
}

static __always_inline __s64 copy_checksum_place(struct __sk_buff *ctx)
{
	__u16 start = 0, offset = 0;
	__u64 head = 0, data = 0;
	__u8 ip_summed = 0;

	COPY_SKB_FIELD(ctx, PCTL_SKB_IP_SUMMED, &ip_summed);
	if (!is_partial(ip_summed))
		return NO_CHECKSUM;
	COPY_SKB_FIELD(ctx, PCTL_SKB_CSUM_START, &start);
	COPY_SKB_FIELD(ctx, PCTL_SKB_CSUM_OFFSET, &offset);
	COPY_SKB_FIELD(ctx, PCTL_SKB_HEAD, &head);
	COPY_SKB_FIELD(ctx, PCTL_SKB_DATA, &data);
	return (__s64)start + offset - (__s64)(data - head);
}

/* Where the kernel is to write a checksum (CHECKSUM_PARTIAL), in bytes from ctx->data on, which may
 * be negative; or NO_CHECKSUM. */
static __always_inline __s64 skb_checksum_place(struct __sk_buff *ctx)
{
	__u64 access = SKB_CONSTANT(PCTL_SKB_ACCESS);

	if (access == PCTL_SKB_READ)
		return read_checksum_place(ctx);
	return access == PCTL_SKB_COPY ? copy_checksum_place(ctx) : NO_CHECKSUM;
}

/*
 * The kernel is to write a checksum at @place (skb_checksum_place()), and shall not: the contents
 * of the packet will be others. It gives up where the place is cut off in front
 * (__skb_postpull_rcsum(); since Linux 4.3). What is in the packet is lost. Not 0: it failed.
 */
static __always_inline long skb_forget_checksum(struct __sk_buff *ctx, __s64 place)
{
	const __u32 rest = 128; /* an Ethernet and an IP header have to remain */
	__u32 gone = place + 1;

	if (place < 0 || place > 2047)
		return -1;
	if (bpf_skb_change_tail(ctx, gone + rest, 0))
		return -1;
	return bpf_skb_adjust_room(ctx, -(__s32)gone, BPF_ADJ_ROOM_MAC, 0);
}

/*
 * Does ctx->data begin behind the Ethernet header? So it is at ingress where generic XDP had to
 * copy the packet: skb_pp_cow_data() of Linux 6.9 and later loses skb->mac_len, by which the kernel
 * goes back to the Ethernet header before it calls tc.
 */
static __always_inline bool skb_is_bare(struct __sk_buff *ctx)
{
	void *skb;

	if (SKB_CONSTANT(PCTL_SKB_ACCESS) != PCTL_SKB_READ)
		return false;
	skb = cast_to_skb(ctx);
	return read_data_offset(skb) ==
	       (__u64)SKB_FIELD(__u16, skb, PCTL_SKB_MAC_HEADER) + ETH_HLEN;
}

#endif
