/* SPDX-License-Identifier: GPL-2.0-only */
/* What a packet says of its connection, beyond its addresses and ports. */
#ifndef PCTL_CONNECTION_FIELDS_H
#define PCTL_CONNECTION_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The packet that an ICMP error is about. */
struct embedded_packet {
	bool is_readable; /* its IP header is as usual, and ports or id are there */
	uint8_t source[16], destination[16]; /* an IPv4 address is the first 4 bytes */
	uint8_t protocol;
	uint16_t sport, dport; /* of echo 0 */
	bool is_request; /* of echo: a request, else a reply */
	uint16_t id;
};

struct connection_fields {
	bool is_whole; /* what is below could be read */
	uint8_t tcp_flags;
	uint32_t sequence, acknowledgement;
	bool is_echo, is_request; /* ICMP or ICMPv6 echo */
	uint16_t id;
	bool is_error; /* an ICMP or ICMPv6 error */
	struct embedded_packet embedded;
};

/* TCP, UDP, UDP-Lite, SCTP, DCCP, and the echo of ICMP and ICMPv6. */
bool protocol_has_connections(uint8_t protocol);

/*
 * Reads it.
 * @protocol: one that has connections
 * @header, @size: its header and what follows it, to the end of the packet
 */
void connection_fields_read(uint8_t protocol, const uint8_t *header, size_t size,
			    struct connection_fields *fields);

#endif
