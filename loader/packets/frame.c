/* SPDX-License-Identifier: GPL-2.0-only */
#include "frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

/* Appends @size zero bytes. NULL: there is no room for them. */
static uint8_t *push(struct frame *frame, size_t size)
{
	uint8_t *at = frame->data + frame->length;

	if (size > FRAME_MAX - frame->length) {
		frame->overflow = true;
		return NULL;
	}
	memset(at, 0, size);
	frame->length += size;
	return at;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* Writes into the layer before that this one is @protocol. */
static void announce(struct frame *frame, uint8_t protocol)
{
	if (frame->next_at)
		frame->data[frame->next_at] = protocol;
	frame->next_at = 0;
}

static void expect_next(struct frame *frame, size_t at, int lie)
{
	frame->next_at = lie == FIELD_DEFAULT ? at : 0;
	if (lie != FIELD_DEFAULT)
		frame->data[at] = lie;
}

static int or_default(int field, int value)
{
	return field == FIELD_DEFAULT ? value : field;
}

void frame_ethernet(struct frame *frame)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };

	frame->length = frame->next_at = frame->total_at = frame->payload_at = 0;
	frame->overflow = false;
	memcpy(push(frame, ETH_HLEN), addresses, sizeof(addresses)); /* there is room */
	frame->ethertype_at = 12;
}

void frame_ethertype(struct frame *frame, uint16_t ethertype)
{
	put16(frame->data + frame->ethertype_at, ethertype);
}

void frame_vlan(struct frame *frame, uint16_t tpid, uint16_t tci)
{
	uint8_t *tag = push(frame, 4);

	if (!tag)
		return;
	frame_ethertype(frame, tpid);
	put16(tag, tci);
	frame->ethertype_at = frame->length - 2;
}

void frame_arp(struct frame *frame)
{
	static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t *arp = push(frame, 28);

	if (!arp)
		return;
	frame_ethertype(frame, ETH_P_ARP);
	memcpy(arp, request, sizeof(request));
}

void frame_ipv4(struct frame *frame, const struct ipv4_fields *fields)
{
	int ihl = or_default(fields->ihl, 5 + (int)(fields->option_bytes + 3) / 4);
	int header = or_default(fields->header, 4 * ihl);
	size_t start = frame->length, options;
	uint8_t *ip;

	ip = push(frame, header < 20 ? 20 : header);
	if (!ip)
		return;
	frame_ethertype(frame, ETH_P_IP);
	ip[0] = or_default(fields->version, 4) << 4 | ihl;
	put16(ip + 2, fields->total);
	frame->total_at = fields->total == FIELD_DEFAULT ? start : 0;
	put16(ip + 4, fields->id);
	put16(ip + 6, (fields->dont ? 0x4000 : 0) | (fields->more ? 0x2000 : 0) | fields->offset);
	ip[8] = 64;
	expect_next(frame, start + 9, fields->protocol);
	put32(ip + 12, fields->source);
	put32(ip + 16, fields->destination);
	options = frame->length - start - 20;
	memset(ip + 20, 1, options);
	memcpy(ip + 20, fields->options,
	       options < fields->option_bytes ? options : fields->option_bytes);
}

void frame_ipv6(struct frame *frame, const struct ipv6_fields *fields)
{
	size_t start = frame->length;
	uint8_t *ip;

	ip = push(frame, 40);
	if (!ip)
		return;
	frame_ethertype(frame, ETH_P_IPV6);
	ip[0] = or_default(fields->version, 6) << 4;
	put16(ip + 4, fields->payload);
	frame->payload_at = fields->payload == FIELD_DEFAULT ? start : 0;
	expect_next(frame, start + 6, fields->next);
	ip[7] = 64;
	memcpy(ip + 8, fields->source, 16);
	memcpy(ip + 24, fields->destination, 16);
}

/* RFC 8200 section 4.2: 8-byte units without the first. AH, RFC 4302 section 2.2: 4-byte words
 * minus 2. */
void frame_extension(struct frame *frame, uint8_t type, uint8_t units, int next)
{
	size_t start = frame->length;
	uint8_t *header = push(frame, type == IPPROTO_AH ? 4u * (units + 2u) : 8u * (units + 1u));

	if (!header)
		return;
	announce(frame, type);
	header[1] = units;
	expect_next(frame, start, next);
}

void frame_routing(struct frame *frame, uint8_t units, uint8_t type, uint8_t left, int next)
{
	size_t start = frame->length;

	frame_extension(frame, IPPROTO_ROUTING, units, next);
	if (frame->overflow)
		return;
	frame->data[start + 2] = type;
	frame->data[start + 3] = left;
}

void frame_fragment(struct frame *frame, uint32_t id, uint16_t offset, bool more, int next)
{
	size_t start = frame->length;
	uint8_t *header = push(frame, 8);

	if (!header)
		return;
	announce(frame, IPPROTO_FRAGMENT);
	put16(header + 2, offset << 3 | more);
	put32(header + 4, id);
	expect_next(frame, start, next);
}

/* Writes the first @size bytes of @header, with zeros behind it if it is shorter. */
static void push_header(struct frame *frame, const uint8_t header[4], size_t size)
{
	uint8_t *at = push(frame, size);

	if (at)
		memcpy(at, header, size < 4 ? size : 4);
}

void frame_ports(struct frame *frame, uint8_t protocol, uint16_t source, uint16_t destination,
		 size_t size)
{
	uint8_t ports[4];

	announce(frame, protocol);
	put16(ports, source);
	put16(ports + 2, destination);
	push_header(frame, ports, size);
}

void frame_icmp(struct frame *frame, uint8_t protocol, uint8_t type, uint8_t code, size_t size)
{
	announce(frame, protocol);
	push_header(frame, (uint8_t[4]){ type, code }, size);
}

void frame_raw(struct frame *frame, uint8_t protocol, size_t size)
{
	announce(frame, protocol);
	frame_append(frame, 0xa5, size);
}

void frame_append(struct frame *frame, uint8_t byte, size_t size)
{
	uint8_t *at = push(frame, size);

	if (at)
		memset(at, byte, size);
}

void frame_seal(struct frame *frame)
{
	if (frame->total_at)
		put16(frame->data + frame->total_at + 2, frame->length - frame->total_at);
	if (frame->payload_at)
		put16(frame->data + frame->payload_at + 4, frame->length - frame->payload_at - 40);
	frame->total_at = frame->payload_at = 0;
}

void frame_cut(struct frame *frame, size_t length)
{
	frame_seal(frame);
	if (length > frame->length)
		frame->overflow = true;
	else
		frame->length = length;
}
