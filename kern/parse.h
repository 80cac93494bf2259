/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses a frame into a struct packet: the fields that policies match on, and which of them are
 * known.
 *
 * Nothing is guessed. A field that the frame does not determine stays unknown, with the reason;
 * match.h applies the policy to unknown fields. Reads are bounded twice: by the end of the linear
 * data, as the verifier requires, and by the length in the IP header, since receivers ignore the
 * bytes behind it.
 */
#ifndef PCTL_PARSE_H
#define PCTL_PARSE_H

#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "wire.h"
#include "verifier.h"

/* Up to which layer the fields are known. Each level of IP includes the ones before it. */
enum knowledge {
	KNOWN_NOTHING, /* not even that it is IP */
	KNOWN_ETHERTYPE, /* neither IP nor ARP, as its ethertype says; it is in `words` */
	KNOWN_IP,
	KNOWN_PROTOCOL,
	KNOWN_SELECTOR, /* everything; the protocol may have no selector */
	KNOWN_ARP, /* ARP, which has none of the above */
};

enum fragment_part { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

struct packet {
	__u8 known; /* enum knowledge */
	__u8 reason; /* enum pctl_reason: why not all is known, or PCTL_REASON_NONE */
	__u8 protocol; /* IANA number of the innermost header that was parsed */
	__u8 fragment; /* enum fragment_part */
	__be16 words[2]; /* ports; or ICMP type and code in the first: see selector_of(); or the
			  * ethertype in the second */
	bool behind_ah; /* an authentication header stands before `protocol` */
	bool past_linear; /* the packet goes on where parsing ended, the linear data does not */
	bool source_routed; /* the destination in its IP header is not the last one, or may not be
			     */
	__u8 family; /* enum pctl_family, where it is known to be IP */
	__u16 vlan; /* enum pctl_vlan; before parsing, that of a tag in the packet's metadata */
	bool chain; /* extension headers begin at `at`: call walk_extensions() */
	__u8 established; /* enum pctl_established */
	/* Offsets in bytes from the start of the frame. */
	__u16 l3; /* of the IP header, where it is known to be IP */
	__u8 options; /* bytes of IPv4 options behind the header at l3 */
	volatile __u16 at; /* of the next header to parse */
	__u32 end; /* of the IP packet, by the length in its header */
	struct pctl_fragment_key datagram; /* set if `fragment` is not FRAGMENT_NONE */
};

static __always_inline void clear_packet(struct packet *p)
{
	__builtin_memset(p, 0, sizeof(*p));
	p->reason = PCTL_REASON_NONE;
}

static __always_inline void unknown(struct packet *p, enum pctl_reason reason, bool past_linear)
{
	p->reason = reason;
	p->past_linear = past_linear;
}

/* What follows may be one more VLAN tag. */
static __always_inline void tag_unknown(struct packet *p, enum pctl_reason reason, bool past_linear)
{
	unknown(p, reason, past_linear);
	if (p->vlan == PCTL_VLAN_NONE)
		p->vlan = PCTL_VLAN_UNKNOWN;
}

/*
 * Masks for bounded(). An IP header begins at 22 at most, behind two VLAN tags, and the header
 * behind it at 82 at most. An extension header has at most 8 + 8 * 255 bytes, and eight of them end
 * at 16466 at most.
 *
 * The current offset, p->at, is volatile: it stays in memory, and *p is unknown to the verifier in
 * the functions of verdict.h, which take it by reference. So the verifier walks each piece of code
 * once and not once for each offset at which a header can begin.
 */
#define IP_MASK 0x1f
#define IP_END_MASK 0x7f
#define EXT_SIZE_MASK 0xfff
#define OFFSET_MASK 0x7fff

/* The selector (abi.h), from the first two words behind the IP headers. */
static __always_inline __be16 selector_of(const __be16 words[2], bool is_icmp)
{
	__be16 type_code = words[0], dport = words[1];

	return is_icmp ? type_code : dport;
}

/* The header behind the IP headers. */
static __always_inline void parse_selector(struct packet *p, void *data, void *data_end)
{
	__u32 offset = bounded(p->at, OFFSET_MASK);
	__be16 *words = data + offset;
	__u32 size;

	p->known = KNOWN_PROTOCOL;
	switch (p->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		size = 4; /* source port, destination port */
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		size = 2; /* type, code */
		break;
	default:
		p->known = KNOWN_SELECTOR;
		return;
	}
	if (offset + size > p->end)
		return unknown(p, PCTL_REASON_L4_SHORT, false);
	if ((void *)words + size > data_end)
		return unknown(p, PCTL_REASON_L4_SHORT, true);
	p->words[0] = words[0];
	if (size == 4)
		p->words[1] = words[1];
	p->known = KNOWN_SELECTOR;
}

/*
 * The size of an extension header is `base + unit * length field` bytes. The field counts units of
 * 8 bytes behind the first 8 (RFC 8200 section 4), in AH units of 4 bytes behind the first 8 (RFC
 * 4302 section 2.2). The fragment header has no length field. With this table the verifier walks
 * one path, with branches it would walk 3^8.
 */
struct ext_layout {
	__u8 base; /* 0: not an extension header */
	__u8 unit;
};

static const struct ext_layout ext_layouts[PCTL_FAMILIES][256] = {
	[PCTL_IPV4] = {
		[NEXTHDR_AUTH] = { 8, 4 },
	},
	[PCTL_IPV6] = {
		[NEXTHDR_HOP] = { 8, 8 },
		[NEXTHDR_ROUTING] = { 8, 8 },
		[NEXTHDR_DEST] = { 8, 8 },
		[NEXTHDR_AUTH] = { 8, 4 },
		[NEXTHDR_FRAGMENT] = { 8, 0 },
	},
};

/* An IPv4 fragment. Returns false for a later one: nothing behind its header is to be parsed. */
static __always_inline bool note_fragment4(struct packet *p, const struct iphdr *ip,
					   __u32 offset_flags)
{
	p->datagram.source[0] = ip->saddr;
	p->datagram.destination[0] = ip->daddr;
	p->datagram.id = ip->id;
	p->datagram.family = 4;
	p->datagram.protocol = ip->protocol;
	p->fragment = offset_flags & IP4_OFFSET_MASK ? FRAGMENT_LATER : FRAGMENT_FIRST;
	if (p->fragment == FRAGMENT_FIRST)
		return true;
	/* The protocol behind an AH stands in the first fragment only. */
	if (ext_layouts[PCTL_IPV4][p->protocol].base)
		p->known = KNOWN_IP;
	unknown(p, PCTL_REASON_FRAGMENT, false);
	return false;
}

/*
 * The IP header at p->at. Returns false if nothing behind it is to be parsed.
 * @data, @data_end: the linear part of the frame; @length: bytes of the whole frame
 */
static __always_inline bool parse_ipv4(struct packet *p, void *data, void *data_end, __u32 length)
{
	__u32 l3 = bounded(p->at, IP_MASK), header, total, fragment;
	struct iphdr *ip = data + l3;

	if ((void *)(ip + 1) > data_end) {
		unknown(p, PCTL_REASON_IP_HEADER, l3 + sizeof(*ip) <= length);
		return false;
	}
	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	/* BIG TCP: 0 in a GSO packet of 64 kB and more (include/linux/ip.h, iph_totlen()). */
	if (!total && length - l3 > 0xffff)
		total = length - l3;
	if (ip->version != 4 || header < sizeof(*ip) || header > total) {
		unknown(p, PCTL_REASON_IP_HEADER, false);
		return false;
	}
	p->known = KNOWN_PROTOCOL;
	p->family = PCTL_IPV4;
	p->l3 = l3;
	p->protocol = ip->protocol;
	p->end = l3 + total;
	p->options = header - sizeof(*ip);
	fragment = bpf_ntohs(ip->frag_off) & (IP4_OFFSET_MASK | IP4_MORE_FRAGMENTS);
	p->at = l3 + header;
	return !fragment || note_fragment4(p, ip, fragment);
}

static __always_inline bool parse_ipv6(struct packet *p, void *data, void *data_end, __u32 length)
{
	__u32 l3 = bounded(p->at, IP_MASK);
	struct ipv6hdr *ip = data + l3;

	if ((void *)(ip + 1) > data_end) {
		unknown(p, PCTL_REASON_IP_HEADER, l3 + sizeof(*ip) <= length);
		return false;
	}
	if (ip->version != 6) {
		unknown(p, PCTL_REASON_IP_HEADER, false);
		return false;
	}
	p->known = KNOWN_PROTOCOL;
	p->family = PCTL_IPV6;
	p->l3 = l3;
	p->protocol = ip->nexthdr;
	p->end = l3 + sizeof(*ip) + bpf_ntohs(ip->payload_len);
	/* Jumbogram (RFC 2675): 0, the length is in a hop-by-hop option. BIG TCP: 0 too, with that
	 * option before Linux 7.0, without it since. */
	if (!ip->payload_len && (ip->nexthdr == NEXTHDR_HOP || length - l3 - sizeof(*ip) > 0xffff))
		p->end = length;
	p->at = l3 + sizeof(*ip);
	return true;
}

/* Behind the IP header: the transport header; or extension headers, for walk_extensions(). */
static __always_inline void parse_payload(struct packet *p, void *data, void *data_end)
{
	if (!ext_layouts[p->family & (PCTL_FAMILIES - 1)][p->protocol].base)
		return parse_selector(p, data, data_end);
	p->known = KNOWN_IP;
	p->chain = true;
}

/* A fragment header. An atomic fragment (RFC 6946) is not a fragment. Reassembly ignores the next
 * header field of later fragments (RFC 8200 section 4.5), so it proves nothing. */
static __always_inline enum fragment_part
note_fragment6(struct packet *p, void *data, void *data_end, const struct fragment_header *header)
{
	__u16 flags = bpf_ntohs(header->offset_flags);
	struct ipv6hdr *ip = data + bounded(p->l3, IP_MASK);

	if (!(flags & (IP6_OFFSET_MASK | IP6_MORE_FRAGMENTS)))
		return FRAGMENT_NONE;
	p->fragment = flags & IP6_OFFSET_MASK ? FRAGMENT_LATER : FRAGMENT_FIRST;
	if ((void *)(ip + 1) > data_end) /* never: parse_ipv6() has read it */
		return p->fragment;
	__builtin_memcpy(p->datagram.source, &ip->saddr, sizeof(p->datagram.source));
	__builtin_memcpy(p->datagram.destination, &ip->daddr, sizeof(p->datagram.destination));
	p->datagram.id = header->id;
	p->datagram.family = 6;
	return p->fragment;
}

/* The chain was not walked to its end. In IPv6 a routing header may follow. */
static __always_inline void chain_unknown(struct packet *p, enum pctl_reason reason,
					  bool past_linear)
{
	unknown(p, reason, past_linear);
	if (p->family == PCTL_IPV6)
		p->source_routed = true;
}

/*
 * Walks the extension headers that parse_frame() found (p->chain is set). Packets with extension
 * headers are rare, so verdict.h calls it in a function that is VERIFIED_ONCE.
 */
static __always_inline void walk_extensions(struct packet *p, void *data, void *data_end)
{
	__u8 family = p->family & (PCTL_FAMILIES - 1), type;
	struct fragment_header *header;
	struct ext_layout layout;
	__u32 offset;

	p->chain = false;
	for (int i = 0; i <= PCTL_MAX_EXT_HEADERS; i++) {
		type = p->protocol;
		layout = ext_layouts[family][type];
		if (!layout.base)
			return parse_selector(p, data, data_end);
		offset = bounded(p->at, OFFSET_MASK);
		header = data + offset;
		if (offset + sizeof(*header) > p->end)
			return chain_unknown(p, PCTL_REASON_EXT_SHORT, false);
		if ((void *)(header + 1) > data_end)
			return chain_unknown(p, PCTL_REASON_EXT_SHORT, true);
		if (type == NEXTHDR_AUTH)
			p->behind_ah = true;
		if (type == NEXTHDR_ROUTING && ((struct routing_header *)header)->segments_left)
			p->source_routed = true;
		if (type == NEXTHDR_FRAGMENT &&
		    note_fragment6(p, data, data_end, header) == FRAGMENT_LATER)
			return unknown(p, PCTL_REASON_FRAGMENT, false);
		p->protocol = header->next_header;
		p->at = offset +
			bounded(layout.base + layout.unit * ((struct ext_header *)header)->length,
				EXT_SIZE_MASK);
	}
	chain_unknown(p, PCTL_REASON_EXT_DEPTH, false);
}

/*
 * Is there a source route among the IPv4 options? True also where they cannot be parsed.
 * @size: bytes of options; @there: how many of them are in the frame, the others are 0
 * The loop has exits but no branches, since the verifier walks it 40 times.
 */
static __always_inline bool has_source_route(const __u8 options[64], __u32 size, __u32 there)
{
	__u32 at = 0, type, single, length;

	for (int i = 0; i < IP4_OPTIONS_MAX && at < size; i++) {
		if (at >= there)
			return true;
		type = options[at & 63];
		if (type == IP4_OPTION_END)
			return false;
		if (type == IP4_OPTION_LSRR || type == IP4_OPTION_SSRR)
			return true;
		single = ((type ^ IP4_OPTION_NOP) - 1) >> 31; /* 1: it has no length byte */
		barrier_var(single);
		length = single + (options[(at + 1) & 63] & (single - 1));
		at += length;
		if (length < 2 - single || at > size)
			return true;
	}
	return false;
}

/* The header of this ethertype at p->at, which may be a VLAN tag. */
static __always_inline void parse_ethertype(struct packet *p, void *data, void *data_end,
					    __u32 length, __be16 ethertype)
{
	bool is_ip;

	for (int i = 0; i <= PCTL_MAX_VLAN_TAGS; i++) {
		struct vlan_tag *tag = data + bounded(p->at, IP_MASK);

		if (ethertype != bpf_htons(ETH_P_8021Q) && ethertype != bpf_htons(ETH_P_8021AD))
			break;
		if (i == PCTL_MAX_VLAN_TAGS)
			return tag_unknown(p, PCTL_REASON_VLAN_DEPTH, false);
		p->at += sizeof(*tag);
		if ((void *)(tag + 1) > data_end)
			return tag_unknown(p, PCTL_REASON_FRAME_SHORT, p->at <= length);
		if (p->vlan == PCTL_VLAN_NONE)
			p->vlan = bpf_ntohs(tag->tci) & VLAN_ID_MASK;
		ethertype = tag->ethertype;
	}

	switch (ethertype) {
	case bpf_htons(ETH_P_IP):
		is_ip = parse_ipv4(p, data, data_end, length);
		break;
	case bpf_htons(ETH_P_IPV6):
		is_ip = parse_ipv6(p, data, data_end, length);
		break;
	case bpf_htons(ETH_P_ARP):
		p->known = KNOWN_ARP;
		return;
	default:
		/* A smaller number is a length (IEEE 802.3): no ethertype. */
		if (bpf_ntohs(ethertype) >= ETH_P_802_3_MIN)
			p->known = KNOWN_ETHERTYPE;
		p->words[1] = ethertype;
		return unknown(p, PCTL_REASON_ETHERTYPE, false);
	}
	if (is_ip)
		parse_payload(p, data, data_end);
}

/*
 * Parses one frame. If p->chain is set afterwards, walk_extensions() must parse the rest.
 * @p: after clear_packet(), with the VLAN of its metadata
 * @data, @data_end: the linear part of the frame, from the Ethernet header on
 * @length: bytes of the whole frame
 */
static __always_inline void parse_frame(struct packet *p, void *data, void *data_end, __u32 length)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return tag_unknown(p, PCTL_REASON_FRAME_SHORT, sizeof(*eth) <= length);
	p->at = sizeof(*eth);
	parse_ethertype(p, data, data_end, length, eth->h_proto);
}

#endif
