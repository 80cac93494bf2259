/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a frame to its verdict, written once for all hooks. policy.bpf.c includes it for each
 * context (ctx.h), hence no include guard:
 *
 *   CTX              the type of the context
 *   CTX_NAME(name)   the name of a function that is not inlined, one for each context
 */
#if !defined(CTX) || !defined(CTX_NAME)
#error "CTX and CTX_NAME must be defined"
#endif

/* --- the fast path: plain packets --- */

/* @place: as for note_checksum() */
CTX_FUNCTION bool is_plain(CTX *ctx, struct plain *p, __u8 direction, __s64 place)
{
	return config.compiled && !((config.vlans[direction] || tracking.vlans) && ctx_vlan(ctx)) &&
	       parse_plain(p, ctx_data(ctx), ctx_data_end(ctx)) &&
	       (place == NO_CHECKSUM || is_checksum_place(p->protocol, place - p->at));
}

/* May it change the tables of connections? Not where the guard does so behind it. */
CTX_FUNCTION bool may_note(CTX *ctx, __u32 outcome)
{
	return passes(outcome) && !ctx_is_guarded(ctx) && !ctx_is_probe(ctx);
}

/* A probe that can be part of a connection may say itself whether it is. */
CTX_FUNCTION __u8 or_probed(CTX *ctx, __u8 role, __u8 established)
{
	__u32 probed = ctx_probe_established(ctx);

	if (probed == PCTL_PROBE_AS_IT_IS || !is_part(role))
		return established;
	return probed == PCTL_PROBE_ESTABLISHED ? PCTL_ESTABLISHED_YES : PCTL_ESTABLISHED_NO;
}

VERIFIED_ONCE int CTX_NAME(read_any_asked)(CTX *ctx, bool bare, __s64 place); /* dns_questions.h */

/* What a plain packet asks DNS, for current_asked(). */
CTX_FUNCTION void ask_plain(CTX *ctx, const struct plain *p, __s64 place)
{
	if (asks_names() && is_dns(PCTL_FROM, p->protocol, p->words))
		CTX_NAME(read_any_asked)(ctx, false, place);
}

/* The same of any other. In an entry point: there the stack has room for it. */
CTX_FUNCTION void ask_any(CTX *ctx, bool bare, __s64 place)
{
	if (asks_names())
		CTX_NAME(read_any_asked)(ctx, bare, place);
}

CTX_FUNCTION __u64 plain_verdict(CTX *ctx, const struct plain *p, __u8 direction)
{
	return VERDICT(match_plain(p, direction, ctx_data(ctx), ctx_data_end(ctx),
				   PCTL_ESTABLISHED_NO),
		       PCTL_REASON_NONE) |
	       dns_flag(direction, p->protocol, p->words);
}

/* Where connections are tracked: a function of its own, since the stack would not do. */
CTX_FUNCTION __u64 tracked_verdict(CTX *ctx, __u8 direction, __u64 packed)
{
	struct plain p = unpack_plain(packed);
	struct pctl_connection_key key = {};
	__u8 role, established = PCTL_ESTABLISHED_NO;
	struct pctl_connection *found = NULL;
	__u32 outcome, now;

	if (!tracking.tracks || !take_plain(&key, &p, direction, ctx_data(ctx), ctx_data_end(ctx)))
		return VERDICT(OUTCOME_NO_ENTRY, PCTL_REASON_NONE);
	role = plain_role(&p, ctx_data(ctx), ctx_data_end(ctx));
	if (role == ROLE_UNKNOWN) /* never */
		return VERDICT(OUTCOME_NO_ENTRY, PCTL_REASON_NONE);
	now = current_tick();
	if (is_part(role))
		found = find_connection(&key, now);
	if (found)
		established = PCTL_ESTABLISHED_YES;
	established = or_probed(ctx, role, established);
	outcome = match_plain(&p, direction, ctx_data(ctx), ctx_data_end(ctx), established);
	if (may_note(ctx, outcome))
		note_plain(found, &key, direction, role,
			   plain_tcp(&p, ctx_data(ctx), ctx_data_end(ctx)), outcome, now);
	return VERDICT_OF(outcome, PCTL_REASON_NONE, established) |
	       dns_flag(direction, p.protocol, p.words);
}

/* --- the slow path: any frame --- */

/*
 * @bare: see ctx.h
 * @pull: headers may be outside the linear part: bring them there first
 */
VERIFIED_ONCE int CTX_NAME(parse)(CTX *ctx, struct packet *p, bool bare, bool pull)
{
	if (!p || (ctx_may_pull(ctx) && pull && ctx_pull(ctx)))
		return 0;
	clear_packet(p);
	if (config.vlans[PCTL_FROM] || config.vlans[PCTL_TO] || tracking.vlans)
		p->vlan = ctx_vlan(ctx);
	if (ctx_may_be_bare(ctx) && bare)
		parse_ethertype(p, ctx_data(ctx), ctx_data_end(ctx), ctx_length(ctx),
				ctx_ethertype(ctx));
	else
		parse_frame(p, ctx_data(ctx), ctx_data_end(ctx), ctx_length(ctx));
	return 0;
}

VERIFIED_ONCE int CTX_NAME(walk_extensions)(CTX *ctx, struct packet *p)
{
	if (p)
		walk_extensions(p, ctx_data(ctx), ctx_data_end(ctx));
	return 0;
}

/* Is there a source route among these IPv4 options? @size: 1 to 40 bytes */
VERIFIED_ONCE int CTX_NAME(is_source_routed)(CTX *ctx, __u32 offset, __u32 size)
{
	__u32 there = ctx_length(ctx) - offset;
	__u8 options[64] = {};

	if (there > size)
		there = size;
	if (!there ||
	    ctx_load_bytes(ctx, offset, options, bounded(there - 1, sizeof(options) - 1) + 1))
		return true;
	return has_source_route(options, size, there);
}

CTX_FUNCTION void parse_all(CTX *ctx, struct packet *p, __u8 direction, bool bare, bool pull)
{
	CTX_NAME(parse)(ctx, p, bare, pull);
	if (p->chain)
		CTX_NAME(walk_extensions)(ctx, p);
	if (p->options && direction == PCTL_FROM &&
	    (classes.uses_peers[PCTL_FROM] || tracking.tracks))
		p->source_routed =
			CTX_NAME(is_source_routed)(ctx, p->l3 + sizeof(struct iphdr), p->options);
}

#include "conversation.h"
#include "dns_questions.h"
#include "sender.h"

/* Does the verdict depend on another verdict, which XDP may not know where rules match on VLANs? */
CTX_FUNCTION bool is_left(CTX *ctx, const struct packet *p, __u8 direction)
{
	return config.vlans[direction] && p->vlan == PCTL_VLAN_UNSEEN &&
	       (p->behind_ah || is_tracked(p, direction));
}

/* enum pctl_established. Fills in the current conversation, if connections are tracked. */
CTX_FUNCTION __u8 find_state(CTX *ctx, struct packet *p, __u8 direction)
{
	if (!tracking.tracks)
		return PCTL_ESTABLISHED_NO;
	return CTX_NAME(read_conversation)(ctx, p, direction);
}

/* @place: as for note_checksum() */
CTX_FUNCTION __u64 slow_verdict(CTX *ctx, __u8 direction, bool bare, __s64 place)
{
	struct packet p;
	__u32 outcome;
	bool spoofed;

	clear_packet(&p);
	parse_all(ctx, &p, direction, bare, false);
	if (ctx_may_pull(ctx) && p.past_linear)
		parse_all(ctx, &p, direction, bare, true);
	note_checksum(&p, place);
	p.established = find_state(ctx, &p, direction);
	note_source_route(&p, direction);
	/* What was not read is known but for the connection. */
	if (tracking.established[direction] && p.established == PCTL_ESTABLISHED_UNKNOWN &&
	    p.reason == PCTL_REASON_NONE)
		p.reason = PCTL_REASON_L4_SHORT;
	if (is_left(ctx, &p, direction))
		return VERDICT(PCTL_OUTCOME(PCTL_LEAVE, 0), p.reason);
	spoofed = asks_for_spoofed(direction) && is_spoofed(ctx, &p, bare);
	outcome = match_packet(&p, direction, ctx_data(ctx), ctx_data_end(ctx), spoofed);
	if (is_tracked(&p, direction) && !ctx_is_probe(ctx) &&
	    !(spoofed && p.fragment == FRAGMENT_LATER &&
	      !(is_audited(config.spoofed) && drops(outcome))))
		outcome = follow_fragments(&p, direction, outcome);
	return VERDICT_OF(outcome, p.reason, p.established) |
	       (may_be_dns(&p, direction) ? VERDICT_DNS : 0);
}

/* --- notifying readers --- */

CTX_FUNCTION void capture(CTX *ctx, bool bare, struct pctl_event *event, __u32 size, __u32 room)
{
	__u32 header = 0, rest;

	if (ctx_may_be_bare(ctx) && bare) {
		if (ctx_load_ethernet(ctx, event->data))
			return;
		header = ETH_HLEN;
		event->captured = header;
	}
	if (size <= header)
		return;
	rest = fit(size - header, room);
	if (!ctx_load_bytes(ctx, 0, event->data + header, rest))
		event->captured = header + rest;
}

/* False: the ring is full. */
CTX_FUNCTION bool write_event(CTX *ctx, struct notification *n, void *ring, __u32 size, __u32 room)
{
	struct pctl_event *event = bpf_ringbuf_reserve(ring, RECORD(room), 0);

	if (!event)
		return false;
	fill_event(event, n);
	capture(ctx, n->bare, event, size, room);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	return true;
}

VERIFIED_ONCE int CTX_NAME(notify_reader)(CTX *ctx, struct notification *n, __u32 reader)
{
	bool written = false;
	__u32 size;
	void *ring;

	if (!n || !(n->readers & (1u << bounded(reader, PCTL_READERS - 1))))
		return 0;
	size = subscriptions.of[bounded(reader, PCTL_READERS - 1)].snaplen;
	if (size > n->length)
		size = n->length;
	ring = bpf_map_lookup_elem(&event_rings, &reader);
	if (!ring)
		;
	else if (size <= CAPTURE_SMALL)
		written = write_event(ctx, n, ring, size, CAPTURE_SMALL);
	else if (size <= CAPTURE_MEDIUM)
		written = write_event(ctx, n, ring, size, CAPTURE_MEDIUM);
	else
		written = write_event(ctx, n, ring, size, CAPTURE_LARGE);
	if (!written)
		count_lost(n, 1u << bounded(reader, PCTL_READERS - 1));
	return 0;
}

VERIFIED_ONCE int CTX_NAME(notify)(CTX *ctx, __u64 verdict, __u32 direction, bool bare)
{
	struct notification n = {
		.outcome = VERDICT_OUTCOME(verdict),
		.packets = ctx_packets(ctx),
		.length = ctx_length(ctx) + (ctx_may_be_bare(ctx) && bare ? ETH_HLEN : 0),
		.ifindex = ctx_ifindex(ctx),
		.direction = direction,
		.reason = VERDICT_REASON(verdict),
		.established = VERDICT_ESTABLISHED(verdict),
		.kind = event_kind(verdict),
		.bare = ctx_may_be_bare(ctx) && bare,
	};

	if (!select_readers(&n))
		return 0;
	for (int i = 0; i < PCTL_READERS && n.readers >> i; i++)
		CTX_NAME(notify_reader)(ctx, &n, i);
	return 0;
}

#include "reject.h"

/* --- what the program returns --- */

/* The slow path leaves to its caller what the packet makes of its connection: the stack again. */
CTX_FUNCTION __u64 noted(CTX *ctx, __u64 verdict)
{
	if (tracking.tracks && may_note(ctx, VERDICT_OUTCOME(verdict)))
		note_packet(VERDICT_OUTCOME(verdict), NULL);
	return verdict;
}

/* Counts a verdict and notifies readers of it. */
CTX_FUNCTION void report(CTX *ctx, __u64 verdict, __u8 direction, bool bare)
{
	__u32 outcome = VERDICT_OUTCOME(verdict), packets = ctx_packets(ctx);
	__u32 length = ctx_length(ctx) + (ctx_may_be_bare(ctx) && bare ? ETH_HLEN : 0);

	account(direction, outcome, packets, length);
	account_unknown(direction, VERDICT_REASON(verdict), packets, length);
	if (has_subscribers(outcome))
		CTX_NAME(notify)(ctx, verdict, direction, bare);
}

/* A packet that does not pass, of a policy that rejects. */
VERIFIED_ONCE int CTX_NAME(conclude_dropped)(CTX *ctx, __u64 verdict, __u32 direction, bool bare,
					     __s64 place)
{
	if (!answering.by)
		return ctx_drop(ctx);
	if (CTX_NAME(is_answer)(ctx, direction, bare))
		return ctx_pass(ctx);
	report(ctx, verdict, direction, bare);
	if (PCTL_OUTCOME_ACTION(VERDICT_OUTCOME(verdict)) != PCTL_REJECT)
		return ctx_drop(ctx);
	return CTX_NAME(reject)(ctx, verdict, direction, bare, place);
}

/* Reports a verdict, and returns what the kernel understands. The guard does so for the packets
 * that XDP passes. */
CTX_FUNCTION int conclude(CTX *ctx, __u64 verdict, __u8 direction, bool bare)
{
	__u32 outcome = VERDICT_OUTCOME(verdict);
	bool dns = reads_dns() && verdict & VERDICT_DNS;

	if (ctx_is_probe(ctx))
		return PCTL_ANSWER(outcome, VERDICT_REASON(verdict));
	if (ctx_is_guarded(ctx) && (passes(outcome) || is_left_to_guard(outcome)))
		return ctx_pass(ctx);
	ctx_shape_none(ctx);
	if (ctx_treats(ctx) && is_treated(outcome)) {
		verdict = ctx_treat(ctx, verdict, direction, bare, ctx_checksum_place(ctx));
		outcome = VERDICT_OUTCOME(verdict);
		bare = bare && ctx_is_bare(ctx);
	}
	if (answering.by && !passes(outcome))
		return CTX_NAME(conclude_dropped)(ctx, verdict, direction, bare,
						  ctx_checksum_place(ctx));
	report(ctx, verdict, direction, bare);
	if (!passes(outcome))
		return ctx_drop(ctx);
	if (dns)
		CTX_NAME(note_dns)(ctx, direction, bare);
	return ctx_pass(ctx);
}

#undef CTX
#undef CTX_NAME
