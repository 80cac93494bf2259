/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast path, for plain packets: directly behind the Ethernet header there is an IPv4 header
 * without options of a packet that is not a fragment, or an IPv6 header without extension headers.
 * Behind it there are at least 4 bytes, in the packet and in linear memory: the ports, if the
 * protocol has them. Nearly every packet is plain. Its fields stay in registers. All other packets
 * take the slow path, parse.h, which would parse a plain packet to the same fields.
 */
#ifndef PCTL_PLAIN_H
#define PCTL_PLAIN_H

#include <stdbool.h>
#include <bpf/bpf_endian.h>

#include "abi.h"
#include "maps.h"
#include "wire.h"
#include "parse.h"

#define PORTS_SIZE 4 /* source and destination port, of each protocol that has them */
#define IP4_PLAIN 0x45 /* version 4, header length 5 words */

struct plain {
	__be16 words[2]; /* as in struct packet */
	__u8 protocol;
	__u8 family; /* enum pctl_family */
	__u8 at; /* where the words are, in bytes from the start of the frame on */
};

/* As a number, for functions that are VERIFIED_ONCE. */
static __always_inline __u64 pack_plain(const struct plain *p)
{
	return (__u64)p->words[0] << 48 | (__u64)p->words[1] << 32 | p->protocol << 16 |
	       p->family << 8 | p->at;
}

static __always_inline struct plain unpack_plain(__u64 packed)
{
	return (struct plain){
		.words = { packed >> 48, packed >> 32 },
		.protocol = packed >> 16,
		.family = packed >> 8 & (PCTL_FAMILIES - 1),
		.at = packed,
	};
}

static __always_inline void take_words(struct plain *p, const void *behind_ip)
{
	const __be16 *words = behind_ip;

	p->words[0] = words[0];
	p->words[1] = words[1];
}

/* Can what it is to a connection be read from a header of @size bytes? Of ICMP the slow path reads
 * that. */
static __always_inline bool is_plainly_tracked(__u8 protocol, __u32 size, const void *header,
					       const void *data_end)
{
	if (!tracking.tracks)
		return true;
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return false;
	return protocol != IPPROTO_TCP || (size >= sizeof(struct tcp_header) &&
					   header + sizeof(struct tcp_header) <= data_end);
}

static __always_inline bool parse_plain_ipv4(struct plain *p, const struct iphdr *ip,
					     const void *data_end)
{
	__u32 size = bpf_ntohs(ip->tot_len);

	if (*(const __u8 *)ip != IP4_PLAIN ||
	    ip->frag_off & bpf_htons(IP4_OFFSET_MASK | IP4_MORE_FRAGMENTS) ||
	    size < sizeof(*ip) + PORTS_SIZE || ip->protocol == NEXTHDR_AUTH ||
	    !is_plainly_tracked(ip->protocol, size - sizeof(*ip), ip + 1, data_end))
		return false;
	p->family = PCTL_IPV4;
	p->protocol = ip->protocol;
	p->at = ETH_HLEN + sizeof(*ip);
	take_words(p, ip + 1);
	return true;
}

static __always_inline bool parse_plain_ipv6(struct plain *p, const struct ipv6hdr *ip,
					     const void *data_end)
{
	__u32 size = bpf_ntohs(ip->payload_len);

	if (ip->version != 6 || size < PORTS_SIZE || ext_layouts[PCTL_IPV6][ip->nexthdr].base ||
	    !is_plainly_tracked(ip->nexthdr, size, ip + 1, data_end))
		return false;
	p->family = PCTL_IPV6;
	p->protocol = ip->nexthdr;
	p->at = ETH_HLEN + sizeof(*ip);
	take_words(p, ip + 1);
	return true;
}

/* False: the packet is not plain, *p is undefined. */
static __always_inline bool parse_plain(struct plain *p, void *data, void *data_end)
{
	struct ethhdr *eth = data;

	if (data + sizeof(*eth) + sizeof(struct iphdr) + PORTS_SIZE > data_end)
		return false;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return parse_plain_ipv4(p, (void *)(eth + 1), data_end);
	if (eth->h_proto != bpf_htons(ETH_P_IPV6) ||
	    data + sizeof(*eth) + sizeof(struct ipv6hdr) + PORTS_SIZE > data_end)
		return false;
	return parse_plain_ipv6(p, (void *)(eth + 1), data_end);
}

#endif
