// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF object of policyctl. Section `xdp` decides on what a container sends (RX of its host-side
 * veth), section `tc` on what it receives (egress of the same veth). All programs share maps and
 * constants.
 *
 * Section `classifier`, at clsact ingress behind `xdp`, is the guard. It applies the same policy to
 * what the container sends, for two reasons. XDP does not see everything: generic XDP skips packets
 * that act_mirred or nft's fwd redirected (netif_receive_generic_xdp() in net/core/dev.c), and on a
 * veth native XDP skips what comes by bpf_redirect_peer() or outside NAPI. And XDP does not see
 * where a checksum is to be written (checksum.h), nor a VLAN tag that is in a packet's metadata.
 * XDP counts what it drops, the guard counts the
 * rest, so each packet is counted once.
 *
 * Plain packets (plain.h) take the fast path, which is inlined in each program. All others take the
 * slow path, in functions of its own, so that the fast path does not pay for it.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "answer.h"
#include "checksum.h"
#include "connections.h"
#include "ctx.h"
#include "fragment.h"
#include "match.h"
#include "notify.h"
#include "own_claims.h"
#include "parse.h"
#include "plain.h"
#include "treat.h"

char LICENSE[] SEC("license") = "GPL";

#define CTX struct xdp_md
#define CTX_NAME(name) name##_xdp
#include "verdict.h"

#define CTX struct __sk_buff
#define CTX_NAME(name) name##_tc
#include "verdict.h"

#include "dns_answers.h"

/* --- xdp --- */

VERIFIED_ONCE __u64 tracked_from_xdp(struct xdp_md *ctx, __u64 packed)
{
	return tracked_verdict(ctx, PCTL_FROM, packed);
}

VERIFIED_ONCE __u64 slow_from_xdp(struct xdp_md *ctx)
{
	return slow_verdict(ctx, PCTL_FROM, false, NO_CHECKSUM);
}

SEC("xdp")
int policyctl_xdp(struct xdp_md *ctx)
{
	struct plain p;

	if (is_plain(ctx, &p, PCTL_FROM, NO_CHECKSUM) &&
	    is_plainly_own(&p, ctx_data(ctx), ctx_data_end(ctx))) {
		ask_plain(ctx, &p, NO_CHECKSUM);
		return conclude(ctx,
				tracking.tracks ? tracked_from_xdp(ctx, pack_plain(&p))
						: plain_verdict(ctx, &p, PCTL_FROM),
				PCTL_FROM, false);
	}
	ask_any(ctx, false, NO_CHECKSUM);
	return conclude(ctx, noted(ctx, slow_from_xdp(ctx)), PCTL_FROM, false);
}

/* --- tc --- */

VERIFIED_ONCE __u64 tracked_to(struct __sk_buff *skb, __u64 packed)
{
	return tracked_verdict(skb, PCTL_TO, packed);
}

VERIFIED_ONCE __u64 slow_to(struct __sk_buff *skb, __s64 place)
{
	return slow_verdict(skb, PCTL_TO, false, place);
}

SEC("tc")
int policyctl_tc(struct __sk_buff *skb)
{
	__s64 place = skb_checksum_place(skb);
	struct plain p;

	if (is_plain(skb, &p, PCTL_TO, place))
		return conclude(skb,
				tracking.tracks ? tracked_to(skb, pack_plain(&p))
						: plain_verdict(skb, &p, PCTL_TO),
				PCTL_TO, false);
	return conclude(skb, noted(skb, slow_to(skb, place)), PCTL_TO, false);
}

/* --- the guard --- */

VERIFIED_ONCE __u64 tracked_from_tc(struct __sk_buff *skb, __u64 packed)
{
	return tracked_verdict(skb, PCTL_FROM, packed);
}

VERIFIED_ONCE __u64 slow_from_tc(struct __sk_buff *skb, bool bare, __s64 place)
{
	return slow_verdict(skb, PCTL_FROM, bare, place);
}

/* An answer that XDP has left to the guard. */
VERIFIED_ONCE int send_marked(struct __sk_buff *skb, bool bare, __s64 place)
{
	__u32 sizes = load_answer_tc(skb, bare);

	return sizes ? send_answer_tc(skb, PCTL_FROM, sizes, bare, place) : ctx_drop(skb);
}

SEC("classifier")
int policyctl_guard(struct __sk_buff *skb)
{
	struct plain p;
	__s64 place;
	bool bare;

	if (answering.by == PCTL_ANSWERS_BY_GUARD && ctx_is_marked(skb))
		return send_marked(skb, skb_is_bare(skb), skb_checksum_place(skb));
	place = skb_checksum_place(skb);
	bare = skb_is_bare(skb);
	if (!bare && is_plain(skb, &p, PCTL_FROM, place) &&
	    is_plainly_own(&p, ctx_data(skb), ctx_data_end(skb))) {
		ask_plain(skb, &p, place);
		return conclude(skb,
				tracking.tracks ? tracked_from_tc(skb, pack_plain(&p))
						: plain_verdict(skb, &p, PCTL_FROM),
				PCTL_FROM, false);
	}
	ask_any(skb, bare, place);
	return conclude(skb, noted(skb, slow_from_tc(skb, bare, place)), PCTL_FROM, bare);
}
