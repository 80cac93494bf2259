/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of a frame that rules speak of, and which of them are certain. */
#ifndef PCTL_PACKET_FIELDS_H
#define PCTL_PACKET_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

/* How much of a datagram a packet is. */
enum piece {
	PIECE_WHOLE,
	PIECE_FIRST, /* the first fragment, with the beginning of what the datagram carries */
	PIECE_LATER,
};

/* Which datagram a fragment belongs to: RFC 791 section 3.2, RFC 8200 section 4.5. Bytes alone, so
 * that two of them can be compared as memory. */
struct datagram {
	uint8_t family; /* enum pctl_family */
	uint8_t protocol; /* of IPv4, as its header says; 0 of IPv6 */
	uint8_t id[4]; /* as in the packet, of IPv4 the first 2 */
	uint8_t source[16], destination[16];
};

/* What a frame tells: the fields that rules speak of, and which of them are certain. */
struct packet_fields {
	bool is_ip, is_arp; /* neither: not even that is sure, and nothing below is */
	unsigned int vlan_tags; /* looked through */
	/* Of IP: */
	uint8_t family; /* enum pctl_family */
	uint8_t source[16], destination[16]; /* as in the packet, of IPv4 the first 4 */
	bool source_routed; /* or it may be: `destination` need not be where it ends up */
	bool behind_ah; /* an authentication header stands before what `protocol` names */
	enum piece piece;
	struct datagram datagram; /* unless it is whole */
	bool has_protocol;
	uint8_t protocol; /* IANA number, of what stands behind all extension headers */
	bool with_ports, with_types; /* what headers of this protocol have */
	bool has_selector; /* the ports, or type and code, are there; or there are none */
	uint16_t sport, dport;
	uint8_t type, code;
	uint8_t reason; /* enum pctl_reason: why some of the above is not known; PCTL_REASON_NONE */
};

/* Reads a frame, from its Ethernet header on; @length: in bytes, all of them are there. */
void packet_fields_read(const uint8_t *frame, size_t length, struct packet_fields *fields);

#endif
