/* SPDX-License-Identifier: GPL-2.0-only */
/* The vocabulary of ctx.h for tc. */
#ifndef PCTL_CTX_TC_H
#define PCTL_CTX_TC_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "skb.h"
#include "wire.h"

CTX_FUNCTION void *ctx_data(struct __sk_buff *ctx)
{
	return (void *)(long)ctx->data;
}

CTX_FUNCTION void *ctx_data_end(struct __sk_buff *ctx)
{
	return (void *)(long)ctx->data_end;
}

CTX_FUNCTION __u32 ctx_length(struct __sk_buff *ctx)
{
	return ctx->len;
}

/* A GSO packet counts as its segments. */
CTX_FUNCTION __u32 ctx_packets(struct __sk_buff *ctx)
{
	return ctx->gso_segs ? ctx->gso_segs : 1;
}

CTX_FUNCTION __u32 ctx_ifindex(struct __sk_buff *ctx)
{
	return ctx->ifindex;
}

CTX_FUNCTION long ctx_load_bytes(struct __sk_buff *ctx, __u32 offset, void *to, __u32 size)
{
	return bpf_skb_load_bytes(ctx, offset, to, size);
}

CTX_FUNCTION bool ctx_may_pull(struct __sk_buff *ctx)
{
	return true;
}

CTX_FUNCTION long ctx_pull(struct __sk_buff *ctx)
{
	return bpf_skb_pull_data(ctx, ctx->len);
}

CTX_FUNCTION bool ctx_may_be_bare(struct __sk_buff *ctx)
{
	return true;
}

CTX_FUNCTION bool ctx_is_bare(struct __sk_buff *ctx)
{
	return skb_is_bare(ctx);
}

CTX_FUNCTION __be16 ctx_ethertype(struct __sk_buff *ctx)
{
	return ctx->protocol;
}

CTX_FUNCTION long ctx_load_ethernet(struct __sk_buff *ctx, void *to)
{
	return bpf_skb_load_bytes_relative(ctx, 0, to, ETH_HLEN, BPF_HDR_START_MAC);
}

CTX_FUNCTION __u16 ctx_vlan(struct __sk_buff *ctx)
{
	return ctx->vlan_present ? ctx->vlan_tci & VLAN_ID_MASK : PCTL_VLAN_NONE;
}

CTX_FUNCTION bool ctx_is_guarded(struct __sk_buff *ctx)
{
	return false;
}

CTX_FUNCTION bool ctx_is_probe(struct __sk_buff *ctx)
{
	return ctx->cb[0] == (__u32)config.generation && config.generation &&
	       ctx->cb[1] == config.generation >> 32;
}

CTX_FUNCTION __u32 ctx_probe_established(struct __sk_buff *ctx)
{
	return ctx_is_probe(ctx) ? ctx->cb[2] : PCTL_PROBE_AS_IT_IS;
}

/* TC_ACT_UNSPEC, not TC_ACT_OK: other people's filters behind ours still get their turn. */
CTX_FUNCTION int ctx_pass(struct __sk_buff *ctx)
{
	return TC_ACT_UNSPEC;
}

CTX_FUNCTION int ctx_drop(struct __sk_buff *ctx)
{
	return TC_ACT_SHOT;
}

CTX_FUNCTION __s64 ctx_checksum_place(struct __sk_buff *ctx)
{
	return skb_checksum_place(ctx);
}

CTX_FUNCTION long ctx_resize(struct __sk_buff *ctx, __u32 length, bool bare, __s64 place)
{
	if (place != NO_CHECKSUM && skb_forget_checksum(ctx, place))
		return -1;
	if (bare && bpf_skb_change_head(ctx, ETH_HLEN, 0))
		return -1;
	return bpf_skb_change_tail(ctx, length, 0);
}

CTX_FUNCTION long ctx_store_bytes(struct __sk_buff *ctx, __u32 offset, const void *from, __u32 size)
{
	return bpf_skb_store_bytes(ctx, offset, from, size,
				   BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH);
}

CTX_FUNCTION int ctx_answer(struct __sk_buff *ctx, __u32 direction)
{
	return bpf_redirect(ctx->ifindex, direction == PCTL_TO ? BPF_F_INGRESS : 0);
}

/* Did XDP leave an answer to the guard? Metadata comes from XDP on this interface, or from a sender
 * whose packet got past XDP: hence the secret. A packet with it goes back to its sender anyway. */
CTX_FUNCTION bool ctx_is_marked(struct __sk_buff *ctx)
{
	void *meta = (void *)(long)ctx->data_meta;

	return meta + sizeof(answering.mark) <= ctx_data(ctx) && *(__u64 *)meta == answering.mark;
}

CTX_FUNCTION bool ctx_meets_answers(struct __sk_buff *ctx)
{
	return true;
}

#endif
