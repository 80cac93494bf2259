/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answering rejected packets (answer.h). verdict.h includes it for each context, hence no include
 * guard.
 *
 * An answer replaces the packet and goes back to where that came from: from clsact by a redirect to
 * the other direction of the same interface, where our own program judges it. It is no packet of
 * the container or its peer, so the policy does not apply: what would be dropped there passes if it
 * is an answer that was sent just now.
 */

/* The frame is in front of the IP header what `link` bytes of the answer are, and `ip` behind. */
#define ANSWER_SIZES(link, ip) ((link) << 16 | (ip))
#define ANSWER_LINK(sizes) bounded((sizes) >> 16, LINK_MAX - 1)
#define ANSWER_IP(sizes) ((sizes)&0xffff)

#define QUESTION_ROOM 128 /* more than REFUSED_MAX has, a power of two */

/* Copies Ethernet header and VLAN tags. Returns their size; 0: they are not there. */
CTX_FUNCTION __u32 load_link(CTX *ctx, const struct packet *p, struct answer *a, bool bare)
{
	__u32 l3 = bounded(p->l3, IP_MASK);

	if (ctx_may_be_bare(ctx) && bare)
		return l3 || ctx_load_ethernet(ctx, a->link) ? 0 : ETH_HLEN;
	if (l3 < ETH_HLEN || ctx_load_bytes(ctx, 0, a->link, fit(l3, LINK_MAX)))
		return 0;
	return l3;
}

/* --- making it --- */

CTX_FUNCTION __u32 make_reset(CTX *ctx, const struct packet *p, struct answer *a, bool ipv6)
{
	struct tcphdr tcp;

	if (ctx_load_bytes(ctx, bounded(p->at, OFFSET_MASK), &tcp, sizeof(tcp)) ||
	    !answer_ip(a, ipv6, IPPROTO_TCP, sizeof(tcp)) ||
	    !answer_tcp(a, ipv6, &tcp, p->end - p->at))
		return 0;
	return ip_size(ipv6) + sizeof(tcp);
}

CTX_FUNCTION __u32 make_unreachable(CTX *ctx, const struct packet *p, struct answer *a, bool ipv6)
{
	__u32 header = ip_size(ipv6);
	__u32 quoted = fit(p->end - p->l3, PCTL_ANSWER_QUOTE), length = quoted;

	length += sizeof(struct icmp_header);
	if (ctx_load_bytes(ctx, bounded(p->l3, IP_MASK),
			   a->whole.ip + bounded(header, 0x3f) + sizeof(struct icmp_header),
			   fit(quoted, PCTL_ANSWER_QUOTE)) ||
	    !answer_ip(a, ipv6, ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, length))
		return 0;
	answer_icmp(a, ipv6, length);
	return header + length;
}

/* Begins an answer: its link layer. Returns how many bytes that has; 0: it is not to be answered.
 */
CTX_FUNCTION __u32 begin_answer(CTX *ctx, const struct packet *p, struct answer *a, bool bare)
{
	__u32 link;

	if (!may_answer(p))
		return 0;
	__builtin_memset(a, 0, sizeof(*a));
	link = load_link(ctx, p, a, bare);
	/* Receivers drop a packet that is cut short. */
	if (!link || !answer_link(a) || p->end > ctx_length(ctx) || p->end < p->at ||
	    ctx_load_bytes(ctx, bounded(p->l3, IP_MASK), a->header,
			   ip_size(p->family == PCTL_IPV6)))
		return 0;
	return link;
}

/*
 * Makes the answer to a DNS question: REFUSED (RFC 1035 section 4.1.1), at which clients give up at
 * once. Returns ANSWER_SIZES(); 0: it is none that can be read, or its name is too long. Only where
 * the policy has sets of names. A function of its own, since the stack would not do.
 */
VERIFIED_ONCE __u32 CTX_NAME(make_refused)(CTX *ctx, const struct packet *p, bool bare)
{
	struct answer *a = answer_room();
	struct dns_room *r = dns_room();
	__u32 link, header, length;

	if (!p || !a || !r || !answering.by || p->protocol != IPPROTO_UDP ||
	    !may_be_dns(p, PCTL_FROM) || !CTX_NAME(locate_dns)(ctx, p, PCTL_FROM) || !r->whole ||
	    !CTX_NAME(read_question)(ctx, r->at, r->size))
		return 0;
	link = begin_answer(ctx, p, a, bare);
	header = ip_size(p->family == PCTL_IPV6);
	length = sizeof(struct udp_header) + r->next;
	if (!link || length > REFUSED_MAX ||
	    ctx_load_bytes(ctx, r->at, a->whole.ip + header + sizeof(struct udp_header),
			   fit(r->next, QUESTION_ROOM)) ||
	    !answer_ip(a, p->family == PCTL_IPV6, IPPROTO_UDP, length))
		return 0;
	r->header.flags |= bpf_htons(DNS_RESPONSE | DNS_REFUSED);
	r->header.additionals = 0;
	__builtin_memcpy(a->whole.ip + header + sizeof(struct udp_header), &r->header, DNS_HEADER);
	answer_udp(a, p->family == PCTL_IPV6, &r->udp, length);
	return ANSWER_SIZES(link, header + length);
}

/* Makes any other answer to a packet. Returns likewise; 0: it is not to be answered. */
VERIFIED_ONCE __u32 CTX_NAME(make_answer)(CTX *ctx, const struct packet *p, bool bare)
{
	struct answer *a = answer_room();
	__u32 link, ip;
	bool ipv6;

	if (!p || !a || !answering.by)
		return 0;
	link = begin_answer(ctx, p, a, bare);
	if (!link)
		return 0;
	ipv6 = p->family == PCTL_IPV6;
	ip = p->protocol == IPPROTO_TCP ? make_reset(ctx, p, a, ipv6)
					: make_unreachable(ctx, p, a, ipv6);
	return ip ? ANSWER_SIZES(link, ip) : 0;
}

/* --- sending it --- */

/* Sends the answer in answer_room(). Returns what the program returns. @place: as for
 * note_checksum() */
VERIFIED_ONCE int CTX_NAME(send_answer)(CTX *ctx, __u32 direction, __u32 sizes, bool bare,
					__s64 place)
{
	__u32 link = ANSWER_LINK(sizes), ip = ANSWER_IP(sizes);
	struct answer *a = answer_room();
	__u64 now = bpf_ktime_get_ns();

	if (!a || !answering.by)
		return ctx_drop(ctx);
	if (ctx_resize(ctx, link + ip, bare, place) ||
	    ctx_store_bytes(ctx, 0, a->link, fit(link, LINK_MAX)) ||
	    ctx_store_bytes(ctx, link, a->whole.ip, fit(ip, IP_ROOM)))
		return ctx_drop(ctx);
	a->whole.direction = direction;
	if (ctx_meets_answers(ctx)) {
		bpf_map_update_elem(&answers, &a->whole, &now, BPF_ANY);
		answered_at = bpf_jiffies64();
	}
	return ctx_answer(ctx, direction);
}

/* A packet that is rejected, and was counted. Returns what the program returns. */
VERIFIED_ONCE int CTX_NAME(reject)(CTX *ctx, __u64 verdict, __u32 direction, bool bare, __s64 place)
{
	__u32 sizes, length = ctx_length(ctx);
	struct packet p;
	int result;

	/* Its fields are not known: it may be something that must not be answered. */
	if (!answering.by || (VERDICT_REASON(verdict) != PCTL_REASON_NONE &&
			      VERDICT_REASON(verdict) != PCTL_REASON_RATE))
		return ctx_drop(ctx);
	clear_packet(&p);
	parse_all(ctx, &p, direction, bare, false);
	if (ctx_may_pull(ctx) && p.past_linear)
		parse_all(ctx, &p, direction, bare, true);
	/* Where a packet with a source route goes, and which way back, it does not tell. */
	if (p.options && CTX_NAME(is_source_routed)(
				 ctx, bounded(p.l3, IP_MASK) + sizeof(struct iphdr), p.options))
		return ctx_drop(ctx);
	sizes = reads_dns() ? CTX_NAME(make_refused)(ctx, &p, bare) : 0;
	if (!sizes)
		sizes = CTX_NAME(make_answer)(ctx, &p, bare);
	if (!sizes)
		return ctx_drop(ctx);
	if (!may_answer_now()) {
		account_answer(direction, PCTL_ANSWER_LIMITED, length);
		return ctx_drop(ctx);
	}
	result = CTX_NAME(send_answer)(ctx, direction, sizes, bare, place);
	if (result != ctx_drop(ctx))
		account_answer(direction, PCTL_ANSWER_SENT, length);
	return result;
}

/* --- meeting it --- */

/* Copies a frame that may be an answer to answer_room(). Returns ANSWER_SIZES(), 0: it is none. */
VERIFIED_ONCE __u32 CTX_NAME(load_answer)(CTX *ctx, bool bare)
{
	struct answer *a = answer_room();
	__u32 link, ip;
	struct packet p;

	clear_packet(&p);
	if (!a || !answering.by || ctx_length(ctx) > LINK_MAX + PCTL_ANSWER_IP_MAX)
		return 0;
	__builtin_memset(a, 0, sizeof(*a));
	CTX_NAME(parse)(ctx, &p, bare, true);
	link = load_link(ctx, &p, a, bare);
	ip = p.end - p.l3;
	if (!link || !ip || ip > PCTL_ANSWER_IP_MAX ||
	    ctx_load_bytes(ctx, bounded(p.l3, IP_MASK), a->whole.ip, fit(ip, IP_ROOM)))
		return 0;
	__builtin_memcpy(a->whole.macs, a->link, sizeof(a->whole.macs));
	return ANSWER_SIZES(link, ip);
}

/* Would this frame be dropped although it is our own answer to a packet of the other direction? */
VERIFIED_ONCE int CTX_NAME(is_answer)(CTX *ctx, __u32 direction, bool bare)
{
	struct answer *a = answer_room();
	__u64 *sent;
	bool recent;

	if (!a || !answering.by || bpf_jiffies64() - answered_at > ANSWER_TICKS ||
	    !CTX_NAME(load_answer)(ctx, bare))
		return false;
	a->whole.direction = PCTL_DIRECTIONS - 1 - direction;
	sent = bpf_map_lookup_elem(&answers, &a->whole);
	if (!sent)
		return false;
	recent = bpf_ktime_get_ns() - *sent < PCTL_ANSWER_NS;
	if (!ctx_is_guarded(ctx)) /* the guard will ask, too */
		bpf_map_delete_elem(&answers, &a->whole);
	return recent;
}
