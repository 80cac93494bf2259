/* SPDX-License-Identifier: GPL-2.0-only */
/* In which class a packet waits: htb takes it from skb->priority. */
#ifndef PCTL_SHAPE_H
#define PCTL_SHAPE_H

#include "ctx.h"
#include "maps.h"

#define SHAPE_MAJOR 0xffff0000u

/*
 * A packet that waited on its way out of another container has the number of that class still, and
 * a privileged process of the host may write any: without a rule with `shape` of this policy no
 * packet waits in its classes.
 */
CTX_FUNCTION void ctx_shape_none(struct __sk_buff *ctx)
{
	if (treating.what & PCTL_TREATS_SHAPE && (ctx->priority & SHAPE_MAJOR) == PCTL_SHAPE_HANDLE)
		ctx->priority = 0;
}

CTX_FUNCTION void ctx_shape_none(struct xdp_md *ctx)
{
}

/* @class: the minor number, 0: it does not wait */
CTX_FUNCTION void ctx_shape(struct __sk_buff *ctx, __u32 class)
{
	if (treating.what & PCTL_TREATS_SHAPE && class)
		ctx->priority = PCTL_SHAPE_HANDLE | class;
}

#endif
