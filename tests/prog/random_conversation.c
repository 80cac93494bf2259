/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames of few connections, from both ends: connections begin, are answered, and end. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "abi.h"
#include "random_input.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

/* Both ends of a frame. */
struct ends {
	int family;
	uint8_t source[16], destination[16];
};

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

static uint16_t random_port(struct random *random)
{
	return one_in(random, 4) ? 443 : 53;
}

/* Mostly in the order in which they occur. */
static void push_tcp(struct random *random, struct frame *frame)
{
	static const uint8_t flags[] = { SYN, SYN,	 SYN,	    SYN | ACK, SYN | ACK, SYN | ACK,
					 ACK, ACK,	 ACK,	    ACK | 8,   FIN | ACK, FIN | ACK,
					 RST, RST | ACK, SYN | FIN, SYN | RST, 0,	  0xff };
	static const uint32_t sequences[] = { 0, 100, 100, 100, 65635, 65636, 5000000 };
	static const uint32_t acknowledged[] = { 0, 101, 101, 101, 100, 65637, 5000001 };
	uint8_t *header = frame->data + frame->length;
	size_t size = one_in(random, 16) ? random_below(random, 20) : 20;

	frame_ports(frame, IPPROTO_TCP, random_port(random), random_port(random), size);
	if (frame->overflow || size < 20)
		return;
	put32(header + 4, PICK(random, sequences));
	put32(header + 8, PICK(random, acknowledged));
	header[12] = 0x50;
	header[13] = PICK(random, flags);
}

static void push_ports(struct random *random, struct frame *frame)
{
	static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_UDP, IPPROTO_UDPLITE,
					     IPPROTO_SCTP, IPPROTO_DCCP };

	frame_ports(frame, PICK(random, protocols), random_port(random), random_port(random),
		    8 + random_below(random, 8));
}

/* Now and then the echo of the other family, which nobody sends. */
static uint8_t icmp_of(struct random *random, int family)
{
	bool v6 = (family == PCTL_IPV6) != one_in(random, 20);

	return v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
}

static uint8_t random_echo(struct random *random, uint8_t protocol)
{
	bool request = one_in(random, 2);

	return protocol == IPPROTO_ICMP ? request ? 8 : 0 : request ? 128 : 129;
}

static void push_echo(struct random *random, struct frame *frame, int family)
{
	uint8_t *header = frame->data + frame->length, protocol = icmp_of(random, family);
	size_t size = one_in(random, 12) ? 2 + random_below(random, 6) : 8;

	frame_icmp(frame, protocol, random_echo(random, protocol), 0, size);
	if (!frame->overflow && size >= 6)
		put16(header + 4, 1 + random_below(random, 2));
}

/* What an error is about: mostly a packet that came from where it goes. Returns its size. */
static size_t write_embedded(struct random *random, uint8_t *to, const struct ends *outer)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_GRE };
	bool v4 = outer->family == PCTL_IPV4;
	size_t header = v4 ? 20 : 40, address = v4 ? 4 : 16, at = v4 ? 12 : 8;
	bool swap = one_in(random, 8);
	uint8_t protocol = PICK(random, protocols);

	if (one_in(random, 3))
		protocol = icmp_of(random, outer->family);
	memset(to, 0, header + 8);
	to[0] = v4 ? 0x45 : 0x60;
	to[v4 ? 9 : 6] = protocol;
	memcpy(to + at, swap ? outer->source : outer->destination, address);
	memcpy(to + at + address, swap ? outer->destination : outer->source, address);
	if (one_in(random, 12))
		to[random_below(random, 8)] ^= 1u << random_below(random, 8);
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) {
		to[header] = random_echo(random, protocol);
		put16(to + header + 4, 1 + random_below(random, 2));
	} else {
		put16(to + header, random_port(random));
		put16(to + header + 2, random_port(random));
	}
	return one_in(random, 10) ? random_below(random, header + 8) : header + 8;
}

static void push_error(struct random *random, struct frame *frame, const struct ends *ends)
{
	static const uint8_t types[] = { 3, 3, 11, 12, 5 }, types6[] = { 1, 2, 3, 4, 5 };
	uint8_t *header = frame->data + frame->length, protocol = icmp_of(random, ends->family);
	uint8_t embedded[48];
	size_t size = write_embedded(random, embedded, ends);

	frame_icmp(frame, protocol,
		   protocol == IPPROTO_ICMP ? PICK(random, types) : PICK(random, types6), 0,
		   8 + size);
	if (!frame->overflow)
		memcpy(header + 8, embedded, size);
}

static void push_ip(struct random *random, struct frame *frame, const struct ends *ends)
{
	struct ipv4_fields v4 = IPV4_PLAIN;
	struct ipv6_fields v6 = IPV6_PLAIN;
	bool piece = one_in(random, 12), route = one_in(random, 20), ah = one_in(random, 20);
	uint16_t offset = piece ? random_below(random, 2) : 0;

	if (ends->family == PCTL_IPV4) {
		memcpy(&v4.source, ends->source, 4);
		memcpy(&v4.destination, ends->destination, 4);
		v4.source = ntohl(v4.source);
		v4.destination = ntohl(v4.destination);
		v4.offset = offset;
		v4.more = piece;
		if (route) {
			v4.options[0] = 131;
			v4.options[1] = 3;
			v4.options[2] = 4;
			v4.option_bytes = 3;
		}
		frame_ipv4(frame, &v4);
	} else {
		memcpy(v6.source, ends->source, 16);
		memcpy(v6.destination, ends->destination, 16);
		frame_ipv6(frame, &v6);
		if (route)
			frame_routing(frame, 2, 4, 1, FIELD_DEFAULT);
		if (piece)
			frame_fragment(frame, 1, offset, true, FIELD_DEFAULT);
	}
	if (ah)
		frame_extension(frame, IPPROTO_AH, 4, FIELD_DEFAULT);
}

void random_conversation_frame(struct random *random, struct frame *frame)
{
	struct ends ends = { .family = one_in(random, 3) ? PCTL_IPV6 : PCTL_IPV4 };

	random_address(random, ends.family, 2, ends.source);
	random_address(random, ends.family, 2, ends.destination);
	if (one_in(random, 8))
		frame_vlan(frame, 0x8100, PICK(random, random_vlans));
	push_ip(random, frame, &ends);
	switch (random_below(random, 8)) {
	case 0:
		push_echo(random, frame, ends.family);
		break;
	case 1:
		push_error(random, frame, &ends);
		break;
	case 2:
		push_ports(random, frame);
		break;
	default:
		push_tcp(random, frame);
	}
	frame_seal(frame);
}
