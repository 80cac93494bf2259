/* SPDX-License-Identifier: GPL-2.0-only */
#include "random_input.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "abi.h"
#include "trial.h"

static void push_transport(struct random *random, struct frame *frame, size_t size)
{
	static const uint8_t with_ports[] = { IPPROTO_TCP,     IPPROTO_TCP,  IPPROTO_UDP,
					      IPPROTO_UDPLITE, IPPROTO_SCTP, IPPROTO_DCCP };
	static const uint8_t others[] = { IPPROTO_GRE, IPPROTO_ESP, IPPROTO_NONE, 255,	       4,
					  60,	       0,	    43,		  IPPROTO_IGMP };
	if (one_in(random, 6))
		return push_question(random, frame);
	switch (random_below(random, 8)) {
	case 0:
		frame_raw(frame, PICK(random, others), size);
		break;
	case 1:
		frame_icmp(frame, IPPROTO_ICMP, PICK(random, random_types),
			   PICK(random, random_codes), size);
		break;
	case 2:
	case 3:
		frame_icmp(frame, IPPROTO_ICMPV6, PICK(random, random_types),
			   PICK(random, random_codes), size);
		break;
	default:
		frame_ports(frame, PICK(random, with_ports), PICK(random, random_ports),
			    PICK(random, random_ports), size);
	}
}

/* Few ids and addresses, so that fragments match each other. Small offsets are more often 0. */
static void push_fragment(struct random *random, struct frame *frame, int lie)
{
	uint16_t offset = one_in(random, 2) ? 0 : PICK(random, random_ports) & 0x1fff;

	frame_fragment(frame, random_below(random, 3), offset, random_below(random, 4), lie);
}

static void push_extension(struct random *random, struct frame *frame)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					 IPPROTO_AH, IPPROTO_FRAGMENT };
	uint8_t kind = PICK(random, kinds);
	int lie = one_in(random, 30) ? (int)random_below(random, 256) : FIELD_DEFAULT;
	/* At most one header of 2 kB: with more the frame would not be linear. */
	uint8_t units = frame->length < 1000 && one_in(random, 30) ? 255 : random_below(random, 5);

	if (kind == IPPROTO_ROUTING)
		frame_routing(frame, units, random_below(random, 5),
			      one_in(random, 3) ? random_below(random, 256) : 0, lie);
	else if (kind != IPPROTO_FRAGMENT)
		frame_extension(frame, kind, units, lie);
	else if (one_in(random, 2))
		push_fragment(random, frame, lie);
}

/* End of list, no operation, record route, time stamps, both source routes, and unassigned
 * numbers. */
static void fill_options(struct random *random, struct ipv4_fields *fields)
{
	static const uint8_t types[] = { 0, 1, 1, 1, 7, 7, 68, 68, 131, 137, 148, 255 };
	static const uint8_t lengths[] = { 2, 3, 4, 7, 8, 11 };

	fields->option_bytes = random_below(random, 41);
	for (size_t at = 0; at < fields->option_bytes;) {
		uint8_t type = PICK(random, types);
		uint8_t size =
			one_in(random, 12) ? random_below(random, 256) : PICK(random, lengths);

		fields->options[at++] = type;
		if (type < 2 || at == fields->option_bytes)
			continue;
		fields->options[at++] = size;
		at += size > 2 ? size - 2 : 0;
	}
}

/* One end has an address that policies use, in either direction. Fragments get few addresses, so
 * that they match each other. */
static void fill_addresses(struct random *random, int family, bool piece, uint8_t source[16],
			   uint8_t destination[16])
{
	random_neighbour(random, family, source);
	random_neighbour(random, family, destination);
	if (one_in(random, 3)) /* the container's own */
		random_address(random, family, 1, source);
	if (!piece)
		return;
	random_address(random, family, 2, destination);
	memcpy(source, destination, 16);
	source[0] ^= random_below(random, 2);
}

static void fill_ipv4_addresses(struct random *random, bool piece, struct ipv4_fields *fields)
{
	uint8_t source[16], destination[16];

	fill_addresses(random, PCTL_IPV4, piece, source, destination);
	memcpy(&fields->source, source, 4);
	memcpy(&fields->destination, destination, 4);
	fields->source = ntohl(fields->source);
	fields->destination = ntohl(fields->destination);
}

static void push_ipv4(struct random *random, struct frame *frame)
{
	struct ipv4_fields fields = IPV4_PLAIN;
	bool piece = one_in(random, 4);

	if (one_in(random, 3))
		fill_options(random, &fields);
	if (one_in(random, 8))
		fields.ihl = random_below(random, 16);
	if (one_in(random, 20))
		fields.version = random_below(random, 16);
	if (one_in(random, 10))
		fields.total = one_in(random, 3) ? 65535 : random_below(random, 100);
	if (piece) {
		fields.more = random_below(random, 2);
		fields.offset = one_in(random, 2) ? 0 : PICK(random, random_ports) & 0x1fff;
	}
	fields.dont = one_in(random, 4);
	fields.id = random_below(random, 3);
	fill_ipv4_addresses(random, piece, &fields);
	frame_ipv4(frame, &fields);
	for (uint32_t i = one_in(random, 6) ? random_below(random, 11) : 0; i; i--)
		frame_extension(frame, IPPROTO_AH, random_below(random, 6), FIELD_DEFAULT);
}

static void push_ipv6(struct random *random, struct frame *frame)
{
	struct ipv6_fields fields = IPV6_PLAIN;
	bool piece = one_in(random, 2);

	if (one_in(random, 20))
		fields.version = random_below(random, 16);
	if (one_in(random, 10))
		fields.payload = one_in(random, 2) ? 0 : random_below(random, 100);
	fill_addresses(random, PCTL_IPV6, piece, fields.source, fields.destination);
	frame_ipv6(frame, &fields);
	for (uint32_t i = one_in(random, 2) ? random_below(random, 12) : 0; i; i--)
		push_extension(random, frame);
	if (piece && one_in(random, 2))
		push_fragment(random, frame, FIELD_DEFAULT);
}

/* The container's own, or one that differs from it in a bit. */
static void push_mac(struct random *random, uint8_t mac[6])
{
	static const uint8_t own[6] = TRIAL_MAC;

	memcpy(mac, own, sizeof(own));
	if (one_in(random, 4))
		mac[random_below(random, 6)] ^= 1u << random_below(random, 8);
}

static void push_arp(struct random *random, struct frame *frame)
{
	uint8_t address[16], *arp = frame->data + frame->length;

	frame_arp(frame);
	if (frame->overflow || one_in(random, 8))
		return;
	push_mac(random, arp + 8);
	random_address(random, PCTL_IPV4, 2, address);
	memcpy(arp + 14, address, one_in(random, 3) ? 0 : 4); /* a probe has none */
	random_address(random, PCTL_IPV4, 2, address);
	memcpy(arp + 24, address, 4);
	if (one_in(random, 8))
		arp[random_below(random, 8)] ^= 1u << random_below(random, 8);
}

/* A message of neighbour discovery, mostly as it should be. */
static void push_discovery(struct random *random, struct frame *frame)
{
	static const uint8_t sizes[] = { 8, 16, 24, 24, 40 };
	uint8_t kind = random_below(random, 5), target[16];
	size_t begin = frame->length;

	frame_icmp(frame, IPPROTO_ICMPV6, 133 + kind, 0, sizes[kind]);
	random_address(random, PCTL_IPV6, 2, target);
	if (sizes[kind] >= 24 && !frame->overflow)
		memcpy(frame->data + begin + 8, target, sizeof(target));
	for (uint32_t i = one_in(random, 20) ? 15 + random_below(random, 4)
					     : random_below(random, 4);
	     i; i--) {
		uint8_t *option = frame->data + frame->length;
		uint8_t units = one_in(random, 12) ? random_below(random, 4) : 1;

		frame_append(frame, 0, units ? 8 * units : 8);
		if (frame->overflow)
			return;
		option[0] = random_below(random, 4);
		option[1] = units;
		push_mac(random, option + 2);
	}
}

/* Flips bits behind the addresses, or cuts, or adds padding. */
static void damage(struct random *random, struct frame *frame)
{
	for (uint32_t i = random_below(random, 3); i; i--)
		frame->data[12 + random_below(random, frame->length - 12)] ^=
			1u << random_below(random, 8);
	if (one_in(random, 2))
		frame->length = 14 + random_below(random, frame->length - 13);
	else
		frame_append(frame, 0, random_below(random, 40));
}

/* What most packets are: nothing odd, nothing unknown. */
static void plain_frame(struct random *random, struct frame *frame)
{
	struct ipv4_fields fields4 = IPV4_PLAIN;
	struct ipv6_fields fields6 = IPV6_PLAIN;

	if (one_in(random, 2)) {
		fill_ipv4_addresses(random, false, &fields4);
		frame_ipv4(frame, &fields4);
	} else {
		fill_addresses(random, PCTL_IPV6, false, fields6.source, fields6.destination);
		frame_ipv6(frame, &fields6);
	}
	push_transport(random, frame, 20 + random_below(random, 40));
	frame_seal(frame);
}

static size_t random_size(struct random *random)
{
	return one_in(random, 4) ? random_below(random, 6) : 20;
}

/* One in four has only a priority. */
static uint16_t random_tag(struct random *random)
{
	uint16_t priority = random_below(random, 16) << 12;

	if (one_in(random, 4))
		return priority;
	return priority |
	       (one_in(random, 8) ? random_below(random, 4096) : PICK(random, random_vlans));
}

void random_frame(struct random *random, struct frame *frame)
{
	static const uint16_t tags[] = { 0x8100, 0x88a8 };
	static const uint16_t odd[] = { 0x88cc, 0x8847, 0x0026, 0x9100, 0x0008, 0xdd86 };

	frame_ethernet(frame);
	if (one_in(random, 20))
		push_mac(random, frame->data + 6);
	if (one_in(random, 3))
		return random_conversation_frame(random, frame);
	if (one_in(random, 2))
		return plain_frame(random, frame);
	for (uint32_t i = one_in(random, 3) ? random_below(random, 4) : 0; i; i--)
		frame_vlan(frame, PICK(random, tags), random_tag(random));
	switch (random_below(random, 16)) {
	case 0:
		push_arp(random, frame);
		break;
	case 1:
		frame_ethertype(frame, PICK(random, odd));
		frame_append(frame, 0x45, 46);
		break;
	case 2 ... 7:
		push_ipv4(random, frame);
		push_transport(random, frame, random_size(random));
		break;
	default:
		push_ipv6(random, frame);
		if (one_in(random, 3))
			push_discovery(random, frame);
		else
			push_transport(random, frame, random_size(random));
	}
	frame_seal(frame);
	if (one_in(random, 6))
		damage(random, frame);
}
