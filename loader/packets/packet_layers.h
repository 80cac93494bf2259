/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the headers of a frame are, for showing it. Nothing in the frame is trusted: a container
 * has sent it. Only `captured` of its `length` bytes are there. evaluate.h decides about packets.
 */
#ifndef PCTL_PACKET_LAYERS_H
#define PCTL_PACKET_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAYERS_VLANS 8
#define LAYERS_EXTENSIONS 16

enum network {
	NETWORK_OTHER, /* see `ethertype`, if there is one */
	NETWORK_ARP,
	NETWORK_IPV4,
	NETWORK_IPV6,
};

/* What is wrong with an IP header, so that what follows it is unknown. */
enum layers_fault {
	LAYERS_GOOD,
	LAYERS_CUT, /* not all of it is there */
	LAYERS_VERSION, /* its version is not that of the ethertype */
	LAYERS_HEADER_LENGTH, /* of less than 20 bytes */
	LAYERS_TOTAL_LENGTH, /* less than that of the header */
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
	uint16_t ethertype; /* behind the tags; up to 1500 it is a length (802.3) */
	enum network network;
	size_t at; /* offset of the network header */

	/* Of IP: */
	enum layers_fault fault;
	bool has_addresses;
	const uint8_t *source, *destination; /* 4 or 16 bytes */
	size_t end; /* offset of its end by its own length, which may be too large */
	bool fragment, more;
	uint32_t id, offset; /* of a fragment; offset in bytes */
	struct extension extensions[LAYERS_EXTENSIONS]; /* IPv6 extension headers, and AH */
	size_t extension_count;
	bool has_protocol; /* `protocol` and `transport` are known */
	uint8_t protocol; /* behind all extension headers */
	size_t transport; /* offset of the transport header, which may be cut off */
	bool has_ports;
	uint16_t sport, dport;
};

/* Reads a frame. *layers points into it. */
void packet_layers_read(const uint8_t *frame, size_t captured, size_t length,
			struct packet_layers *layers);

/* The same for an IP packet that is inside of a packet, at offset @at. */
void packet_layers_read_inner(const struct packet_layers *outer, size_t at, enum network network,
			      struct packet_layers *layers);

/* Are so many bytes there: captured, and inside of the IP packet? */
bool layers_hold(const struct packet_layers *layers, size_t at, size_t size);

static inline uint16_t layers_16(const struct packet_layers *layers, size_t at)
{
	return (uint16_t)(layers->frame[at] << 8 | layers->frame[at + 1]);
}

static inline uint32_t layers_32(const struct packet_layers *layers, size_t at)
{
	return (uint32_t)layers_16(layers, at) << 16 | layers_16(layers, at + 2);
}

/* The number of bytes from @at to the end of the IP packet, by its own length. */
static inline size_t layers_rest(const struct packet_layers *layers, size_t at)
{
	return at < layers->end ? layers->end - at : 0;
}

#endif
