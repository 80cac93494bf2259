// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF object of policyctl: section `xdp` judges what a container sends (RX of its host-side
 * veth), section `tc` what it receives (egress of the same veth), and section `classifier` guards
 * what gets around `xdp` in generic mode. All read the same maps and constants.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "fragment.h"
#include "guard.h"
#include "match.h"
#include "parse.h"

char LICENSE[] SEC("license") = "GPL";

/* The verdict for a parsed packet of `length` bytes, worth `packets` on the wire; counted. */
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
	give_stamp(ctx);
	return XDP_PASS;
}

__noinline int walk_extensions_tc(struct __sk_buff *skb, struct packet *p)
{
	if (p)
		walk_extensions(p, (void *)(long)skb->data, (void *)(long)skb->data_end);
	return 0;
}

/* A socket buffer may keep headers outside its linear part: bring it all there and look again. */
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
	forget_stamp();
	return judge_tc(skb, PCTL_TO);
}

/* Stands at clsact ingress behind the XDP program in generic mode, for what that did not see:
 * guard.h. */
SEC("classifier")
int policyctl_guard(struct __sk_buff *skb)
{
	struct packet p = {};

	if (take_stamp(skb))
		return TC_ACT_UNSPEC;
	if (begins_with_ethernet(skb))
		return judge_tc(skb, PCTL_FROM);
	parse_ethertype(&p, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len, 0,
			skb->protocol);
	if (p.chain)
		walk_extensions_tc(skb, &p);
	return passes(&p, PCTL_FROM, skb->gso_segs ? skb->gso_segs : 1, skb->len + ETH_HLEN)
		       ? TC_ACT_UNSPEC
		       : TC_ACT_SHOT;
}
