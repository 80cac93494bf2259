/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds frames, one layer after the other. Each layer writes its own number into the one before
 * it. frame_seal() fills in the lengths, except where a wrong one was asked for. Checksums stay 0,
 * since no program checks them. A layer that does not fit is left out and sets `overflow`.
 */
#ifndef PCTL_FRAME_H
#define PCTL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 70000 /* bytes: an IP packet of 64 KiB and the headers in front of it */
#define FIELD_DEFAULT (-1) /* the frame fills in the right value */

struct frame {
	uint8_t data[FRAME_MAX];
	size_t length;
	/* Offsets of fields that later layers fill in; 0: there is none. */
	size_t ethertype_at;
	size_t next_at; /* the protocol or next-header byte of the layer before */
	size_t total_at; /* IPv4 total length */
	size_t payload_at; /* IPv6 payload length */
	bool overflow; /* a layer did not fit, or the frame was too short to be cut */
};

struct ipv4_fields {
	int version, ihl; /* FIELD_DEFAULT: 4, and 5 or what the options need */
	uint8_t options[40]; /* NOP (1) fills up the rest of the header */
	size_t option_bytes;
	int header; /* bytes that are there; FIELD_DEFAULT: 4 * ihl */
	int total; /* FIELD_DEFAULT: the true length */
	int protocol; /* FIELD_DEFAULT: that of the next layer */
	uint16_t id;
	uint16_t offset; /* of a fragment, in 8-byte units */
	bool more, dont; /* the flags MF and DF */
	uint32_t source, destination; /* host order */
};

struct ipv6_fields {
	int version, payload, next; /* FIELD_DEFAULT: 6, the true length, the next layer */
	uint8_t source[16], destination[16];
};

/* Default fields, from 198.18.0.1 to 198.18.0.2 and from 2001:db8::1 to 2001:db8::2. */
#define IPV4_PLAIN                                                                       \
	{                                                                                \
		.version = FIELD_DEFAULT, .ihl = FIELD_DEFAULT, .header = FIELD_DEFAULT, \
		.total = FIELD_DEFAULT, .protocol = FIELD_DEFAULT, .source = 0xc6120001, \
		.destination = 0xc6120002                                                \
	}
#define IPV6_PLAIN                                                                         \
	{                                                                                  \
		.version = FIELD_DEFAULT, .payload = FIELD_DEFAULT, .next = FIELD_DEFAULT, \
		.source = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, .destination = {           \
			0x20,                                                              \
			0x01,                                                              \
			0x0d,                                                              \
			0xb8,                                                              \
			[15] = 2                                                           \
		}                                                                          \
	}

/* Empties the frame and writes an Ethernet header. */
void frame_ethernet(struct frame *frame);
void frame_ethertype(struct frame *frame, uint16_t ethertype);
void frame_vlan(struct frame *frame, uint16_t tpid, uint16_t tci);
void frame_arp(struct frame *frame);
void frame_ipv4(struct frame *frame, const struct ipv4_fields *fields);
void frame_ipv6(struct frame *frame, const struct ipv6_fields *fields);

/*
 * An extension header, or an AH.
 * @units: its length field, in units of its own, and so its size
 * @next: FIELD_DEFAULT, or a wrong number
 */
void frame_extension(struct frame *frame, uint8_t type, uint8_t units, int next);
/* A routing header (RFC 8200 section 4.4). @left: segments left */
void frame_routing(struct frame *frame, uint8_t units, uint8_t type, uint8_t left, int next);
void frame_fragment(struct frame *frame, uint32_t id, uint16_t offset, bool more, int next);

/* The first @size bytes of a transport header with these ports. */
void frame_ports(struct frame *frame, uint8_t protocol, uint16_t source, uint16_t destination,
		 size_t size);
void frame_icmp(struct frame *frame, uint8_t protocol, uint8_t type, uint8_t code, size_t size);
/* @size bytes of 0xa5 as the payload of an IP header with this protocol. */
void frame_raw(struct frame *frame, uint8_t protocol, size_t size);
/* Appends @size bytes that belong to no header. */
void frame_append(struct frame *frame, uint8_t byte, size_t size);

/* Fills in the lengths of all layers so far. */
void frame_seal(struct frame *frame);
/* Seals the frame, then cuts it to its first @length bytes. */
void frame_cut(struct frame *frame, size_t length);

#endif
