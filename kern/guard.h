/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What passes between XDP in generic mode and the guard at clsact ingress behind it.
 *
 * Generic XDP does not look at packets that act_mirred or nft's fwd redirected
 * (netif_receive_generic_xdp() in net/core/dev.c), and the container's root can do so on its side
 * of the veth. So XDP stamps what it let pass, and the guard judges what has no stamp.
 *
 * The stamp is a number in the packet's metadata, good for one packet: XDP keeps it as pending for
 * this CPU, and the guard, which runs next on the same CPU for the same packet, takes it from
 * there. A packet that comes by again with its old stamp has to leave through egress of the same
 * interface in between, and the program there forgets what is pending (a packet that skipped the
 * guard may have left it).
 *
 * The guard must not wipe the stamp in the packet itself: a program that writes to packets gets
 * those that somebody listens to copied first, without their metadata.
 */
#ifndef PCTL_GUARD_H
#define PCTL_GUARD_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "wire.h"
#include "maps.h"

/*
 * The stamp stands ETH_HLEN bytes into the metadata, because tc ingress finds `data`, and with it
 * `data_meta`, that much too far on where generic XDP had to copy the packet: skb_pp_cow_data() of
 * Linux 6.9 and later loses skb->mac_len.
 */
#define STAMP_AT ETH_HLEN
#define METADATA_SIZE 24 /* STAMP_AT and 8 bytes, in units of 4 */

/* If the kernel has no room for it, the guard judges the packet again. */
static __always_inline void give_stamp(struct xdp_md *ctx)
{
	struct pctl_stamp *stamp;
	__u32 index = 0;
	void *meta;

	if (!config.stamp || bpf_xdp_adjust_meta(ctx, -METADATA_SIZE))
		return;
	stamp = bpf_map_lookup_elem(&stamps, &index);
	meta = (void *)(long)ctx->data_meta;
	if (!stamp || meta + METADATA_SIZE > (void *)(long)ctx->data)
		return;
	stamp->pending = config.stamp + ++stamp->number;
	*(__u64 *)(meta + STAMP_AT) = stamp->pending;
}

/* Is this the packet that XDP let pass a moment ago? */
static __always_inline bool take_stamp(struct __sk_buff *skb)
{
	void *meta = (void *)(long)skb->data_meta;
	struct pctl_stamp *stamp;
	__u32 index = 0;
	__u64 pending;

	/* A packet that XDP did not see has no metadata at all. */
	if (!config.stamp || meta + METADATA_SIZE > (void *)(long)skb->data)
		return false;
	stamp = bpf_map_lookup_elem(&stamps, &index);
	if (!stamp || !stamp->pending)
		return false;
	pending = stamp->pending;
	stamp->pending = 0;
	return *(__u64 *)meta == pending || *(__u64 *)(meta + STAMP_AT) == pending;
}

/* Nothing that is pending now may be taken any more. */
static __always_inline void forget_stamp(void)
{
	struct pctl_stamp *stamp;
	__u32 index = 0;

	if (!config.stamp)
		return;
	stamp = bpf_map_lookup_elem(&stamps, &index);
	if (stamp)
		stamp->pending = 0;
}

/* Does `data` begin with the Ethernet header? If not, then with what follows it, see STAMP_AT. */
static __always_inline bool begins_with_ethernet(struct __sk_buff *skb)
{
	__u16 header[ETH_HLEN / 2], *data = (void *)(long)skb->data;

	if ((void *)data + sizeof(header) > (void *)(long)skb->data_end ||
	    bpf_skb_load_bytes_relative(skb, 0, header, sizeof(header), BPF_HDR_START_MAC))
		return true;
	for (int i = 0; i < ETH_HLEN / 2; i++)
		if (data[i] != header[i])
			return false;
	return true;
}

#endif
