/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the headers of a frame are. Nothing in it is trusted: a frame comes from whoever sends it,
 * and of its `length` bytes only `captured` are there. For showing packets; what a policy makes of
 * one is evaluate.h's affair.
 */
#ifndef PCTL_PACKET_LAYERS_H
#define PCTL_PACKET_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAYERS_VLANS 8
#define LAYERS_EXTENSIONS 16

enum network {
	NETWORK_OTHER, /* `ethertype` says what, or it is not there */
	NETWORK_ARP,
	NETWORK_IPV4,
	NETWORK_IPV6,
};

/* Why an IP header says no more than its addresses, or not even these. */
enum layers_fault {
	LAYERS_GOOD,
	LAYERS_CUT, /* not all of it is there */
	LAYERS_VERSION, /* another IP version than the ethertype says */
	LAYERS_HEADER_LENGTH, /* below 20 */
	LAYERS_TOTAL_LENGTH, /* below the header's */
};

struct extension {
	uint8_t protocol;
	size_t at;
};

struct packet_layers {
	const uint8_t *frame;
	size_t captured, length;
	uint16_t vlans[LAYERS_VLANS]; /* tag control information, the outer one first */
	size_t vlan_count;
	bool has_ethertype;
	uint16_t ethertype; /* behind the tags; up to 1500 a length (802.3) */
	enum network network;
	size_t at; /* offset of what the ethertype is of */

	/* Of IP: */
	enum layers_fault fault;
	bool has_addresses;
	const uint8_t *source, *destination; /* 4 or 16 bytes */
	size_t end; /* offset of its end, as it says itself: may be behind that of the frame */
	bool fragment, more;
	uint32_t id, offset; /* of a fragment; offset in bytes */
	struct extension extensions[LAYERS_EXTENSIONS]; /* IPv6 extension headers, and AH */
	size_t extension_count;
	bool has_protocol; /* and with it `transport` */
	uint8_t protocol; /* behind all extension headers */
	size_t transport; /* offset of its header, which need not be there */
	bool has_ports;
	uint16_t sport, dport;
};

/* Finds out. @frame: @captured bytes, which must stay as long as *layers is used. */
void packet_layers_read(const uint8_t *frame, size_t captured, size_t length,
			struct packet_layers *layers);

/* The same for an IP packet in a packet, at @at, of this network. */
void packet_layers_read_inner(const struct packet_layers *outer, size_t at, enum network network,
			      struct packet_layers *layers);

/* Are so many bytes there, inside of the frame and of the IP packet? */
bool layers_hold(const struct packet_layers *layers, size_t at, size_t size);

static inline uint16_t layers_16(const struct packet_layers *layers, size_t at)
{
	return (uint16_t)(layers->frame[at] << 8 | layers->frame[at + 1]);
}

static inline uint32_t layers_32(const struct packet_layers *layers, size_t at)
{
	return (uint32_t)layers_16(layers, at) << 16 | layers_16(layers, at + 2);
}

/* Bytes from here to the end of the IP packet, as it says. */
static inline size_t layers_rest(const struct packet_layers *layers, size_t at)
{
	return at < layers->end ? layers->end - at : 0;
}

#endif
