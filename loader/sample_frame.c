// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

#include "sample_frame.h"

#define PAYLOAD 20 /* as long as a TCP header */

static size_t ethernet(uint8_t *frame, uint16_t ethertype)
{
	static const uint8_t addresses[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint16_t type = htons(ethertype);

	memset(frame, 0, SAMPLE_FRAME_SIZE);
	memcpy(frame, addresses, sizeof(addresses));
	memcpy(frame + sizeof(addresses), &type, sizeof(type));
	return ETH_HLEN;
}

static void write_ipv4(const struct sample *sample, uint8_t *at)
{
	uint32_t peer = sample->peer.length ? sample->peer.high >> 32 : 0xc6120001;
	struct iphdr header = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof(header) + PAYLOAD),
		.ttl = 64,
		.protocol = sample->protocol,
	};
	uint32_t own = htonl(0xc6120002);

	peer = htonl(peer);
	header.saddr = sample->direction == PCTL_FROM ? own : peer;
	header.daddr = sample->direction == PCTL_FROM ? peer : own;
	memcpy(at, &header, sizeof(header));
}

static void write_ipv6(const struct sample *sample, uint8_t *at)
{
	const uint32_t own[4] = { htonl(0x20010db8), 0, 0, htonl(2) };
	uint32_t peer[4] = { htonl(0x20010db8), 0, 0, htonl(1) };
	struct ip6_hdr header = {};

	if (sample->peer.length) {
		peer[0] = htonl(sample->peer.high >> 32);
		peer[1] = htonl(sample->peer.high);
		peer[2] = htonl(sample->peer.low >> 32);
		peer[3] = htonl(sample->peer.low);
	}
	header.ip6_vfc = 6 << 4;
	header.ip6_plen = htons(PAYLOAD);
	header.ip6_nxt = sample->protocol;
	header.ip6_hlim = 64;
	memcpy(&header.ip6_src, sample->direction == PCTL_FROM ? own : peer, sizeof(peer));
	memcpy(&header.ip6_dst, sample->direction == PCTL_FROM ? peer : own, sizeof(peer));
	memcpy(at, &header, sizeof(header));
}

size_t sample_frame(const struct sample *sample, uint8_t frame[SAMPLE_FRAME_SIZE])
{
	bool ipv4 = sample->family == PCTL_IPV4;
	bool icmp = sample->protocol == IPPROTO_ICMP || sample->protocol == IPPROTO_ICMPV6;
	size_t at = ethernet(frame, ipv4 ? ETH_P_IP : ETH_P_IPV6);
	uint16_t words[2] = { htons(icmp ? sample->dport : sample->sport),
			      icmp ? 0 : htons(sample->dport) };

	if (ipv4)
		write_ipv4(sample, frame + at);
	else
		write_ipv6(sample, frame + at);
	at += ipv4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	memcpy(frame + at, words, sizeof(words));
	return at + PAYLOAD;
}

size_t sample_frame_arp(uint8_t frame[SAMPLE_FRAME_SIZE])
{
	static const uint8_t request[28] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	size_t at = ethernet(frame, ETH_P_ARP);

	memcpy(frame + at, request, sizeof(request));
	return at + sizeof(request);
}
