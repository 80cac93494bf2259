/* SPDX-License-Identifier: GPL-2.0-only */
#include "connection_fields.h"

#include <string.h>

enum {
	ICMP = 1,
	TCP = 6,
	UDP = 17,
	DCCP = 33,
	ICMPV6 = 58,
	SCTP = 132,
	UDPLITE = 136,
};

static uint16_t number16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t number32(const uint8_t *at)
{
	return (uint32_t)number16(at) << 16 | number16(at + 2);
}

static bool has_ports(uint8_t protocol)
{
	return protocol == TCP || protocol == UDP || protocol == UDPLITE || protocol == SCTP ||
	       protocol == DCCP;
}

bool protocol_has_connections(uint8_t protocol)
{
	return has_ports(protocol) || protocol == ICMP || protocol == ICMPV6;
}

/* RFC 792: 8 is a request, 0 its reply; RFC 4443: 128 and 129. */
static bool is_echo(uint8_t protocol, uint8_t type, bool *is_request)
{
	*is_request = type == (protocol == ICMP ? 8 : 128);
	return *is_request || type == (protocol == ICMP ? 0 : 129);
}

/* Destination unreachable, time exceeded, parameter problem; of ICMPv6 packet too big as well. */
static bool is_error(uint8_t protocol, uint8_t type)
{
	if (protocol == ICMP)
		return type == 3 || type == 11 || type == 12;
	return type >= 1 && type <= 4;
}

/* The 8 bytes behind the embedded IP header. */
static void read_embedded_payload(const uint8_t *payload, struct embedded_packet *embedded)
{
	if (has_ports(embedded->protocol)) {
		embedded->sport = number16(payload);
		embedded->dport = number16(payload + 2);
		embedded->is_readable = true;
	} else if (embedded->protocol == ICMP || embedded->protocol == ICMPV6) {
		embedded->is_readable =
			is_echo(embedded->protocol, payload[0], &embedded->is_request);
		embedded->id = number16(payload + 4);
	}
}

/* Without options, and no fragment. */
static void read_embedded4(const uint8_t *ip, size_t size, struct embedded_packet *embedded)
{
	if (size < 20 + 8 || ip[0] != 0x45 || number16(ip + 6) & 0x3fff)
		return;
	embedded->protocol = ip[9];
	memcpy(embedded->source, ip + 12, 4);
	memcpy(embedded->destination, ip + 16, 4);
	read_embedded_payload(ip + 20, embedded);
}

/* Without extension headers. */
static void read_embedded6(const uint8_t *ip, size_t size, struct embedded_packet *embedded)
{
	if (size < 40 + 8 || ip[0] >> 4 != 6)
		return;
	embedded->protocol = ip[6];
	memcpy(embedded->source, ip + 8, 16);
	memcpy(embedded->destination, ip + 24, 16);
	read_embedded_payload(ip + 40, embedded);
}

/* The type is there. */
static void read_icmp(uint8_t protocol, const uint8_t *header, size_t size,
		      struct connection_fields *fields)
{
	fields->is_whole = true;
	fields->is_error = is_error(protocol, header[0]);
	if (fields->is_error && size > 8 && protocol == ICMP)
		read_embedded4(header + 8, size - 8, &fields->embedded);
	if (fields->is_error && size > 8 && protocol == ICMPV6)
		read_embedded6(header + 8, size - 8, &fields->embedded);
	fields->is_echo = is_echo(protocol, header[0], &fields->is_request);
	if (!fields->is_echo)
		return;
	fields->is_whole = size >= 8;
	if (fields->is_whole)
		fields->id = number16(header + 4);
}

void connection_fields_read(uint8_t protocol, const uint8_t *header, size_t size,
			    struct connection_fields *fields)
{
	memset(fields, 0, sizeof(*fields));
	if (protocol == ICMP || protocol == ICMPV6)
		return read_icmp(protocol, header, size, fields);
	fields->is_whole = protocol != TCP || size >= 20;
	if (protocol != TCP || size < 20)
		return;
	fields->sequence = number32(header + 4);
	fields->acknowledgement = number32(header + 8);
	fields->tcp_flags = header[13];
}
