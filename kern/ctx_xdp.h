/* SPDX-License-Identifier: GPL-2.0-only */
/* The vocabulary of ctx.h for XDP. */
#ifndef PCTL_CTX_XDP_H
#define PCTL_CTX_XDP_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"

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

CTX_FUNCTION int ctx_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

CTX_FUNCTION int ctx_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

#endif
