/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plain packet: straight behind the Ethernet header an IPv4 header without options, not a
 * fragment, or an IPv6 header without extension headers, and behind it, in the packet and in linear
 * memory, what could be ports. Nearly every packet is plain, so it gets a road of its own, on which
 * nothing has to be kept in memory. All others take the long one: parse.h, which would read the
 * same from a plain packet.
 */
#ifndef PCTL_PLAIN_H
#define PCTL_PLAIN_H

#include <stdbool.h>
#include <bpf/bpf_endian.h>

#include "abi.h"
#include "headers.h"
#include "parse.h"

#define PORTS_SIZE 4 /* source and destination port, of each protocol that has them */
#define IP4_PLAIN 0x45 /* version 4, a header of 5 words */

struct plain {
	__be16 words[2]; /* as in struct packet */
	__u8 protocol;
	__u8 family; /* enum pctl_family */
};

static __always_inline void take_words(struct plain *p, const void *behind_ip)
{
	const __be16 *words = behind_ip;

	p->words[0] = words[0];
	p->words[1] = words[1];
}

static __always_inline bool parse_plain_ipv4(struct plain *p, const struct iphdr *ip)
{
	if (*(const __u8 *)ip != IP4_PLAIN ||
	    ip->frag_off & bpf_htons(IP4_OFFSET_MASK | IP4_MORE_FRAGMENTS) ||
	    bpf_ntohs(ip->tot_len) < sizeof(*ip) + PORTS_SIZE || ip->protocol == NEXTHDR_AUTH)
		return false;
	p->family = PCTL_IPV4;
	p->protocol = ip->protocol;
	take_words(p, ip + 1);
	return true;
}

static __always_inline bool parse_plain_ipv6(struct plain *p, const struct ipv6hdr *ip)
{
	if (ip->version != 6 || bpf_ntohs(ip->payload_len) < PORTS_SIZE ||
	    ext_layouts[PCTL_IPV6][ip->nexthdr].base)
		return false;
	p->family = PCTL_IPV6;
	p->protocol = ip->nexthdr;
	take_words(p, ip + 1);
	return true;
}

/* False: it is not plain, and *p is undefined. */
static __always_inline bool parse_plain(struct plain *p, void *data, void *data_end)
{
	struct ethhdr *eth = data;

	if (data + sizeof(*eth) + sizeof(struct iphdr) + PORTS_SIZE > data_end)
		return false;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return parse_plain_ipv4(p, (void *)(eth + 1));
	if (eth->h_proto != bpf_htons(ETH_P_IPV6) ||
	    data + sizeof(*eth) + sizeof(struct ipv6hdr) + PORTS_SIZE > data_end)
		return false;
	return parse_plain_ipv6(p, (void *)(eth + 1));
}

#endif
