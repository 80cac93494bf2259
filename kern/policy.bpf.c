// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF object of policyctl. Section `xdp` decides on what a container sends (RX of its host-side
 * veth), section `tc` on what it receives (egress of the same veth). Section `classifier` (clsact
 * ingress) is the guard: it decides on what bypasses `xdp` in generic mode. All programs share maps
 * and constants.
 *
 * Plain packets (plain.h) take the fast path, which is inlined in each program. All others take the
 * slow path, in functions of its own, so that the fast path does not pay for it.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "ctx.h"
#include "fragment.h"
#include "guard.h"
#include "match.h"
#include "notify.h"
#include "parse.h"
#include "plain.h"

char LICENSE[] SEC("license") = "GPL";

#define CTX struct xdp_md
#define CTX_NAME(name) name##_xdp
#include "verdict.h"

#define CTX struct __sk_buff
#define CTX_NAME(name) name##_tc
#include "verdict.h"

/* --- xdp --- */

VERIFIED_ONCE __u64 slow_from_xdp(struct xdp_md *ctx)
{
	return slow_verdict(ctx, PCTL_FROM, false);
}

SEC("xdp")
int policyctl_xdp(struct xdp_md *ctx)
{
	struct plain p;

	if (config.compiled && parse_plain(&p, ctx_data(ctx), ctx_data_end(ctx)))
		return conclude(ctx, plain_verdict(&p, PCTL_FROM, ctx_data(ctx), ctx_data_end(ctx)),
				PCTL_FROM, false);
	return conclude(ctx, slow_from_xdp(ctx), PCTL_FROM, false);
}

/* --- tc --- */

VERIFIED_ONCE __u64 slow_to(struct __sk_buff *skb)
{
	return slow_verdict(skb, PCTL_TO, false);
}

SEC("tc")
int policyctl_tc(struct __sk_buff *skb)
{
	struct plain p;

	if (!ctx_is_probe(skb))
		forget_stamp(); /* no packet comes by again but through here: guard.h */
	if (config.compiled && parse_plain(&p, ctx_data(skb), ctx_data_end(skb)))
		return conclude(skb, plain_verdict(&p, PCTL_TO, ctx_data(skb), ctx_data_end(skb)),
				PCTL_TO, false);
	return conclude(skb, slow_to(skb), PCTL_TO, false);
}

/* --- the guard --- */

VERIFIED_ONCE __u64 slow_from_tc(struct __sk_buff *skb, __u32 bare)
{
	return slow_verdict(skb, PCTL_FROM, bare);
}

VERIFIED_ONCE int guard_unstamped(struct __sk_buff *skb)
{
	bool bare = !begins_with_ethernet(skb);

	return conclude(skb, slow_from_tc(skb, bare), PCTL_FROM, bare);
}

/* Stands at clsact ingress behind the XDP program in generic mode, for what that did not see:
 * guard.h. */
SEC("classifier")
int policyctl_guard(struct __sk_buff *skb)
{
	return take_stamp(skb) ? TC_ACT_UNSPEC : guard_unstamped(skb);
}
