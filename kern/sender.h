/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is what a frame says of its sender the container's own? Its source MAC, its IP source, and what
 * its ARP or neighbour discovery claims. What cannot be read is not. verdict.h includes it for each
 * context, hence no include guard.
 */

VERIFIED_ONCE int CTX_NAME(has_own_mac)(CTX *ctx, bool bare)
{
	struct ethhdr eth;
	long error;

	if (!config.spoofed)
		return false;
	if (ctx_may_be_bare(ctx) && bare)
		error = ctx_load_ethernet(ctx, &eth);
	else
		error = ctx_load_bytes(ctx, 0, &eth, sizeof(eth));
	return !error && is_own_mac(eth.h_source);
}

/* A probe (RFC 5227) has no sender: its target is what it asks for. */
VERIFIED_ONCE int CTX_NAME(is_own_arp)(CTX *ctx, const struct packet *p)
{
	struct arp_packet arp;
	__u32 sender, target;

	if (!p || !config.spoofed ||
	    ctx_load_bytes(ctx, bounded(p->at, IP_MASK), &arp, sizeof(arp)) ||
	    arp.hardware != bpf_htons(ARP_ETHERNET) || arp.protocol != bpf_htons(ETH_P_IP) ||
	    arp.hardware_size != ETH_ALEN || arp.protocol_size != sizeof(sender))
		return false;
	__builtin_memcpy(&sender, arp.sender, sizeof(sender));
	__builtin_memcpy(&target, arp.target, sizeof(target));
	return is_own_mac(arp.sender_mac) && is_own_ipv4(sender ? sender : target);
}

VERIFIED_ONCE int CTX_NAME(has_own_ipv4)(CTX *ctx, const struct packet *p)
{
	__u32 source;

	if (!p || !config.spoofed ||
	    ctx_load_bytes(ctx, p->l3 + offsetof(struct iphdr, saddr), &source, sizeof(source)))
		return false;
	return source ? is_own_ipv4(source) : needs_no_ipv4(p);
}

/* --- neighbour discovery --- */

/* The link-layer addresses of all options. @at: where they begin */
VERIFIED_ONCE int CTX_NAME(has_own_options)(CTX *ctx, __u32 at, __u32 end)
{
	struct nd_option option;

	if (!config.spoofed || end > ctx_length(ctx)) /* receivers drop it */
		return false;
	for (int i = 0; i < ND_OPTIONS_MAX && at != end; i++) {
		if (at + sizeof(option) > end || ctx_load_bytes(ctx, at, &option, sizeof(option)) ||
		    !option.length)
			return false;
		if ((option.type == ND_SOURCE_MAC || option.type == ND_TARGET_MAC) &&
		    (option.length != 1 || !is_own_mac(option.mac)))
			return false;
		at += option.length * 8;
	}
	return at == end;
}

/* @unspecified: its source is ::, as of duplicate address detection (RFC 4862 section 5.4.2) */
VERIFIED_ONCE int CTX_NAME(is_own_discovery)(CTX *ctx, const struct packet *p, bool unspecified)
{
	__u32 target[4], at;
	__u8 type;

	if (!p || !config.spoofed || p->fragment != FRAGMENT_NONE) /* RFC 6980 */
		return false;
	type = bpf_ntohs(p->words[0]) >> 8;
	at = bounded(p->at, OFFSET_MASK);
	if (unspecified && type != ND_ROUTER_SOLICIT && type != ND_NEIGHBOUR_SOLICIT)
		return false;
	if (type == ND_NEIGHBOUR_ADVERT || (type == ND_NEIGHBOUR_SOLICIT && unspecified))
		if (ctx_load_bytes(ctx, at + ND_TARGET, target, sizeof(target)) ||
		    !is_own_ipv6(target))
			return false;
	return CTX_NAME(has_own_options)(ctx, at + discovery_size(type), p->end);
}

/* The source is the container's own, or unspecified. */
CTX_FUNCTION bool is_own_ipv6_packet(CTX *ctx, const struct packet *p, bool unspecified)
{
	__u8 type = bpf_ntohs(p->words[0]) >> 8;

	/* The headers that were not walked may lead to neighbour discovery. */
	if (p->known < KNOWN_PROTOCOL)
		return p->fragment == FRAGMENT_LATER && !unspecified;
	if (p->protocol != IPPROTO_ICMPV6)
		return !unspecified;
	if (p->known != KNOWN_SELECTOR)
		return false;
	if (type >= ND_ROUTER_SOLICIT && type <= ND_REDIRECT)
		return CTX_NAME(is_own_discovery)(ctx, p, unspecified);
	return !unspecified || type == MLD_REPORT || type == MLD_DONE || type == MLD2_REPORT;
}

/* enum source. Calls nothing further: on Linux 6.1 the stack of one more call is too much. */
VERIFIED_ONCE int CTX_NAME(find_ipv6_source)(CTX *ctx, const struct packet *p)
{
	__u32 source[4];

	if (!p || !config.spoofed ||
	    ctx_load_bytes(ctx, p->l3 + offsetof(struct ipv6hdr, saddr), source, sizeof(source)))
		return SOURCE_FOREIGN;
	if (!(source[0] | source[1] | source[2] | source[3]))
		return SOURCE_UNSPECIFIED;
	return is_own_ipv6(source) ? SOURCE_OWN : SOURCE_FOREIGN;
}

/* --- all of it --- */

CTX_FUNCTION bool is_spoofed(CTX *ctx, const struct packet *p, bool bare)
{
	int source;

	if (p->known == KNOWN_NOTHING || p->known == KNOWN_ETHERTYPE ||
	    !CTX_NAME(has_own_mac)(ctx, bare))
		return true;
	if (p->known == KNOWN_ARP)
		return !CTX_NAME(is_own_arp)(ctx, p);
	if (p->family == PCTL_IPV4)
		return !CTX_NAME(has_own_ipv4)(ctx, p);
	source = CTX_NAME(find_ipv6_source)(ctx, p);
	return source == SOURCE_FOREIGN ||
	       !is_own_ipv6_packet(ctx, p, source == SOURCE_UNSPECIFIED);
}
