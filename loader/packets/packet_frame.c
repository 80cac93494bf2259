// SPDX-License-Identifier: GPL-2.0-only
/* Makes the frame that the words of a packet describe. */
#include <endian.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "icmp.h"
#include "own.h"
#include "packet_frame.h"
#include "protocols.h"

#define LATER_OFFSET 185 /* 8-byte units: where the second fragment begins at an MTU of 1500 */
#define PAYLOAD 16 /* bytes behind the last header */

/* RFC 791: a loose source route with one address left, and the end of options. */
static const uint8_t loose_route[] = { 131, 7, 4, 198, 18, 0, 9, 0 };

static int or_else(int given, int otherwise)
{
	return given == PACKET_NOT_GIVEN ? otherwise : given;
}

static void put_ipv4(const struct packet_words *packet, struct frame *frame)
{
	struct ipv4_fields fields = IPV4_PLAIN;
	uint32_t *peer = &fields.source, *own = &fields.destination, swap = fields.source;

	if (packet->direction == PCTL_FROM) {
		peer = &fields.destination;
		own = &fields.source;
		*own = *peer;
		*peer = swap;
	}
	if (packet->peer_given)
		*peer = packet->peer.high >> 32;
	if (packet->fragment) {
		fields.id = or_else(packet->id, 1);
		fields.offset = packet->later ? LATER_OFFSET : 0;
		fields.more = !packet->later;
	}
	if (packet->source_route) {
		memcpy(fields.options, loose_route, sizeof(loose_route));
		fields.option_bytes = sizeof(loose_route);
	}
	frame_ipv4(frame, &fields);
}

static void put_ipv6(const struct packet_words *packet, struct frame *frame)
{
	struct ipv6_fields fields = IPV6_PLAIN;
	uint8_t *peer = fields.source, swap[16];
	uint64_t halves[2] = { htobe64(packet->peer.high), htobe64(packet->peer.low) };

	if (packet->direction == PCTL_FROM) {
		peer = fields.destination;
		memcpy(swap, fields.source, sizeof(swap));
		memcpy(fields.source, fields.destination, sizeof(swap));
		memcpy(fields.destination, swap, sizeof(swap));
	}
	if (packet->peer_given)
		memcpy(peer, halves, sizeof(halves));
	frame_ipv6(frame, &fields);
}

/* AH: with an integrity check value of 96 bits. */
static void put_header(const struct packet_words *packet, const struct packet_header *header,
		       struct frame *frame)
{
	switch (header->type) {
	case IPPROTO_FRAGMENT:
		if (packet->family == PCTL_IPV6)
			frame_fragment(frame, or_else(packet->id, 1),
				       packet->later ? LATER_OFFSET : 0, !packet->later,
				       FIELD_DEFAULT);
		break;
	case IPPROTO_ROUTING:
		frame_routing(frame, 2, 0, header->left, FIELD_DEFAULT);
		break;
	case IPPROTO_AH:
		frame_extension(frame, IPPROTO_AH, 4, FIELD_DEFAULT);
		break;
	default:
		frame_extension(frame, header->type, 0, FIELD_DEFAULT);
	}
}

/* The size of the transport header: as much as rules read of it, or too little if it is cut. */
static size_t header_size(const struct packet_words *packet)
{
	if (packet->cut)
		return protocol_is_icmp(packet->protocol) ? 1 : 2;
	if (packet->protocol == IPPROTO_ICMPV6 && icmpv6_discovery_size(packet->type))
		return icmpv6_discovery_size(packet->type);
	return packet->protocol == IPPROTO_TCP ? 20 : packet->protocol == IPPROTO_DCCP ? 16 : 8;
}

static void put_transport(const struct packet_words *packet, struct frame *frame)
{
	uint8_t protocol = packet->protocol;

	if (packet->protocol == PACKET_NOT_GIVEN)
		frame_raw(frame, IPPROTO_NONE, 0);
	else if (packet->later)
		frame_raw(frame, protocol, PAYLOAD);
	else if (protocol_has_ports(protocol))
		frame_ports(frame, protocol, or_else(packet->sport, PACKET_PORT),
			    or_else(packet->dport, PACKET_PORT), header_size(packet));
	else if (protocol_is_icmp(protocol))
		frame_icmp(frame, protocol, or_else(packet->type, 0), or_else(packet->code, 0),
			   header_size(packet));
	else
		frame_raw(frame, protocol, PAYLOAD);
}

static void put_ip(const struct packet_words *packet, struct frame *frame)
{
	size_t begin = frame->length, last = begin;

	if (packet->family == PCTL_IPV4)
		put_ipv4(packet, frame);
	else
		put_ipv6(packet, frame);
	for (size_t i = 0; i < packet->header_count; i++) {
		last = frame->length;
		put_header(packet, &packet->headers[i], frame);
	}
	put_transport(packet, frame);
	frame_seal(frame);
	/* Without a protocol, the last extension header is cut in its middle. */
	if (packet->cut && packet->protocol == PACKET_NOT_GIVEN)
		frame_cut(frame, last == begin ? begin + 10 : last + 4);
}

/* --- the container's own addresses --- */

/* @family: of the container's first address; false: it has none, or the frame ends before */
static bool put_own(const struct pctl_own *own, int family, struct frame *frame, size_t at)
{
	size_t size = family == PCTL_IPV4 ? 4 : 16;

	if (!own->counts[family] || at + size > frame->length)
		return false;
	memcpy(frame->data + at, own->blocks[family][0].address, size);
	return true;
}

static void put_own_arp(const struct pctl_own *own, struct frame *frame, size_t arp)
{
	if (put_own(own, PCTL_IPV4, frame, arp + 14))
		memcpy(frame->data + arp + 8, own->mac, sizeof(own->mac));
}

static void put_own_addresses(const struct packet_words *packet, const struct pctl_own *own,
			      struct frame *frame)
{
	size_t l3 = ETH_HLEN + 4 * packet->vlan_count, size;

	memcpy(frame->data + ETH_ALEN, own->mac, sizeof(own->mac));
	if (packet->arp)
		return put_own_arp(own, frame, l3);
	if (packet->ethertype != PACKET_NOT_GIVEN)
		return;
	put_own(own, packet->family, frame, l3 + (packet->family == PCTL_IPV4 ? 12 : 8));
	if (packet->protocol != IPPROTO_ICMPV6 || packet->cut || packet->later)
		return;
	size = icmpv6_discovery_size(packet->type);
	if (size >= 24) /* with a target, which an advertisement must own */
		put_own(own, PCTL_IPV6, frame, frame->length - size + 8);
}

int packet_example_own(const struct policy *policy, struct pctl_own *own)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct prefix addresses[] = {
		{ .high = 0xc612000200000000, .family = PCTL_IPV4, .length = 32 },
		{ .high = 0x20010db800000000, .low = 2, .family = PCTL_IPV6, .length = 128 },
	};
	const struct prefixes seen = { .items = addresses, .count = 2 };

	return own_find(policy, mac, &seen, own);
}

/* What it receives goes to its address. */
static void put_own_destination(const struct packet_words *packet, const struct pctl_own *own,
				struct frame *frame)
{
	size_t l3 = ETH_HLEN + 4 * packet->vlan_count;

	if (!packet->arp && packet->ethertype == PACKET_NOT_GIVEN)
		put_own(own, packet->family, frame, l3 + (packet->family == PCTL_IPV4 ? 16 : 24));
}

void packet_frame(const struct packet_words *packet, const struct pctl_own *own,
		  struct frame *frame)
{
	frame_ethernet(frame);
	for (size_t i = 0; i < packet->vlan_count; i++)
		frame_vlan(frame, i + 1 < packet->vlan_count ? ETH_P_8021AD : ETH_P_8021Q,
			   packet->vlans[i]);
	if (packet->arp) {
		frame_arp(frame);
	} else if (packet->ethertype != PACKET_NOT_GIVEN) {
		frame_ethertype(frame, packet->ethertype);
		frame_append(frame, 0, 46);
	} else {
		put_ip(packet, frame);
	}
	if (packet->spoofed)
		frame->data[ETH_HLEN - 3] ^= 0xff; /* the last byte of the source MAC */
	else if (own && own->known && packet->direction == PCTL_FROM)
		put_own_addresses(packet, own, frame);
	else if (own && own->known)
		put_own_destination(packet, own, frame);
}
