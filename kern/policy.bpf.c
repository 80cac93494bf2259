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

/* The outcome for a plain packet, counted. */
static __always_inline __u32 judge_plain(const struct plain *p, __u8 direction, void *data,
					 void *data_end, __u32 packets, __u32 length)
{
	struct fields f = {
		.words = { p->words[0], p->words[1] },
		.words_known = true,
		.peer_known = true,
		.family = p->family,
	};
	__u32 outcome = match_protocol(direction, p->protocol, &f);

	outcome = resolve(outcome, direction, &f, data + ETH_HLEN, data_end);
	account(direction, outcome, packets, length);
	return outcome;
}

/* The outcome for a parsed packet of `length` bytes, worth `packets` on the wire; counted. */
static __always_inline __u32 judge_parsed(struct packet *p, __u8 direction, void *data,
					  void *data_end, __u32 packets, __u32 length)
{
	__u32 outcome = match_packet(p, direction, data, data_end);

	outcome = follow_fragments(p, direction, outcome);
	account(direction, outcome, packets, length);
	account_unknown(direction, p->reason, packets, length);
	return outcome;
}

/* Where the packet goes matters only if some rule asks for it, and then an unknown way is a reason.
 */
static __always_inline void note_route(struct packet *p, __u8 direction)
{
	if (direction != PCTL_FROM || !classes.uses_peers[direction])
		p->routed = false;
	else if (p->routed && p->reason == PCTL_ALL_KNOWN)
		p->reason = PCTL_UNKNOWN_ROUTE;
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

__noinline int log_xdp(struct xdp_md *ctx, __u32 outcome, __u32 length, __u8 reason)
{
	if (config.logs[PCTL_FROM])
		log_packet_xdp(ctx, outcome, length, reason);
	return 0;
}

/* The long road: whether any frame may pass. */
__noinline int judge_xdp(struct xdp_md *ctx)
{
	__u32 length = bpf_xdp_get_buff_len(ctx), outcome;
	struct packet p;

	clear_packet(&p);
	parse_xdp(ctx, &p, length);
	if (p.chain)
		walk_extensions_xdp(ctx, &p);
	if (p.options && classes.uses_peers[PCTL_FROM])
		p.routed = is_routed_xdp(ctx, p.l3 + sizeof(struct iphdr), p.options);
	note_route(&p, PCTL_FROM);
	outcome = judge_parsed(&p, PCTL_FROM, (void *)(long)ctx->data, (void *)(long)ctx->data_end,
			       1, length);
	if (logs(PCTL_FROM, outcome))
		log_xdp(ctx, outcome, length, p.reason);
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS;
}

/* Of the whole frame, which native mode may hand over in pieces. */
static __always_inline __u32 frame_length(struct xdp_md *ctx, void *data, void *data_end)
{
	__u32 linear = data_end - data;

	return linear < config.linear_below ? linear : bpf_xdp_get_buff_len(ctx);
}

/* The headers of a frame in pieces are in the first, of 3 kB and more. XDP does not know how many
 * packets a GSO packet becomes, it counts as one. */
static __always_inline bool passes_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	__u32 length, outcome;
	struct plain p;

	if (!config.compiled || !parse_plain(&p, data, data_end))
		return judge_xdp(ctx);
	length = frame_length(ctx, data, data_end);
	outcome = judge_plain(&p, PCTL_FROM, data, data_end, 1, length);
	if (logs(PCTL_FROM, outcome))
		log_xdp(ctx, outcome, length, PCTL_ALL_KNOWN);
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS;
}

SEC("xdp")
int policyctl_xdp(struct xdp_md *ctx)
{
	if (!passes_xdp(ctx))
		return XDP_DROP;
	give_stamp(ctx);
	return XDP_PASS;
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

__noinline int log_tc(struct __sk_buff *skb, __u32 outcome, __u32 length, __u8 direction,
		      __u8 reason)
{
	if (config.logs[PCTL_FROM] || config.logs[PCTL_TO])
		log_packet_tc(skb, outcome, length, direction, reason);
	return 0;
}

static __always_inline void walk_tc(struct __sk_buff *skb, struct packet *p, __u8 direction)
{
	if (p->chain)
		walk_extensions_tc(skb, p);
	if (direction == PCTL_FROM && p->options && classes.uses_peers[PCTL_FROM])
		p->routed = is_routed_tc(skb, p->l3 + sizeof(struct iphdr), p->options);
}

/* The long road: whether any frame may pass. */
static __always_inline bool judge_tc(struct __sk_buff *skb, __u8 direction, bool bare)
{
	__u32 packets = skb->gso_segs ? skb->gso_segs : 1, outcome;
	__u32 length = skb->len + (bare ? ETH_HLEN : 0);
	struct packet p;

	clear_packet(&p);
	parse_tc(skb, &p, bare, false);
	walk_tc(skb, &p, direction);
	if (p.past_linear) {
		parse_tc(skb, &p, bare, true);
		walk_tc(skb, &p, direction);
	}
	note_route(&p, direction);
	outcome = judge_parsed(&p, direction, (void *)(long)skb->data, (void *)(long)skb->data_end,
			       packets, length);
	if (logs(direction, outcome))
		log_tc(skb, outcome, length, direction, p.reason);
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS;
}

__noinline int judge_to(struct __sk_buff *skb)
{
	return judge_tc(skb, PCTL_TO, false);
}

static __always_inline bool passes_tc(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	__u32 packets, outcome;
	struct plain p;

	if (!config.compiled || !parse_plain(&p, data, data_end))
		return judge_to(skb);
	packets = skb->gso_segs ? skb->gso_segs : 1;
	outcome = judge_plain(&p, PCTL_TO, data, data_end, packets, skb->len);
	if (logs(PCTL_TO, outcome))
		log_tc(skb, outcome, skb->len, PCTL_TO, PCTL_ALL_KNOWN);
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS;
}

/* To pass is TC_ACT_UNSPEC, not OK, so that filters of other people behind ours still get their
 * turn. */
SEC("tc")
int policyctl_tc(struct __sk_buff *skb)
{
	forget_stamp();
	return passes_tc(skb) ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

/* --- the guard --- */

__noinline int judge_from(struct __sk_buff *skb)
{
	return judge_tc(skb, PCTL_FROM, !begins_with_ethernet(skb));
}

/* Stands at clsact ingress behind the XDP program in generic mode, for what that did not see:
 * guard.h. */
SEC("classifier")
int policyctl_guard(struct __sk_buff *skb)
{
	return take_stamp(skb) || judge_from(skb) ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}
