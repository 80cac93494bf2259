/* SPDX-License-Identifier: GPL-2.0-only */
/* How many packets a packet becomes, and how many bytes of IP these have together. */
#ifndef PCTL_IP_BYTES_H
#define PCTL_IP_BYTES_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ctx.h"
#include "wire.h"

struct extent {
	__u32 l3; /* where its IP header begins */
	__u32 bytes; /* from there on, of all segments */
	__u32 segments;
	__u8 family; /* 4, 6; 0: it is no IP, or was not read */
	__u8 protocol; /* of IPv4 the protocol, of IPv6 the first next header */
	__u32 l4; /* where what is behind its IP header begins */
};

/* The frame's VLAN tags are not IP. Two are looked through, as elsewhere. */
static __always_inline __u32 find_l3(struct __sk_buff *skb, bool bare)
{
	__u32 at = bare ? 0 : ETH_HLEN;
	__be16 ethertype = skb->protocol;

	for (int i = 0; i < PCTL_MAX_VLAN_TAGS; i++) {
		if (ethertype != bpf_htons(ETH_P_8021Q) && ethertype != bpf_htons(ETH_P_8021AD))
			break;
		if (bpf_skb_load_bytes(skb, at + 2, &ethertype, sizeof(ethertype)))
			break;
		at += 4;
	}
	return at;
}

/*
 * Where the headers of a GSO packet end that each of its segments gets. The kernel writes the
 * checksum of each one's transport header, so this is where that header is: the verdict has made
 * sure of it, or of a tunnel it is the inner one. Of TCP the header's length stands 4 bytes in
 * front of the checksum. What is not known to be UDP is taken for TCP, and never for less than it
 * is.
 */
static __always_inline __u32 find_payload(struct __sk_buff *skb, const struct extent *e,
					  __s64 place)
{
	bool udp = e->protocol == IPPROTO_UDP;
	__u32 checksum = e->l4 + (udp ? 6 : 16), least;
	__u8 words = 0;

	if (place != NO_CHECKSUM && place > 0 && place < 65536) {
		udp = udp && place == checksum;
		checksum = place;
	}
	if (udp)
		return checksum + 2;
	least = checksum + 4;
	if (bpf_skb_load_bytes(skb, checksum - 4, &words, sizeof(words)))
		return least;
	words >>= 4;
	return words * 4 > 20 ? checksum - 16 + words * 4 : least;
}

/* Reads its IP header. */
static __always_inline void read_ip(struct __sk_buff *skb, struct extent *e)
{
	__u8 head[10] = {};

	if (bpf_skb_load_bytes(skb, e->l3, head, sizeof(head)))
		return;
	if (head[0] >> 4 == 4 || head[0] >> 4 == 6)
		e->family = head[0] >> 4;
	e->protocol = e->family == 6 ? head[6] : head[9];
	e->l4 = e->l3 + (e->family == 6 ? sizeof(struct ipv6hdr) : (head[0] & 15) * 4);
}

/* @headers: its family is needed. @place: skb_checksum_place() */
static __always_inline void measure(struct __sk_buff *skb, bool bare, __s64 place, bool headers,
				    struct extent *e)
{
	__u32 length = skb->len, size = skb->gso_size, segments = skb->gso_segs, payload;

	e->l3 = e->l4 = find_l3(skb, bare);
	e->bytes = length > e->l3 ? length - e->l3 : 0;
	e->segments = 1;
	e->family = e->protocol = 0;
	if (size || headers)
		read_ip(skb, e);
	if (!size)
		return;
	payload = find_payload(skb, e, place);
	/* A sender on this machine may leave the number open, but not the size. */
	if (length > payload && (length - payload + size - 1) / size > segments)
		segments = (length - payload + size - 1) / size;
	if (segments > 1) {
		e->segments = segments;
		e->bytes += (segments - 1) * (payload - e->l3);
	}
}

#endif
