/* SPDX-License-Identifier: GPL-2.0-only */
#include "conversation.h"

#include <arpa/inet.h>
#include <string.h>

static void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

uint32_t packet_remote(const struct packet *p)
{
	return p->remote ? p->remote : PEER;
}

static void write_ports(uint8_t *to, enum pctl_direction d, const struct packet *p)
{
	put16(to, d == PCTL_FROM ? p->local_port : p->remote_port);
	put16(to + 2, d == PCTL_FROM ? p->remote_port : p->local_port);
}

/* The IPv4 header and the first 8 bytes behind it. */
static void write_embedded(uint8_t *to, enum pctl_direction d, const struct packet *p)
{
	memset(to, 0, 28);
	to[0] = 0x45;
	to[9] = p->protocol;
	put32(to + 12, d == PCTL_FROM ? CONTAINER : packet_remote(p));
	put32(to + 16, d == PCTL_FROM ? packet_remote(p) : CONTAINER);
	if (p->protocol == IPPROTO_ICMP) {
		to[20] = p->type;
		put16(to + 24, p->id);
	} else {
		write_ports(to + 20, d, p);
	}
}

void packet_build(struct frame *frame, enum pctl_direction d, const struct packet *p)
{
	struct ipv4_fields ip = IPV4_PLAIN;
	uint8_t *header;

	ip.source = d == PCTL_FROM ? CONTAINER : packet_remote(p);
	ip.destination = d == PCTL_FROM ? packet_remote(p) : CONTAINER;
	frame_ethernet(frame);
	frame_ipv4(frame, &ip);
	header = frame->data + frame->length;
	if (p->protocol == IPPROTO_ICMP) {
		frame_icmp(frame, IPPROTO_ICMP, p->type, 0, p->about ? 36 : 16);
		put16(header + 4, p->id);
		if (p->about)
			write_embedded(header + 8, d == PCTL_FROM ? PCTL_TO : PCTL_FROM, p->about);
	} else {
		frame_ports(frame, p->protocol, 0, 0, 20);
		write_ports(header, d, p);
	}
	if (p->protocol == IPPROTO_TCP) {
		put32(header + 4, p->sequence);
		put32(header + 8, p->acknowledgement);
		header[12] = 0x50;
		header[13] = p->flags;
	}
	frame_seal(frame);
}
