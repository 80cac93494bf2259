/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DNS questions that a container asks: which names they are about (the field `dns`), and which
 * answers may be believed. verdict.h includes it for each context, hence no include guard.
 *
 * The container is hostile, so what is read is strict: exactly one question, and nothing that could
 * hide another one. What is not of that form is unknown.
 */

/* --- where the message is --- */

CTX_FUNCTION bool locate_ip(CTX *ctx, struct dns_room *r, const struct packet *p, __u8 direction)
{
	bool ipv6 = p->family == PCTL_IPV6;
	__u32 l3 = bounded(p->l3, IP_MASK), words = ipv6 ? 4 : 1;
	long error;

	__builtin_memset(&r->key, 0, sizeof(r->key));
	if (ipv6)
		error = ctx_load_bytes(ctx, l3 + offsetof(struct ipv6hdr, saddr), r->addresses, 32);
	else
		error = ctx_load_bytes(ctx, l3 + offsetof(struct iphdr, saddr), r->addresses, 8);
	if (error)
		return false;
	r->key.family = p->family;
	r->key.protocol = p->protocol;
	for (__u32 i = 0; i < 4 && i < words; i++) {
		__u32 source = r->addresses[i], destination = r->addresses[bounded(words + i, 7)];

		r->key.local[i] = direction == PCTL_FROM ? source : destination;
		r->key.remote[i] = direction == PCTL_FROM ? destination : source;
	}
	return true;
}

/* The payload of UDP: what its length says, of which not all may be in this packet. */
CTX_FUNCTION bool locate_udp(CTX *ctx, struct dns_room *r, __u32 at, __u32 end)
{
	__u32 there;

	if (ctx_load_bytes(ctx, at, &r->udp, sizeof(r->udp)))
		return false;
	r->at = at + sizeof(r->udp);
	r->size = bpf_ntohs(r->udp.length) - sizeof(r->udp);
	there = end - r->at;
	if (end < r->at || r->size > 0xffff)
		return false;
	if (r->size > there) {
		r->size = there;
		r->whole = false;
	}
	return true;
}

CTX_FUNCTION bool locate_tcp(CTX *ctx, struct dns_room *r, __u32 at, __u32 end)
{
	__u32 header;

	if (ctx_load_bytes(ctx, at, &r->tcp, sizeof(r->tcp)))
		return false;
	header = r->tcp.offset >> 4 << 2;
	r->at = at + header;
	r->size = end - r->at;
	r->sequence = bpf_ntohl(r->tcp.sequence) + !!(r->tcp.flags & TCP_SYN);
	return header >= sizeof(r->tcp) && end >= r->at;
}

/* Fills in what the room says of the packet. False: it has no such payload. */
VERIFIED_ONCE int CTX_NAME(locate_dns)(CTX *ctx, const struct packet *p, __u32 direction)
{
	struct dns_room *r = dns_room();
	__u32 length = ctx_length(ctx), end, at;

	if (!p || !r || p->known != KNOWN_SELECTOR || !locate_ip(ctx, r, p, direction))
		return false;
	end = p->end;
	r->whole = p->fragment == FRAGMENT_NONE && end <= length;
	if (end > length)
		end = length;
	at = bounded(p->at, OFFSET_MASK);
	r->key.local_port = p->words[direction == PCTL_FROM ? 0 : 1];
	return p->protocol == IPPROTO_TCP ? locate_tcp(ctx, r, at, end)
					  : locate_udp(ctx, r, at, end);
}

/* Reads the header of the message at this place of the frame. */
CTX_FUNCTION bool load_header(CTX *ctx, struct dns_room *r, __u32 at, __u32 size)
{
	return size >= DNS_HEADER && !ctx_load_bytes(ctx, at, &r->header, DNS_HEADER);
}

/* And all of it. */
CTX_FUNCTION bool load_message(CTX *ctx, struct dns_room *r, __u32 at, __u32 size)
{
	r->length = size;
	return size && size <= PCTL_DNS_MESSAGE_MAX &&
	       !ctx_load_bytes(ctx, at, r->message, fit(size, PCTL_DNS_MESSAGE_MAX));
}

/* The size of the message at this place of a TCP segment; what the segment has behind its length
 * may be less. -1: not even that is there. */
CTX_FUNCTION __u32 message_size(CTX *ctx, __u32 at, __u32 left)
{
	__be16 size = 0;

	if (left < sizeof(size) || ctx_load_bytes(ctx, at, &size, sizeof(size)))
		return -1;
	return bpf_ntohs(size);
}

/* --- what is asked --- */

/* The question of this message: its name, type, id and, in r->found, its sets. False: it is not
 * one alone. */
VERIFIED_ONCE int CTX_NAME(read_question)(CTX *ctx, __u32 at, __u32 size)
{
	struct dns_room *r = dns_room();

	if (!r || !load_header(ctx, r, at, size) || !load_message(ctx, r, at, size))
		return false;
	if (r->header.flags & bpf_htons(DNS_RESPONSE | DNS_OPCODE) || r->header.answers ||
	    r->header.authorities || !read_the_question(r) || r->class != bpf_htons(DNS_IN) ||
	    !ends_question(r))
		return false;
	find_name(r);
	return true;
}

/* A segment of whole messages. */
CTX_FUNCTION __u32 read_segment(CTX *ctx, struct dns_room *r)
{
	__u32 all = -1, some = 0, at = r->at, left = r->size, size;

	for (int i = 0; i < PCTL_DNS_MESSAGES_MAX && left; i++) {
		size = message_size(ctx, at, left);
		if (size > left - 2 || !CTX_NAME(read_question)(ctx, at + 2, size))
			return ASKED_UNKNOWN;
		all &= r->found.sets;
		some |= r->found.sets;
		at += 2 + size;
		left -= 2 + size;
	}
	return left ? ASKED_UNKNOWN : all | (some & ~all) << PCTL_ASKED_UNKNOWN_SHIFT;
}

/* What a packet to port 53 asks: see PCTL_ASKS_NOTHING. */
VERIFIED_ONCE __u32 CTX_NAME(read_asked)(CTX *ctx, const struct packet *p)
{
	struct dns_room *r = dns_room();

	if (!p || !r || !asks_names() || !CTX_NAME(locate_dns)(ctx, p, PCTL_FROM) || !r->whole)
		return ASKED_UNKNOWN;
	if (p->protocol != IPPROTO_TCP)
		return CTX_NAME(read_question)(ctx, r->at, r->size) ? r->found.sets : ASKED_UNKNOWN;
	if (!r->size)
		return PCTL_ASKS_NOTHING;
	return begins_message(r) ? read_segment(ctx, r) : ASKED_UNKNOWN;
}

/* For current_asked(). @place: as for note_checksum() */
VERIFIED_ONCE int CTX_NAME(read_any_asked)(CTX *ctx, bool bare, __s64 place)
{
	struct dns_room *r = dns_room();
	__u32 asked = ASKED_UNKNOWN;
	struct packet p;

	if (!r || !asks_names())
		return 0;
	clear_packet(&p);
	parse_all(ctx, &p, PCTL_FROM, bare, false);
	if (ctx_may_pull(ctx) && p.past_linear)
		parse_all(ctx, &p, PCTL_FROM, bare, true);
	if (may_be_dns(&p, PCTL_FROM) && !may_change_question(&p, place))
		asked = CTX_NAME(read_asked)(ctx, &p);
	r->asked = asked;
	return 0;
}

/* --- what is noted of it --- */

/* A segment that the container sent: its questions, and where its next message begins. */
CTX_FUNCTION void note_segment(CTX *ctx, struct dns_room *r)
{
	__u32 at = r->at, left = r->size, size;

	for (int i = 0; i < PCTL_DNS_MESSAGES_MAX && left; i++) {
		size = message_size(ctx, at, left);
		if (size > left - 2)
			return;
		if (naming.learns && CTX_NAME(read_question)(ctx, at + 2, size))
			note_question(r);
		at += 2 + size;
		left -= 2 + size;
	}
}

/* A packet of the container to port 53, which passes. */
VERIFIED_ONCE int CTX_NAME(note_asked)(CTX *ctx, const struct packet *p)
{
	struct dns_room *r = dns_room();

	if (!p || !r || !CTX_NAME(locate_dns)(ctx, p, PCTL_FROM))
		return 0;
	if (p->protocol == IPPROTO_TCP)
		note_sent(r);
	if (!r->whole || !r->size || !is_resolver(r))
		return 0;
	if (p->protocol == IPPROTO_TCP)
		note_segment(ctx, r);
	else if (CTX_NAME(read_question)(ctx, r->at, r->size))
		note_question(r);
	return 0;
}

/* --- any packet to or from port 53 --- */

/* It passes; everything else is done. */
VERIFIED_ONCE int CTX_NAME(note_dns)(CTX *ctx, __u32 direction, bool bare)
{
	struct packet p;

	if (!reads_dns())
		return 0;
	clear_packet(&p);
	parse_all(ctx, &p, direction, bare, false);
	if (ctx_may_pull(ctx) && p.past_linear)
		parse_all(ctx, &p, direction, bare, true);
	return direction == PCTL_FROM ? CTX_NAME(note_asked)(ctx, &p) : note_answer(ctx, &p);
}
