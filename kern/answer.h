/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The answer to a rejected packet: a TCP reset, or an ICMP error "port unreachable" that quotes the
 * packet. It goes back to the sender, in the name of the receiver. reject.h sends it.
 *
 * It is put together in memory and replaces the packet as a whole, so that it is the same bytes for
 * every hook, whatever the packet was.
 */
#ifndef PCTL_ANSWER_H
#define PCTL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/tcp.h>

#include "maps.h"
#include "notify.h"
#include "parse.h"
#include "wire.h"

#define ANSWER_TTL 64 /* as most systems send (RFC 1700) */
#define LINK_MAX 32 /* Ethernet header and VLAN tags have 22 bytes at most; a power of two */

/* An answer in the making, in memory of the CPU: it is too large for the stack. */
struct answer {
	struct pctl_answer whole;
	__u8 link[LINK_MAX]; /* its Ethernet header and VLAN tags */
	__u8 header[40]; /* the IP header of the packet */
	__u8 reserved[8]; /* whole.ip[IP_ROOM - 1] is inside, which the verifier wants to see */
};

#define IP_ROOM 256 /* a power of two */
_Static_assert(offsetof(struct answer, whole.ip) + IP_ROOM <= sizeof(struct answer), "IP_ROOM");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct answer);
} answer_rooms SEC(".maps");

/* Answers on their way to another hook of the attachment. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PCTL_ANSWERS_MAX);
	__type(key, struct pctl_answer);
	__type(value, __u64);
} answers SEC(".maps");

/* When the last one was sent, in ticks of the kernel. More than ANSWER_TICKS later none is on its
 * way: the kernel has at most 1,000 in a second. */
volatile __u64 answered_at;
#define ANSWER_TICKS 1000

struct pctl_token_bucket answer_bucket;

static __always_inline struct answer *answer_room(void)
{
	__u32 index = 0;

	/* The map does not exist then, and Linux 6.1 verifies unused functions, too. */
	if (!answering.by)
		return NULL;
	return bpf_map_lookup_elem(&answer_rooms, &index);
}

/* --- what must not be answered --- */

/* A host of its own: neither a group, nor everybody, nor nobody (RFC 1122 section 3.2.2). */
static __always_inline bool is_host_mac(const __u8 *mac)
{
	return !(mac[0] & 1) && (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

/* Likewise, and not loopback. From 224.0.0.0 on there are groups and reserved addresses. */
static __always_inline bool is_host_ipv4(__be32 address)
{
	__u8 first = bpf_ntohl(address) >> 24;

	return first && first != 127 && first < 224;
}

static __always_inline bool is_host_ipv6(const struct in6_addr *address)
{
	const __be32 *words = address->in6_u.u6_addr32;

	/* :: and ::1 are the ends of ::/127 */
	return address->in6_u.u6_addr8[0] != 0xff &&
	       (words[0] | words[1] | words[2] | (words[3] & bpf_htonl(~1u)));
}

/* RFC 1122 section 3.2.2.1; unknown types may be errors. */
static __always_inline bool is_icmp_query(__u8 type)
{
	return type < 32 && ICMP4_QUERIES >> type & 1;
}

/* RFC 4443 section 2.4 (e) */
static __always_inline bool is_icmpv6_query(__u8 type)
{
	return type & ICMP6_QUERY && type != ND_REDIRECT;
}

/* May a packet of these fields be answered? Each of them must be known. Nothing is said about
 * its addresses. */
static __always_inline bool may_answer(const struct packet *p)
{
	__u8 type = bpf_ntohs(p->words[0]) >> 8;

	if (p->known != KNOWN_SELECTOR || p->behind_ah || p->fragment == FRAGMENT_LATER ||
	    p->source_routed || p->protocol == IPPROTO_AH)
		return false;
	if (p->protocol == IPPROTO_ICMP)
		return p->family == PCTL_IPV4 && is_icmp_query(type);
	if (p->protocol == IPPROTO_ICMPV6)
		return p->family == PCTL_IPV6 && is_icmpv6_query(type);
	return true;
}

/* Turns the Ethernet header round. False: the packet was for a group, or has no sender. */
static __always_inline bool answer_link(struct answer *a)
{
	__u8 *to = a->link, *from = a->link + ETH_ALEN;

	if (!is_host_mac(to) || !is_host_mac(from))
		return false;
	__builtin_memcpy(a->whole.macs, from, ETH_ALEN);
	__builtin_memcpy(a->whole.macs + ETH_ALEN, to, ETH_ALEN);
	__builtin_memcpy(a->link, a->whole.macs, 2 * ETH_ALEN);
	return true;
}

/* --- checksums (RFC 1071) --- */

static __always_inline __sum16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* @size: a constant, a multiple of 4 */
static __always_inline __u64 sum(void *data, __u32 size)
{
	return (__u32)bpf_csum_diff(NULL, 0, data, size, 0);
}

/* --- IP headers --- */

/* Bounded, as Linux 6.1 forgets what it knows of a register that is spilled. */
static __always_inline __u32 ip_size(bool ipv6)
{
	return bounded(ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr), 0x3f);
}

static __always_inline bool answer_ipv4(struct answer *a, __u8 protocol, __u32 length)
{
	struct iphdr *to = (void *)a->whole.ip, *old = (void *)a->header;

	if (!is_host_ipv4(old->saddr) || !is_host_ipv4(old->daddr))
		return false;
	to->version = 4;
	to->ihl = sizeof(*to) / 4;
	to->tot_len = bpf_htons(sizeof(*to) + length);
	to->frag_off = bpf_htons(IP4_DONT_FRAGMENT);
	to->ttl = ANSWER_TTL;
	to->protocol = protocol;
	to->saddr = old->daddr;
	to->daddr = old->saddr;
	to->check = fold(sum(to, sizeof(*to)));
	return true;
}

static __always_inline bool answer_ipv6(struct answer *a, __u8 protocol, __u32 length)
{
	struct ipv6hdr *to = (void *)a->whole.ip, *old = (void *)a->header;

	if (!is_host_ipv6(&old->saddr) || !is_host_ipv6(&old->daddr))
		return false;
	to->version = 6;
	to->payload_len = bpf_htons(length);
	to->nexthdr = protocol;
	to->hop_limit = ANSWER_TTL;
	to->saddr = old->daddr;
	to->daddr = old->saddr;
	return true;
}

static __always_inline bool answer_ip(struct answer *a, bool ipv6, __u8 protocol, __u32 length)
{
	return ipv6 ? answer_ipv6(a, protocol, length) : answer_ipv4(a, protocol, length);
}

/* The sum of the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1). */
static __always_inline __u64 pseudo_sum(struct answer *a, bool ipv6, __u8 protocol, __u32 length)
{
	__u32 at = ipv6 ? offsetof(struct ipv6hdr, saddr) : offsetof(struct iphdr, saddr);
	void *addresses = a->whole.ip + bounded(at, 0xf);

	return (ipv6 ? sum(addresses, 32) : sum(addresses, 8)) + bpf_htons(length) +
	       bpf_htons(protocol);
}

/* --- what is in them --- */

/*
 * RFC 9293 section 3.10.7.1: an answer to a segment of a connection that does not exist. The
 * addresses stand in a->whole.ip already. @old: the segment's header; @size: of the segment.
 * False: it answers nothing.
 */
static __always_inline bool answer_tcp(struct answer *a, bool ipv6, const struct tcphdr *old,
				       __u32 size)
{
	struct tcphdr *to = (void *)a->whole.ip + ip_size(ipv6);
	__u32 header = old->doff * 4;

	if (old->rst || header < sizeof(*old) || header > size)
		return false;
	to->source = old->dest;
	to->dest = old->source;
	to->doff = sizeof(*to) / 4;
	to->rst = 1;
	to->ack = !old->ack;
	if (old->ack)
		to->seq = old->ack_seq;
	else
		to->ack_seq = bpf_htonl(bpf_ntohl(old->seq) + size - header + old->syn + old->fin);
	to->check = fold(sum(to, sizeof(*to)) + pseudo_sum(a, ipv6, IPPROTO_TCP, sizeof(*to)));
	return true;
}

/* The quote stands in a->whole.ip already, behind the place of this header. What is behind the
 * quote is 0 and changes no sum. @length: of the ICMP message */
static __always_inline void answer_icmp(struct answer *a, bool ipv6, __u32 length)
{
	struct icmp_header *to = (void *)a->whole.ip + ip_size(ipv6);

	to->type = ipv6 ? ICMP6_UNREACHABLE : ICMP4_UNREACHABLE;
	to->code = ipv6 ? ICMP6_PORT : ICMP4_PORT;
	to->checksum = fold(sum(to, sizeof(*to) + PCTL_ANSWER_QUOTE) +
			    (ipv6 ? pseudo_sum(a, true, IPPROTO_ICMPV6, length) : 0));
}

/* What a refusal (reject.h) has behind its IP header, as far as there is room in an answer. */
#define REFUSED_MAX (PCTL_ANSWER_IP_MAX - sizeof(struct ipv6hdr))

/* The DNS message stands in a->whole.ip already, behind the place of this header; what is behind it
 * is 0. @old: that of the question; @length: of the datagram */
static __always_inline void answer_udp(struct answer *a, bool ipv6, const struct udp_header *old,
				       __u32 length)
{
	struct udp_header *to = (void *)a->whole.ip + ip_size(ipv6);
	__sum16 check;

	to->ports[0] = old->ports[1];
	to->ports[1] = old->ports[0];
	to->length = bpf_htons(length);
	check = fold(sum(to, REFUSED_MAX) + pseudo_sum(a, ipv6, IPPROTO_UDP, length));
	to->checksum = check ? check : 0xffff; /* 0 would be: none (RFC 768) */
}

/* --- the limit --- */

static __always_inline bool may_answer_now(void)
{
	struct pctl_token_bucket *bucket = &answer_bucket;

	refill(bucket, bpf_jiffies64(), PCTL_ANSWERS_RATE, PCTL_ANSWERS_BURST);
	return bucket->tokens > 0 && __sync_fetch_and_add(&bucket->tokens, -1) > 0;
}

#endif
