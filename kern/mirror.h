/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies of packets (`mirror`). bpf_clone_redirect() sends one to the egress of another interface,
 * where the kernel segments it and fills in its checksum as that interface needs. So only tc
 * programs make copies; where XDP would drop what is to be copied, it leaves that to the guard.
 *
 * The packet itself stays as it is. A copy cannot be changed once it is made, so a MAC address that
 * it is to have is written before and taken back behind: the kernel gives the packet a head of its
 * own when it is cloned (bpf_clone_redirect() in net/core/filter.c), so writing it back does not
 * reach the copy, and cannot fail.
 */
#ifndef PCTL_KERN_MIRROR_H
#define PCTL_KERN_MIRROR_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "ctx.h"
#include "maps.h"

/* Puts the Ethernet header, which the kernel has in front of the frame, into it: a copy begins
 * where the frame does. Not 0: it failed, and nothing has changed. */
static __always_inline long take_header(struct __sk_buff *skb)
{
	__u8 header[ETH_HLEN];

	return bpf_skb_load_bytes_relative(skb, 0, header, sizeof(header), BPF_HDR_START_MAC) ?:
		       bpf_skb_change_head(skb, sizeof(header), 0) ?:
		       bpf_skb_store_bytes(skb, 0, header, sizeof(header), 0);
}

/* Sends a copy with another receiver. Not 0: it was not sent. */
static __always_inline long clone_readdressed(struct __sk_buff *skb, __u32 ifindex, const __u8 *mac)
{
	__u8 receiver[ETH_ALEN];
	long error;

	if (bpf_skb_load_bytes(skb, 0, receiver, sizeof(receiver)) ||
	    bpf_skb_store_bytes(skb, 0, mac, sizeof(receiver), 0))
		return -1;
	error = bpf_clone_redirect(skb, ifindex, 0);
	bpf_skb_store_bytes(skb, 0, receiver, sizeof(receiver), 0);
	return error;
}

static __always_inline void account_copy(__u32 number, __u32 direction, bool failed, __u32 packets,
					 __u32 bytes)
{
	__u32 fate = number * PCTL_COPY_FATES + (failed ? PCTL_COPY_FAILED : PCTL_COPY_MADE);
	__u32 index = fate * PCTL_DIRECTIONS + direction;

	count(bpf_map_lookup_elem(&mirror_stats, &index), packets, bytes);
}

/* Sends a copy of a frame to mirror @number. The frame is not bare (ctx.h) any more then. */
VERIFIED_ONCE int mirror_packet(struct __sk_buff *skb, __u32 number, __u32 direction, bool bare)
{
	__u32 packets = ctx_packets(skb), length = skb->len + (bare ? ETH_HLEN : 0), ifindex;
	struct pctl_mirror *mirror;
	__u8 mac[ETH_ALEN];
	bool failed = true;

	if (!(treating.what & PCTL_TREATS_MIRROR))
		return 0;
	mirror = bpf_map_lookup_elem(&mirrors, &number);
	if (!mirror)
		return 0;
	ifindex = mirror->ifindex;
	if (!ifindex || (bare && take_header(skb)))
		goto out;
	if (mirror->has_mac) {
		__builtin_memcpy(mac, mirror->mac, sizeof(mac));
		failed = clone_readdressed(skb, ifindex, mac);
	} else {
		failed = bpf_clone_redirect(skb, ifindex, 0);
	}
out:
	account_copy(number, direction, failed, packets, length);
	return 0;
}

#endif
