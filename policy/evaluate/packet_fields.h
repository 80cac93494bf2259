/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of a frame that rules speak of, and which of them are certain. */
#ifndef PCTL_PACKET_FIELDS_H
#define PCTL_PACKET_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "connection_fields.h"
#include "questions.h"

/* Which part of a datagram a packet is. */
enum piece {
	PIECE_WHOLE,
	PIECE_FIRST, /* the first fragment: it has the headers of the payload */
	PIECE_LATER,
};

/* Which datagram a fragment belongs to: RFC 791 section 3.2, RFC 8200 section 4.5. Only bytes,
 * without padding, so that memcmp() compares two of them. */
struct datagram {
	uint8_t family; /* enum pctl_family */
	uint8_t protocol; /* of IPv4, as its header says; 0 of IPv6 */
	uint8_t id[4]; /* as in the packet; an IPv4 id is the first 2 bytes */
	uint8_t source[16], destination[16];
};

/* The IPv4 addresses and MACs of an ARP packet. */
struct arp_claim {
	bool is_readable; /* it is ARP of IPv4 over Ethernet, whole */
	uint8_t sender_mac[6], sender[4], target[4];
};

#define DISCOVERY_OPTIONS_MAX 16

/* What a message of neighbour discovery (RFC 4861) says: its type is that of ICMPv6. */
struct discovery_claim {
	bool is_readable; /* all of it was read */
	uint8_t target[16]; /* of a solicitation or an advertisement */
	/* The source and target link-layer addresses among its options. */
	uint8_t macs[DISCOVERY_OPTIONS_MAX][6];
	unsigned int mac_count;
};

/* The fields of a frame that rules can match on, and which of them are known. */
struct packet_fields {
	uint8_t source_mac[6]; /* if is_ip or is_arp */
	struct arp_claim arp; /* if is_arp */
	struct discovery_claim discovery; /* of ICMPv6 types 133 to 137 */
	bool is_ip, is_arp;
	/* Neither IP nor ARP, by an ethertype that is not a VLAN tag's. If none of the three is
	 * set, nothing but `vlan` is known of the frame. */
	bool is_foreign;
	uint16_t ethertype; /* of a foreign frame */
	unsigned int vlan_tags; /* looked through */
	bool has_vlan; /* it is known: */
	uint16_t vlan; /* id of the outermost tag with an id other than 0; 0: there is none */
	/* Of IP: */
	uint8_t family; /* enum pctl_family */
	uint8_t source[16],
		destination[16]; /* as in the packet; an IPv4 address is the first 4 bytes */
	bool source_routed; /* or may be: `destination` need not be its last one */
	bool behind_ah; /* an authentication header precedes the header of `protocol` */
	enum piece piece;
	struct datagram datagram; /* only of fragments */
	bool has_protocol;
	uint8_t protocol; /* IANA number, of the header behind all extension headers */
	bool with_ports, with_types; /* what headers of this protocol contain */
	bool has_selector; /* ports, or type and code, are known; or the protocol has none */
	uint16_t sport, dport;
	uint8_t type, code;
	struct question question; /* of UDP and TCP to port 53, with has_selector */
	struct connection_fields connection; /* of protocols that have them, with has_selector */
	/* Where the header of `protocol` begins, or what an ethertype that is foreign announces: in
	 * bytes from the start of the frame. Only with has_selector or is_foreign. */
	size_t at;
	uint8_t reason; /* enum pctl_reason: why a field is unknown, or none */
};

/* Reads a frame from its Ethernet header on. @length: in bytes; all of them are in memory. */
void packet_fields_read(const uint8_t *frame, size_t length, struct packet_fields *fields);

/*
 * The kernel is still to write a checksum (CHECKSUM_PARTIAL), at @place, in bytes from the start of
 * the frame; its sender chose where. No field stays known if writing there can change one.
 */
void packet_fields_note_checksum(struct packet_fields *fields, size_t place);

#endif
