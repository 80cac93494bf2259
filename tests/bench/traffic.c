// SPDX-License-Identifier: GPL-2.0-only
#include "traffic.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(ETH_HLEN + sizeof(struct ip6_hdr) + 6 <= sizeof(struct driver_frame),
	       "what matters of a frame fits");

#define TCP_LENGTH_AT 12 /* in the TCP header; the flags are behind it */
#define TCP_LENGTH (5 << 4)

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

/* Foreign programs check the length fields of TCP and UDP headers. */
static void put_ports(const struct packet_fields *fields, uint8_t *frame, size_t at)
{
	uint16_t ports[3] = { htons(TRAFFIC_PORT), htons(fields->dport) };
	size_t size = sizeof(ports);

	if (fields->protocol == IPPROTO_UDP)
		ports[2] = htons(TRAFFIC_LENGTH - at);
	else
		size = 2 * sizeof(ports[0]);
	memcpy(frame + at, ports, size);
	at += TCP_LENGTH_AT;
	if (fields->protocol == IPPROTO_TCP && at + 1 < sizeof(struct driver_frame)) {
		frame[at] = TCP_LENGTH;
		frame[at + 1] = fields->tcp_flags;
	}
}

void traffic_frame(const struct packet_fields *fields, struct driver_frame *frame)
{
	bool is_ipv4 = fields->peer.family == PCTL_IPV4;
	struct ethhdr ethernet = {
		.h_dest = { 2, 0, 0, 0, 0, 2 },
		.h_source = { 2, 0, 0, 0, 0, 1 },
		.h_proto = htons(is_ipv4 ? ETH_P_IP : ETH_P_IPV6),
	};
	uint8_t *bytes = (uint8_t *)frame;
	size_t at = sizeof(ethernet);

	memset(frame, 0, sizeof(*frame));
	memcpy(bytes, &ethernet, sizeof(ethernet));
	at += is_ipv4 ? put_ipv4(fields, bytes + at) : put_ipv6(fields, bytes + at);
	put_ports(fields, bytes, at);
}

void traffic_rest(uint8_t rest[TRAFFIC_LENGTH - sizeof(struct driver_frame)])
{
	size_t at = ETH_HLEN + sizeof(struct ip6_hdr) + TCP_LENGTH_AT;

	memset(rest, 0, TRAFFIC_LENGTH - sizeof(struct driver_frame));
	rest[at - sizeof(struct driver_frame)] = TCP_LENGTH;
}
