// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF object of policyctl: section `xdp` judges what a container sends (RX of its host-side
 * veth), section `tc` what it receives (egress of the same veth). Both read the same maps and
 * constants.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "fragment.h"
#include "match.h"
#include "parse.h"

char LICENSE[] SEC("license") = "GPL";

/* The verdict for a parsed packet of `length` bytes that stands for `packets` on the wire; counted.
 */
static __always_inline bool passes(struct packet *p, __u8 direction, __u32 packets, __u32 length)
{
	__u32 outcome = follow_fragments(p, direction, match_packet(p, direction));

	account(p, direction, outcome, packets, length);
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS;
}

__noinline int walk_extensions_xdp(struct xdp_md *ctx, struct packet *p)
{
	if (p)
		walk_extensions(p, (void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return 0;
}

/*
 * The stamp by which XDP tells the guard behind it that a packet was judged: a secret in the
 * packet's metadata, which only a BPF program of this machine can write. It stands ETH_HLEN bytes
 * into the metadata, because tc ingress finds `data`, and with it `data_meta`, that much too far
 * back where generic XDP had to copy the packet (skb_pp_cow_data() of Linux 6.9 and later loses
 * skb->mac_len).
 */
#define STAMP_AT ETH_HLEN
#define METADATA_SIZE 24 /* STAMP_AT and 8 bytes, in units of 4 */

/* If the kernel has no room for it, the guard judges the packet again. */
static __always_inline void stamp(struct xdp_md *ctx)
{
	void *meta;

	if (!config.stamp || bpf_xdp_adjust_meta(ctx, -METADATA_SIZE))
		return;
	meta = (void *)(long)ctx->data_meta;
	if (meta + METADATA_SIZE <= (void *)(long)ctx->data)
		*(__u64 *)(meta + STAMP_AT) = config.stamp;
}

/* Is it stamped? Wipes the stamp, so that it cannot serve when the packet comes by again. */
static __always_inline bool take_stamp(struct __sk_buff *skb)
{
	void *meta = (void *)(long)skb->data_meta;
	__u64 *found = meta;

	if (!config.stamp || meta + METADATA_SIZE > (void *)(long)skb->data)
		return false; /* a packet that XDP did not see has no metadata at all */
	if (*found != config.stamp)
		found = meta + STAMP_AT;
	if (*found != config.stamp)
		return false;
	*found = 0;
	return true;
}

/* Native mode may hand over a frame in pieces: its headers are in the first, of 3 kB and more. XDP
 * does not know how many packets a GSO packet becomes, it counts as one. */
SEC("xdp")
int policyctl_xdp(struct xdp_md *ctx)
{
	__u32 length = bpf_xdp_get_buff_len(ctx);
	struct packet p;

	parse_frame(&p, (void *)(long)ctx->data, (void *)(long)ctx->data_end, length);
	if (p.chain)
		walk_extensions_xdp(ctx, &p);
	if (!passes(&p, PCTL_FROM, 1, length))
		return XDP_DROP;
	stamp(ctx);
	return XDP_PASS;
}

__noinline int walk_extensions_tc(struct __sk_buff *skb, struct packet *p)
{
	if (p)
		walk_extensions(p, (void *)(long)skb->data, (void *)(long)skb->data_end);
	return 0;
}

/* A socket buffer may keep headers outside its linear part: bring all of it there and look again.
 */
__noinline int parse_whole_tc(struct __sk_buff *skb, struct packet *p)
{
	if (p && !bpf_skb_pull_data(skb, skb->len))
		parse_frame(p, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len);
	return 0;
}

/* To pass is TC_ACT_UNSPEC, not OK, so that filters of other people behind ours still get their
 * turn. */
static __always_inline int judge_tc(struct __sk_buff *skb, __u8 direction)
{
	__u32 packets = skb->gso_segs ? skb->gso_segs : 1;
	struct packet p;

	parse_frame(&p, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len);
	if (p.chain)
		walk_extensions_tc(skb, &p);
	if (p.past_linear) {
		parse_whole_tc(skb, &p);
		if (p.chain)
			walk_extensions_tc(skb, &p);
	}
	return passes(&p, direction, packets, skb->len) ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

SEC("tc")
int policyctl_tc(struct __sk_buff *skb)
{
	return judge_tc(skb, PCTL_TO);
}

/*
 * Stands at clsact ingress behind the XDP program in generic mode. Generic XDP does not look at
 * packets that act_mirred or nft's fwd redirected (netif_receive_generic_xdp() in net/core/dev.c),
 * and the container's root can do so on its side of the veth. XDP stamps what it let pass; what
 * comes without the stamp was never judged.
 */
SEC("classifier")
int policyctl_guard(struct __sk_buff *skb)
{
	return take_stamp(skb) ? TC_ACT_UNSPEC : judge_tc(skb, PCTL_FROM);
}
