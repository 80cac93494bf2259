// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF object of policyctl: section `xdp` judges what a container sends (RX of its host-side
 * veth), section `tc` what it receives (egress of the same veth), and section `classifier` guards
 * what gets around `xdp` in generic mode. All read the same maps and constants.
 *
 * A plain packet (plain.h) is judged in the program itself. All others take the long road, a
 * function of its own, so that the plain ones do not pay for it; what is rare on that road is a
 * function again, which also keeps the verifier's work small: it looks at each once.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "event.h"
#include "fragment.h"
#include "guard.h"
#include "match.h"
#include "parse.h"
#include "plain.h"

char LICENSE[] SEC("license") = "GPL";

/* An outcome and, above it, why not all is known. Of a type that functions may return. */
#define JUDGEMENT(outcome, reason) ((__u64)(reason) << 32 | (outcome))

/* The outcome for a plain packet. */
static __always_inline __u32 judge_plain(const struct plain *p, __u8 direction, void *data,
					 void *data_end)
{
	struct fields f = {
		.words = { p->words[0], p->words[1] },
		.words_known = true,
		.peer_known = true,
		.family = p->family,
	};
	__u32 outcome = match_protocol(direction, p->protocol, &f);

	return resolve(outcome, direction, &f, data + ETH_HLEN, data_end);
}

/* Where the packet goes matters only if some rule asks for it, and then an unknown way is a reason.
 */
static __always_inline void note_route(struct packet *p, __u8 direction)
{
	if (direction != PCTL_FROM || !classes.uses_peers[direction])
		p->routed = false;
	else if (p->routed && p->reason == PCTL_REASON_NONE)
		p->reason = PCTL_REASON_ROUTE;
}

/* --- xdp --- */

__noinline int parse_xdp(struct xdp_md *ctx, struct packet *p, __u32 length)
{
	if (p)
		parse_frame(p, (void *)(long)ctx->data, (void *)(long)ctx->data_end, length);
	return 0;
}

__noinline int walk_extensions_xdp(struct xdp_md *ctx, struct packet *p)
{
	if (p)
		walk_extensions(p, (void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return 0;
}

/* Whether these IPv4 options, 1 to 40 bytes, may hold a source route. */
__noinline int is_routed_xdp(struct xdp_md *ctx, __u32 offset, __u32 size)
{
	__u32 there = bpf_xdp_get_buff_len(ctx) - offset;
	__u8 options[64] = {};

	if (there > size)
		there = size;
	if (!there ||
	    bpf_xdp_load_bytes(ctx, offset, options, bounded(there - 1, sizeof(options) - 1) + 1))
		return true;
	return has_source_route(options, size, there);
}

/* Is it a probe? See abi.h. */
static __always_inline bool is_probe_xdp(struct xdp_md *ctx)
{
	void *meta = (void *)(long)ctx->data_meta, *data = (void *)(long)ctx->data;

	return meta + sizeof(config.generation) <= data && config.generation &&
	       *(__u64 *)meta == config.generation;
}

__noinline int tell_reader_xdp(struct xdp_md *ctx, struct report *r, __u32 reader)
{
	if (r && r->wanted & (1u << bounded(reader, PCTL_READERS - 1)))
		tell_reader(ctx, CONTEXT_XDP, r, reader);
	return 0;
}

__noinline int report_xdp(struct xdp_md *ctx, __u32 outcome, __u32 reason, __u32 length)
{
	struct report r = {
		.outcome = outcome,
		.packets = 1,
		.length = length,
		.ifindex = ctx->ingress_ifindex,
		.direction = PCTL_FROM,
		.reason = reason,
		.kind = kind_of(outcome),
	};

	if (!is_told(&r))
		return 0;
	for (int i = 0; i < PCTL_READERS && r.wanted >> i; i++)
		tell_reader_xdp(ctx, &r, i);
	return 0;
}

/* The long road: for any frame. */
__noinline __u64 judge_xdp(struct xdp_md *ctx)
{
	struct packet p;
	__u32 outcome;

	clear_packet(&p);
	parse_xdp(ctx, &p, bpf_xdp_get_buff_len(ctx));
	if (p.chain)
		walk_extensions_xdp(ctx, &p);
	if (p.options && classes.uses_peers[PCTL_FROM])
		p.routed = is_routed_xdp(ctx, p.l3 + sizeof(struct iphdr), p.options);
	note_route(&p, PCTL_FROM);
	outcome = match_packet(&p, PCTL_FROM, (void *)(long)ctx->data, (void *)(long)ctx->data_end);
	if (is_tracked(&p, PCTL_FROM) && !is_probe_xdp(ctx))
		outcome = follow_fragments(&p, PCTL_FROM, outcome);
	return JUDGEMENT(outcome, p.reason);
}

/* Of the whole frame, which native mode may hand over in pieces. */
static __always_inline __u32 frame_length(struct xdp_md *ctx, void *data, void *data_end)
{
	__u32 linear = data_end - data;

	return linear < config.linear_below ? linear : bpf_xdp_get_buff_len(ctx);
}

/* XDP does not know how many packets a GSO packet becomes, it counts as one. */
static __always_inline int conclude_xdp(struct xdp_md *ctx, __u32 outcome, __u8 reason,
					__u32 length)
{
	if (is_probe_xdp(ctx))
		return PCTL_ANSWER(outcome, reason);
	account(PCTL_FROM, outcome, 1, length);
	account_unknown(PCTL_FROM, reason, 1, length);
	if (is_watched(outcome))
		report_xdp(ctx, outcome, reason, length);
	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS)
		return XDP_DROP;
	give_stamp(ctx);
	return XDP_PASS;
}

/* The headers of a frame in pieces are in the first, of 3 kB and more. */
SEC("xdp")
int policyctl_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	__u64 judgement;
	struct plain p;

	if (config.compiled && parse_plain(&p, data, data_end))
		return conclude_xdp(ctx, judge_plain(&p, PCTL_FROM, data, data_end),
				    PCTL_REASON_NONE, frame_length(ctx, data, data_end));
	judgement = judge_xdp(ctx);
	return conclude_xdp(ctx, judgement, judgement >> 32, bpf_xdp_get_buff_len(ctx));
}

/* --- tc --- */

/*
 * @bare: the socket buffer begins behind its Ethernet header
 * @pull: it may keep headers outside its linear part: bring it all there first
 */
__noinline int parse_tc(struct __sk_buff *skb, struct packet *p, bool bare, bool pull)
{
	if (!p || (pull && bpf_skb_pull_data(skb, skb->len)))
		return 0;
	clear_packet(p);
	if (bare)
		parse_ethertype(p, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len,
				skb->protocol);
	else
		parse_frame(p, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len);
	return 0;
}

__noinline int walk_extensions_tc(struct __sk_buff *skb, struct packet *p)
{
	if (p)
		walk_extensions(p, (void *)(long)skb->data, (void *)(long)skb->data_end);
	return 0;
}

__noinline int is_routed_tc(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	__u32 there = skb->len - offset;
	__u8 options[64] = {};

	if (there > size)
		there = size;
	if (!there ||
	    bpf_skb_load_bytes(skb, offset, options, bounded(there - 1, sizeof(options) - 1) + 1))
		return true;
	return has_source_route(options, size, there);
}

static __always_inline bool is_probe_tc(struct __sk_buff *skb)
{
	return skb->cb[0] == (__u32)config.generation && config.generation &&
	       skb->cb[1] == config.generation >> 32;
}

__noinline int tell_reader_tc(struct __sk_buff *skb, struct report *r, __u32 reader)
{
	if (r && r->wanted & (1u << bounded(reader, PCTL_READERS - 1)))
		tell_reader(skb, CONTEXT_SKB, r, reader);
	return 0;
}

/* A GSO packet counts as the packets it becomes. */
static __always_inline __u32 packets_of(struct __sk_buff *skb)
{
	return skb->gso_segs ? skb->gso_segs : 1;
}

__noinline int report_tc(struct __sk_buff *skb, __u64 judgement, __u32 direction, bool bare)
{
	struct report r = {
		.outcome = judgement,
		.packets = packets_of(skb),
		.length = skb->len + (bare ? ETH_HLEN : 0),
		.ifindex = skb->ifindex,
		.direction = direction,
		.reason = judgement >> 32,
		.kind = kind_of(judgement),
		.bare = bare,
	};

	if (!is_told(&r))
		return 0;
	for (int i = 0; i < PCTL_READERS && r.wanted >> i; i++)
		tell_reader_tc(skb, &r, i);
	return 0;
}

static __always_inline void walk_tc(struct __sk_buff *skb, struct packet *p, __u8 direction)
{
	if (p->chain)
		walk_extensions_tc(skb, p);
	if (direction == PCTL_FROM && p->options && classes.uses_peers[PCTL_FROM])
		p->routed = is_routed_tc(skb, p->l3 + sizeof(struct iphdr), p->options);
}

/* The long road: for any frame. */
static __always_inline __u64 judge_tc(struct __sk_buff *skb, __u8 direction, bool bare)
{
	struct packet p;
	__u32 outcome;

	clear_packet(&p);
	parse_tc(skb, &p, bare, false);
	walk_tc(skb, &p, direction);
	if (p.past_linear) {
		parse_tc(skb, &p, bare, true);
		walk_tc(skb, &p, direction);
	}
	note_route(&p, direction);
	outcome = match_packet(&p, direction, (void *)(long)skb->data, (void *)(long)skb->data_end);
	if (is_tracked(&p, direction) && !is_probe_tc(skb))
		outcome = follow_fragments(&p, direction, outcome);
	return JUDGEMENT(outcome, p.reason);
}

/* To pass is TC_ACT_UNSPEC, not OK, so that filters of other people behind ours still get their
 * turn. */
static __always_inline int conclude_tc(struct __sk_buff *skb, __u32 outcome, __u8 reason,
				       __u8 direction, bool bare)
{
	__u32 packets = packets_of(skb), length = skb->len + (bare ? ETH_HLEN : 0);

	if (is_probe_tc(skb))
		return PCTL_ANSWER(outcome, reason);
	if (direction == PCTL_TO)
		forget_stamp(); /* no packet comes by again but through here: guard.h */
	account(direction, outcome, packets, length);
	account_unknown(direction, reason, packets, length);
	if (is_watched(outcome))
		report_tc(skb, JUDGEMENT(outcome, reason), direction, bare);
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

__noinline __u64 judge_to(struct __sk_buff *skb)
{
	return judge_tc(skb, PCTL_TO, false);
}

SEC("tc")
int policyctl_tc(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	__u64 judgement;
	struct plain p;

	if (config.compiled && parse_plain(&p, data, data_end))
		return conclude_tc(skb, judge_plain(&p, PCTL_TO, data, data_end), PCTL_REASON_NONE,
				   PCTL_TO, false);
	judgement = judge_to(skb);
	return conclude_tc(skb, judgement, judgement >> 32, PCTL_TO, false);
}

/* --- the guard --- */

__noinline __u64 judge_from(struct __sk_buff *skb, __u32 bare)
{
	return judge_tc(skb, PCTL_FROM, bare);
}

__noinline int judge_unstamped(struct __sk_buff *skb)
{
	bool bare = !begins_with_ethernet(skb);
	__u64 judgement = judge_from(skb, bare);

	return conclude_tc(skb, judgement, judgement >> 32, PCTL_FROM, bare);
}

/* Stands at clsact ingress behind the XDP program in generic mode, for what that did not see:
 * guard.h. */
SEC("classifier")
int policyctl_guard(struct __sk_buff *skb)
{
	return take_stamp(skb) ? TC_ACT_UNSPEC : judge_unstamped(skb);
}
