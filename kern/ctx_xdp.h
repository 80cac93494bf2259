/* SPDX-License-Identifier: GPL-2.0-only */
/* The vocabulary of ctx.h for XDP. */
#ifndef PCTL_CTX_XDP_H
#define PCTL_CTX_XDP_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "skb.h"

CTX_FUNCTION void *ctx_data(struct xdp_md *ctx)
{
	return (void *)(long)ctx->data;
}

CTX_FUNCTION void *ctx_data_end(struct xdp_md *ctx)
{
	return (void *)(long)ctx->data_end;
}

CTX_FUNCTION __u32 ctx_length(struct xdp_md *ctx)
{
	__u32 linear = ctx_data_end(ctx) - ctx_data(ctx);

	return linear < config.linear_below ? linear : bpf_xdp_get_buff_len(ctx);
}

/* XDP does not know how many packets a GSO packet becomes. */
CTX_FUNCTION __u32 ctx_packets(struct xdp_md *ctx)
{
	return 1;
}

CTX_FUNCTION __u32 ctx_ifindex(struct xdp_md *ctx)
{
	return ctx->ingress_ifindex;
}

CTX_FUNCTION long ctx_load_bytes(struct xdp_md *ctx, __u32 offset, void *to, __u32 size)
{
	return bpf_xdp_load_bytes(ctx, offset, to, size);
}

/* The headers of a frame in pieces are in its first piece, of 3 kB and more. */
CTX_FUNCTION bool ctx_may_pull(struct xdp_md *ctx)
{
	return false;
}

CTX_FUNCTION long ctx_pull(struct xdp_md *ctx)
{
	return -1;
}

CTX_FUNCTION bool ctx_may_be_bare(struct xdp_md *ctx)
{
	return false;
}

CTX_FUNCTION bool ctx_is_bare(struct xdp_md *ctx)
{
	return false;
}

CTX_FUNCTION __be16 ctx_ethertype(struct xdp_md *ctx)
{
	return 0;
}

CTX_FUNCTION long ctx_load_ethernet(struct xdp_md *ctx, void *to)
{
	return -1;
}

CTX_FUNCTION __u16 ctx_vlan(struct xdp_md *ctx)
{
	return PCTL_VLAN_UNSEEN;
}

CTX_FUNCTION bool ctx_is_guarded(struct xdp_md *ctx)
{
	return config.guarded;
}

CTX_FUNCTION bool ctx_is_probe(struct xdp_md *ctx)
{
	void *meta = (void *)(long)ctx->data_meta;

	return meta + sizeof(config.generation) <= ctx_data(ctx) && config.generation &&
	       *(__u64 *)meta == config.generation;
}

CTX_FUNCTION __u32 ctx_probe_established(struct xdp_md *ctx)
{
	__u64 *meta = (void *)(long)ctx->data_meta;

	if (!ctx_is_probe(ctx) || (void *)(meta + 2) > ctx_data(ctx))
		return PCTL_PROBE_AS_IT_IS;
	return meta[1];
}

CTX_FUNCTION int ctx_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

CTX_FUNCTION int ctx_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

CTX_FUNCTION __s64 ctx_checksum_place(struct xdp_md *ctx)
{
	return NO_CHECKSUM;
}

/* There is room in front of a frame, but not always behind it. */
CTX_FUNCTION long ctx_resize(struct xdp_md *ctx, __u32 length, bool bare, __s64 place)
{
	__s32 more = length - bpf_xdp_get_buff_len(ctx);

	return more > 0 ? bpf_xdp_adjust_head(ctx, -more) : bpf_xdp_adjust_tail(ctx, more);
}

CTX_FUNCTION long ctx_store_bytes(struct xdp_md *ctx, __u32 offset, const void *from, __u32 size)
{
	return bpf_xdp_store_bytes(ctx, offset, (void *)from, size);
}

/* XDP_TX of a veth in native mode arrives nowhere, unless the other end takes part. */
CTX_FUNCTION int ctx_answer(struct xdp_md *ctx, __u32 direction)
{
	void *meta;

	if (answering.by == PCTL_ANSWERS_BY_XDP)
		return XDP_TX;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(answering.mark)))
		return XDP_DROP;
	meta = (void *)(long)ctx->data_meta;
	if (meta + sizeof(answering.mark) > ctx_data(ctx))
		return XDP_DROP;
	*(__u64 *)meta = answering.mark;
	return XDP_PASS;
}

/* XDP_TX passes no hook, and the guard remembers what it sends. */
CTX_FUNCTION bool ctx_meets_answers(struct xdp_md *ctx)
{
	return false;
}

#endif
