/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The container's own addresses, for rules with `spoofed`: what is its own, and the quick look at a
 * plain packet. sender.h has the thorough one.
 */
#ifndef PCTL_OWN_CLAIMS_H
#define PCTL_OWN_CLAIMS_H

#include <stdbool.h>
#include <bpf/bpf_endian.h>

#include "maps.h"
#include "plain.h"
#include "wire.h"

static __always_inline bool asks_for_spoofed(__u8 direction)
{
	return direction == PCTL_FROM && config.spoofed;
}

static __always_inline bool is_own_mac(const __u8 mac[ETH_ALEN])
{
	__u8 differ = !own.known;

	for (int i = 0; i < ETH_ALEN; i++)
		differ |= mac[i] ^ own.mac[i];
	return !differ;
}

/* Is it among the blocks? The unspecified address is in none. Without branches, since the verifier
 * walks the loops once for each block. */
static __always_inline bool is_own_ipv4(__u32 address)
{
	__u32 found = 0;

	for (__u32 i = 0; i < PCTL_OWN_MAX && i < own.counts[PCTL_IPV4]; i++) {
		const volatile struct pctl_own_block *block = &own.blocks[PCTL_IPV4][i];

		found |= !((address ^ block->address[0]) & block->mask[0]);
	}
	return address && found;
}

static __always_inline bool is_own_ipv6(const __u32 address[4])
{
	__u32 found = 0;

	for (__u32 i = 0; i < PCTL_OWN_MAX && i < own.counts[PCTL_IPV6]; i++) {
		const volatile struct pctl_own_block *block = &own.blocks[PCTL_IPV6][i];
		__u32 differ = 0;

		for (int j = 0; j < 4; j++)
			differ |= (address[j] ^ block->address[j]) & block->mask[j];
		found |= !differ;
	}
	return (address[0] | address[1] | address[2] | address[3]) && found;
}

/* Without an address there are DHCP (RFC 2131) and IGMP (RFC 3376 section 4.2.13). */
static __always_inline bool needs_no_ipv4(const struct packet *p)
{
	if (p->protocol == IPPROTO_IGMP)
		return p->known >= KNOWN_PROTOCOL;
	return p->known == KNOWN_SELECTOR && p->fragment == FRAGMENT_NONE &&
	       p->protocol == IPPROTO_UDP && p->words[0] == bpf_htons(UDP_BOOTP_CLIENT) &&
	       p->words[1] == bpf_htons(UDP_BOOTP_SERVER);
}

/* Neighbour discovery: bytes before the options. */
static __always_inline __u32 discovery_size(__u8 type)
{
	switch (type) {
	case ND_ROUTER_SOLICIT:
		return 8;
	case ND_ROUTER_ADVERT:
		return 16;
	case ND_REDIRECT:
		return 40;
	default:
		return 24;
	}
}

/* The source of an IPv6 packet. */
enum source {
	SOURCE_FOREIGN,
	SOURCE_OWN,
	SOURCE_UNSPECIFIED,
};

#define ND_OPTIONS_MAX 16 /* more are not read */

/*
 * Is it certain that a plain packet is not spoofed, or does no rule ask? If not, the slow path
 * looks closer: at ICMPv6, which may be neighbour discovery, and at unspecified sources.
 */
static __always_inline bool is_plainly_own(const struct plain *p, void *data, void *data_end)
{
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct iphdr *ip4 = (void *)(eth + 1);

	if (!config.spoofed)
		return true;
	if ((void *)(ip4 + 1) > data_end || !is_own_mac(eth->h_source))
		return false;
	if (p->family == PCTL_IPV4)
		return is_own_ipv4(ip4->saddr);
	return (void *)(ip6 + 1) <= data_end && p->protocol != IPPROTO_ICMPV6 &&
	       is_own_ipv6(ip6->saddr.in6_u.u6_addr32);
}

#endif
