// SPDX-License-Identifier: GPL-2.0-only
#include "traffic.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

_Static_assert(ETH_HLEN + sizeof(struct ip6_hdr) + 4 <= sizeof(struct driver_frame),
	       "what matters of a frame fits");

#define SOURCE_PORT 40000

static size_t put_ipv4(const struct packet_fields *fields, uint8_t *at)
{
	uint32_t address = htonl(fields->peer.high >> 32);
	struct iphdr header = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(TRAFFIC_LENGTH - ETH_HLEN),
		.ttl = 64,
		.protocol = fields->protocol,
		.saddr = address,
		.daddr = address,
	};

	memcpy(at, &header, sizeof(header));
	return sizeof(header);
}

static size_t put_ipv6(const struct packet_fields *fields, uint8_t *at)
{
	uint64_t address[2] = { htobe64(fields->peer.high), htobe64(fields->peer.low) };
	struct ip6_hdr header = {};

	header.ip6_flow = htonl(6u << 28);
	header.ip6_plen = htons(TRAFFIC_LENGTH - ETH_HLEN - sizeof(header));
	header.ip6_nxt = fields->protocol;
	header.ip6_hlim = 64;
	memcpy(&header.ip6_src, address, sizeof(address));
	memcpy(&header.ip6_dst, address, sizeof(address));
	memcpy(at, &header, sizeof(header));
	return sizeof(header);
}

void traffic_frame(const struct packet_fields *fields, struct driver_frame *frame)
{
	bool is_ipv4 = fields->peer.family == PCTL_IPV4;
	struct ethhdr ethernet = {
		.h_dest = { 2, 0, 0, 0, 0, 2 },
		.h_source = { 2, 0, 0, 0, 0, 1 },
		.h_proto = htons(is_ipv4 ? ETH_P_IP : ETH_P_IPV6),
	};
	uint16_t ports[2] = { htons(SOURCE_PORT), htons(fields->dport) };
	uint8_t *at = (uint8_t *)frame;

	memset(frame, 0, sizeof(*frame));
	memcpy(at, &ethernet, sizeof(ethernet));
	at += sizeof(ethernet);
	at += is_ipv4 ? put_ipv4(fields, at) : put_ipv6(fields, at);
	memcpy(at, ports, sizeof(ports));
}
