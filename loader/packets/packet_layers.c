// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "packet_layers.h"
#include "protocols.h"

bool layers_hold(const struct packet_layers *layers, size_t at, size_t size)
{
	size_t end = layers->captured;

	if (layers->network != NETWORK_OTHER && layers->end < end)
		end = layers->end;
	return at <= end && size <= end - at;
}

/* --- behind IP --- */

static bool is_extension(const struct packet_layers *layers, uint8_t protocol)
{
	if (protocol == IPPROTO_AH)
		return true;
	return layers->network == NETWORK_IPV6 &&
	       (protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
		protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS);
}

/* RFC 8200 section 4: 8 bytes, and 8 for each unit of its length. AH, RFC 4302 section 2.2: 4 bytes
 * for each unit plus 2. */
static size_t extension_size(uint8_t protocol, uint8_t units)
{
	if (protocol == IPPROTO_FRAGMENT)
		return 8;
	return 8 + (protocol == IPPROTO_AH ? 4 : 8) * (size_t)units;
}

static void read_fragment_header(struct packet_layers *layers, size_t at)
{
	layers->fragment = true;
	layers->offset = layers_16(layers, at + 2) & 0xfff8;
	layers->more = layers_16(layers, at + 2) & 1;
	layers->id = layers_32(layers, at + 4);
}

static void read_protocol(struct packet_layers *layers, size_t at, uint8_t protocol)
{
	layers->has_protocol = true;
	layers->protocol = protocol;
	layers->transport = at;
	if (!protocol_has_ports(protocol) || layers->offset || !layers_hold(layers, at, 4))
		return;
	layers->has_ports = true;
	layers->sport = layers_16(layers, at);
	layers->dport = layers_16(layers, at + 2);
}

static void walk(struct packet_layers *layers, size_t at, uint8_t protocol)
{
	while (is_extension(layers, protocol) && !layers->offset) {
		if (layers->extension_count == LAYERS_EXTENSIONS)
			return;
		layers->extensions[layers->extension_count++] =
			(struct extension){ .protocol = protocol, .at = at };
		if (!layers_hold(layers, at, 8))
			return;
		if (protocol == IPPROTO_FRAGMENT)
			read_fragment_header(layers, at);
		/* Only the first fragment tells what follows (RFC 8200 section 4.5). */
		if (protocol == IPPROTO_FRAGMENT && layers->offset)
			return;
		protocol = layers->frame[at];
		at += extension_size(layers->extensions[layers->extension_count - 1].protocol,
				     layers->frame[at + 1]);
	}
	read_protocol(layers, at, protocol);
}

/* --- IP --- */

static void read_ipv4(struct packet_layers *layers)
{
	const uint8_t *header = layers->frame + layers->at;
	size_t size, total;

	layers->end = layers->length;
	if (!layers_hold(layers, layers->at, 20)) {
		layers->fault = LAYERS_CUT;
		return;
	}
	layers->has_addresses = true;
	layers->source = header + 12;
	layers->destination = header + 16;
	size = 4u * (header[0] & 15);
	total = layers_16(layers, layers->at + 2);
	if (total) /* 0: a GSO packet that is too long for the field */
		layers->end = layers->at + total;
	if (header[0] >> 4 != 4)
		layers->fault = LAYERS_VERSION;
	else if (size < 20)
		layers->fault = LAYERS_HEADER_LENGTH;
	else if (total && total < size)
		layers->fault = LAYERS_TOTAL_LENGTH;
	if (layers->fault)
		return;
	layers->id = layers_16(layers, layers->at + 4);
	layers->more = header[6] & 0x20;
	layers->offset = (layers_16(layers, layers->at + 6) & 0x1fffu) * 8;
	layers->fragment = layers->more || layers->offset;
	walk(layers, layers->at + size, header[9]);
}

static void read_ipv6(struct packet_layers *layers)
{
	const uint8_t *header = layers->frame + layers->at;
	uint16_t payload;

	layers->end = layers->length;
	if (!layers_hold(layers, layers->at, 40)) {
		layers->fault = LAYERS_CUT;
		return;
	}
	if (header[0] >> 4 != 6) {
		layers->fault = LAYERS_VERSION;
		return;
	}
	layers->has_addresses = true;
	layers->source = header + 8;
	layers->destination = header + 24;
	payload = layers_16(layers, layers->at + 4);
	/* 0: a jumbogram, or a GSO packet that is too long for the field */
	if (payload || layers->length - layers->at - 40 <= UINT16_MAX)
		layers->end = layers->at + 40 + payload;
	walk(layers, layers->at + 40, header[6]);
}

static void read_network(struct packet_layers *layers)
{
	if (layers->network == NETWORK_IPV4)
		read_ipv4(layers);
	else if (layers->network == NETWORK_IPV6)
		read_ipv6(layers);
	else
		layers->end = layers->length;
}

/* --- Ethernet --- */

static bool is_tag(uint16_t ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD || ethertype == ETH_P_QINQ1;
}

/* Leaves has_ethertype unset if the frame ends in front of the ethertype. */
static void read_ethernet(struct packet_layers *layers)
{
	if (!layers_hold(layers, 0, ETH_HLEN))
		return;
	layers->ethertype = layers_16(layers, 12);
	layers->at = ETH_HLEN;
	while (is_tag(layers->ethertype) && layers->vlan_count < LAYERS_VLANS) {
		if (!layers_hold(layers, layers->at, 4))
			return;
		layers->vlans[layers->vlan_count++] = layers_16(layers, layers->at);
		layers->ethertype = layers_16(layers, layers->at + 2);
		layers->at += 4;
	}
	layers->has_ethertype = true;
}

void packet_layers_read(const uint8_t *frame, size_t captured, size_t length,
			struct packet_layers *layers)
{
	*layers = (struct packet_layers){
		.frame = frame,
		.captured = captured,
		.length = length > captured ? length : captured,
	};
	read_ethernet(layers);
	if (!layers->has_ethertype)
		return;
	if (layers->ethertype == ETH_P_ARP)
		layers->network = NETWORK_ARP;
	else if (layers->ethertype == ETH_P_IP)
		layers->network = NETWORK_IPV4;
	else if (layers->ethertype == ETH_P_IPV6)
		layers->network = NETWORK_IPV6;
	read_network(layers);
}

void packet_layers_read_inner(const struct packet_layers *outer, size_t at, enum network network,
			      struct packet_layers *layers)
{
	size_t captured = outer->end < outer->captured ? outer->end : outer->captured;

	*layers = (struct packet_layers){
		.frame = outer->frame,
		.captured = captured,
		.length = outer->end > captured ? outer->end : captured,
		.has_ethertype = true,
		.network = network,
		.at = at,
	};
	read_network(layers);
}
