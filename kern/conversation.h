/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet says of the connection that it may belong to (connections.h), for any packet that
 * parse.h has parsed. verdict.h includes it for each context, hence no include guard.
 */

/* The addresses of the packet at p->l3. False: never, parse.h has read the header. */
CTX_FUNCTION bool read_sides(CTX *ctx, const struct packet *p, struct conversation *c)
{
	struct in6_addr sides6[2];
	__u32 sides4[2];

	if (p->family == PCTL_IPV6) {
		if (ctx_load_bytes(ctx, p->l3 + offsetof(struct ipv6hdr, saddr), sides6,
				   sizeof(sides6)))
			return false;
		take_ipv6(&c->key, c->direction, &sides6[0], &sides6[1]);
		return true;
	}
	if (ctx_load_bytes(ctx, p->l3 + offsetof(struct iphdr, saddr), sides4, sizeof(sides4)))
		return false;
	c->key.local[0] = c->direction == PCTL_FROM ? sides4[0] : sides4[1];
	c->key.remote[0] = c->direction == PCTL_FROM ? sides4[1] : sides4[0];
	return true;
}

/* @header: an ICMP or ICMPv6 header, of a packet that goes in @direction. False: it is no echo */
static __always_inline bool CTX_NAME(take_echo)(struct pctl_connection_key *key, __u8 direction,
						const struct icmp_echo *header)
{
	bool is_v6 = key->protocol == IPPROTO_ICMPV6;
	bool is_request = header->type == (is_v6 ? ECHO6_REQUEST : ECHO_REQUEST);

	if (!is_request && header->type != (is_v6 ? ECHO6_REPLY : ECHO_REPLY))
		return false;
	pctl_connection_echo(key, header->id, is_request == (direction == PCTL_FROM));
	return true;
}

/* The ports, or the id, of the embedded packet. */
CTX_FUNCTION bool take_embedded(CTX *ctx, struct pctl_connection_key *key, __u8 direction,
				__u8 protocol, const struct icmp_echo *payload)
{
	__be16 words[2];

	key->protocol = protocol;
	if (is_icmp(protocol))
		return CTX_NAME(take_echo)(key, direction, payload);
	__builtin_memcpy(words, payload, sizeof(words));
	take_ports(key, direction, words);
	return has_ports(protocol);
}

/* The error must go to the sender of the embedded packet: what an address of the container, or of
 * its peer, gets to see is about what it has sent. */
VERIFIED_ONCE int CTX_NAME(read_error4)(CTX *ctx, const struct packet *p, struct conversation *c)
{
	struct embedded4 *embedded;
	__u8 direction;
	__u32 at;

	if (!p || !c || !tracking.tracks)
		return false;
	embedded = &c->embedded.v4;
	at = bounded(p->at, OFFSET_MASK) + ICMP_HEADER;
	direction = (c->direction & 1) ^ 1;
	if (at + sizeof(*embedded) > p->end ||
	    ctx_load_bytes(ctx, at, embedded, sizeof(*embedded)) ||
	    *(__u8 *)embedded != IP4_PLAIN ||
	    embedded->ip.frag_off & bpf_htons(IP4_OFFSET_MASK | IP4_MORE_FRAGMENTS))
		return false;
	if (embedded->ip.saddr != (direction == PCTL_FROM ? c->key.local[0] : c->key.remote[0]))
		return false;
	c->key.local[0] = direction == PCTL_FROM ? embedded->ip.saddr : embedded->ip.daddr;
	c->key.remote[0] = direction == PCTL_FROM ? embedded->ip.daddr : embedded->ip.saddr;
	return take_embedded(ctx, &c->key, direction, embedded->ip.protocol, &embedded->payload);
}

VERIFIED_ONCE int CTX_NAME(read_error6)(CTX *ctx, const struct packet *p, struct conversation *c)
{
	struct embedded6 *embedded;
	__u32 *receiver, *sender;
	__u8 direction;
	__u32 at;

	if (!p || !c || !tracking.tracks)
		return false;
	embedded = &c->embedded.v6;
	at = bounded(p->at, OFFSET_MASK) + ICMP_HEADER;
	direction = (c->direction & 1) ^ 1;
	if (at + sizeof(*embedded) > p->end ||
	    ctx_load_bytes(ctx, at, embedded, sizeof(*embedded)) || embedded->ip.version != 6)
		return false;
	receiver = direction == PCTL_FROM ? c->key.local : c->key.remote;
	sender = embedded->ip.saddr.in6_u.u6_addr32;
	if (receiver[0] ^ sender[0] || receiver[1] ^ sender[1] || receiver[2] ^ sender[2] ||
	    receiver[3] ^ sender[3])
		return false;
	take_ipv6(&c->key, direction, &embedded->ip.saddr, &embedded->ip.daddr);
	return take_embedded(ctx, &c->key, direction, embedded->ip.nexthdr, &embedded->payload);
}

static __always_inline bool CTX_NAME(is_error)(__u8 protocol, __u8 type)
{
	if (protocol == IPPROTO_ICMP)
		return type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
	return type >= ERROR6_FIRST && type <= ERROR6_LAST;
}

/* enum role of an ICMP or ICMPv6 packet. */
CTX_FUNCTION __u8 read_icmp(CTX *ctx, const struct packet *p, struct conversation *c)
{
	__u8 type = bpf_ntohs(p->words[0]) >> 8;
	__u32 at = bounded(p->at, OFFSET_MASK);
	struct icmp_echo echo = { .type = type };

	if (CTX_NAME(is_error)(p->protocol, type)) {
		if (p->fragment != FRAGMENT_NONE ||
		    (p->family == PCTL_IPV6) != (p->protocol == IPPROTO_ICMPV6))
			return ROLE_NONE;
		if (p->family == PCTL_IPV6)
			return CTX_NAME(read_error6)(ctx, p, c) ? ROLE_ERROR : ROLE_NONE;
		return CTX_NAME(read_error4)(ctx, p, c) ? ROLE_ERROR : ROLE_NONE;
	}
	if (!CTX_NAME(take_echo)(&c->key, c->direction, &echo))
		return ROLE_NONE;
	if (at + sizeof(echo) > p->end || ctx_load_bytes(ctx, at, &echo, sizeof(echo)))
		return ROLE_UNKNOWN;
	CTX_NAME(take_echo)(&c->key, c->direction, &echo);
	return echo.type == ECHO_REQUEST || echo.type == ECHO6_REQUEST ? ROLE_OPENER : ROLE_MEMBER;
}

/* enum role of a packet whose ports or type are known. */
CTX_FUNCTION __u8 read_transport(CTX *ctx, const struct packet *p, struct conversation *c)
{
	__u32 at = bounded(p->at, OFFSET_MASK);
	struct tcp_header tcp;

	if (is_icmp(p->protocol))
		return read_icmp(ctx, p, c);
	take_ports(&c->key, c->direction, p->words);
	if (p->protocol != IPPROTO_TCP)
		return ROLE_OPENER;
	if (at + sizeof(tcp) > p->end || ctx_load_bytes(ctx, at, &tcp, sizeof(tcp)))
		return ROLE_UNKNOWN;
	read_tcp(c, &tcp);
	return c->role;
}

/* Behind an AH nothing belongs to a connection: what it protects is not to be trusted unread. */
CTX_FUNCTION __u8 find_role(CTX *ctx, const struct packet *p, struct conversation *c)
{
	if (p->known == KNOWN_ARP)
		return ROLE_NONE;
	if (p->known < KNOWN_PROTOCOL)
		return ROLE_UNKNOWN;
	if ((!has_ports(p->protocol) && !is_icmp(p->protocol)) || p->behind_ah)
		return ROLE_NONE;
	if (p->known < KNOWN_SELECTOR || (p->source_routed && c->direction == PCTL_FROM))
		return ROLE_UNKNOWN;
	c->key.protocol = p->protocol;
	c->key.family = p->family;
	c->key.vlan = tracking.vlans ? p->vlan : 0;
	return read_sides(ctx, p, c) ? read_transport(ctx, p, c) : ROLE_UNKNOWN;
}

/* Fills in the current conversation. Returns enum pctl_established. */
VERIFIED_ONCE int CTX_NAME(read_conversation)(CTX *ctx, const struct packet *p, __u32 direction)
{
	struct conversation *c = tracking.tracks ? current_conversation() : NULL;

	if (!p || !c)
		return PCTL_ESTABLISHED_UNKNOWN;
	__builtin_memset(c, 0, offsetof(struct conversation, embedded));
	c->direction = direction & 1;
	c->role = find_role(ctx, p, c);
	/* XDP leaves to the guard what needs a VLAN that it does not see. */
	if (p->vlan == PCTL_VLAN_UNSEEN && c->role >= ROLE_SYN)
		c->role = ROLE_NONE;
	return or_probed(ctx, c->role, find_established(c));
}
