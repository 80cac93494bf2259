/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rule or default does beside its verdict (abi_treatments.h), once the verdict stands:
 *
 *   its rate: what exceeds it gets the outcome `over` ─► a copy (mirror), also of that ─► its class
 *   (shape)
 *
 * Only tc does so: XDP does not know how many packets a GSO packet becomes.
 */
#ifndef PCTL_TREAT_H
#define PCTL_TREAT_H

#include "ctx.h"
#include "match.h"
#include "mirror.h"
#include "outcome.h"
#include "rate.h"
#include "shape.h"
#include "verifier.h"

/* Does this program do what is to be done beside the verdict? */
CTX_FUNCTION bool ctx_treats(struct xdp_md *ctx)
{
	return false;
}

CTX_FUNCTION bool ctx_treats(struct __sk_buff *ctx)
{
	return true;
}

/* The verdict on what exceeds its rate. Where a field is unknown that remains the reason. */
static __always_inline __u64 exceeding(__u64 verdict, __u32 over)
{
	__u8 reason = VERDICT_REASON(verdict);

	return VERDICT_OF(over, reason == PCTL_REASON_NONE ? PCTL_REASON_RATE : reason,
			  VERDICT_ESTABLISHED(verdict));
}

/* A packet whose outcome has PCTL_TREATED. Returns its verdict, which may be another one now.
 * @place: skb_checksum_place() */
VERIFIED_ONCE __u64 treat(struct __sk_buff *skb, __u64 verdict, __u32 direction, bool bare,
			  __s64 place)
{
	__u32 index = PCTL_OUTCOME_ARG(VERDICT_OUTCOME(verdict)) * PCTL_DIRECTIONS + direction;
	struct pctl_treatment *t = treating.what ? bpf_map_lookup_elem(&treatments, &index) : NULL;
	bool exceeds;

	if (!t)
		return verdict;
	exceeds = treating.what & PCTL_TREATS_RATE && t->bucket &&
		  exceeds_rate(skb, t, direction, bare, place);
	if (treating.what & PCTL_TREATS_MIRROR && t->mirror)
		mirror_packet(skb, t->mirror - 1, direction, bare);
	if (exceeds)
		return exceeding(verdict, t->over);
	if (passes(VERDICT_OUTCOME(verdict)))
		ctx_shape(skb, t->shape);
	return verdict;
}

CTX_FUNCTION __u64 ctx_treat(struct __sk_buff *ctx, __u64 verdict, __u8 direction, bool bare,
			     __s64 place)
{
	return treat(ctx, verdict, direction, bare, place);
}

CTX_FUNCTION __u64 ctx_treat(struct xdp_md *ctx, __u64 verdict, __u8 direction, bool bare,
			     __s64 place)
{
	return verdict;
}

#endif
