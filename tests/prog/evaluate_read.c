/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "evaluate.h"

/* A view of the frame that ends where the frame does, or the IP packet if that is earlier. */
struct view {
	const uint8_t *bytes;
	size_t frame_end, packet_end;
};

static unsigned int number16(const uint8_t *at)
{
	return at[0] * 256u + at[1];
}

static bool holds(const struct view *view, size_t offset, size_t size)
{
	return offset + size <= view->frame_end && offset + size <= view->packet_end;
}

static void give_up(struct reading *reading, int reason)
{
	reading->reason = reason;
}

/* How many bytes of a protocol's header the selector needs, and where in it the selector is. */
static size_t selector_size(uint8_t protocol, size_t *at)
{
	*at = 0;
	switch (protocol) {
	case 1:
	case 58:
		return 2;
	case 6:
	case 17:
	case 33:
	case 132:
	case 136:
		*at = 2;
		return 4;
	}
	return 0;
}

static void read_transport(const struct view *view, size_t offset, uint8_t protocol,
			   struct reading *reading)
{
	size_t at, size = selector_size(protocol, &at);

	reading->has_protocol = true;
	reading->protocol = protocol;
	if (!holds(view, offset, size) && size)
		return give_up(reading, PCTL_UNKNOWN_L4_SHORT);
	reading->has_selector = true;
	if (!size)
		return;
	reading->first = view->bytes[offset + at];
	reading->second = view->bytes[offset + at + 1];
}

static bool is_extension(bool ipv6, uint8_t protocol)
{
	if (protocol == 51)
		return true;
	return ipv6 && (protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60);
}

/* The datagram of an IPv6 fragment: addresses and id. */
static void note_datagram6(const struct view *view, size_t ip, size_t header,
			   struct reading *reading)
{
	memcpy(reading->datagram, view->bytes + ip + 8, 32);
	memcpy(reading->datagram + 32, view->bytes + header + 4, 4);
	reading->datagram_length = 36;
}

/* Returns false if what follows belongs to a later fragment. */
static bool read_fragment_header(const struct view *view, size_t ip, size_t header,
				 struct reading *reading)
{
	unsigned int word = number16(view->bytes + header + 2);
	unsigned int offset = word >> 3, more = word & 1;

	if (!offset && !more)
		return true;
	reading->piece = offset ? PIECE_LATER : PIECE_FIRST;
	note_datagram6(view, ip, header, reading);
	return !offset;
}

static void walk(const struct view *view, size_t ip, bool ipv6, size_t offset, uint8_t protocol,
		 struct reading *reading)
{
	int seen = 0;

	while (is_extension(ipv6, protocol)) {
		if (!holds(view, offset, 8))
			return give_up(reading, PCTL_UNKNOWN_EXT_SHORT);
		reading->behind_ah |= protocol == 51;
		if (ipv6 && protocol == 44 && !read_fragment_header(view, ip, offset, reading))
			return give_up(reading, PCTL_UNKNOWN_FRAGMENT);
		if (++seen > 8)
			return give_up(reading, PCTL_UNKNOWN_EXT_DEPTH);
		size_t size = 8 * (view->bytes[offset + 1] + 1);
		if (protocol == 51)
			size = 4 * (view->bytes[offset + 1] + 2);
		if (protocol == 44)
			size = 8;
		protocol = view->bytes[offset];
		offset += size;
	}
	read_transport(view, offset, protocol, reading);
}

static void read_ipv4(struct view *view, size_t ip, struct reading *reading)
{
	const uint8_t *header = view->bytes + ip;
	size_t size, total, offset;

	if (!holds(view, ip, 20))
		return give_up(reading, PCTL_UNKNOWN_IP_HEADER);
	size = 4 * (header[0] & 15);
	total = number16(header + 2);
	if (header[0] >> 4 != 4 || size < 20 || total < size)
		return give_up(reading, PCTL_UNKNOWN_IP_HEADER);
	reading->is_ip = true;
	view->packet_end = ip + total;
	offset = number16(header + 6) & 0x1fff;
	if (offset || header[6] & 0x20) {
		reading->piece = offset ? PIECE_LATER : PIECE_FIRST;
		reading->datagram[0] = header[9];
		memcpy(reading->datagram + 1, header + 12, 8);
		memcpy(reading->datagram + 9, header + 4, 2);
		reading->datagram_length = 11;
	}
	if (!offset)
		return walk(view, ip, false, ip + size, header[9], reading);
	/* What an AH protects is in the first fragment. */
	reading->has_protocol = header[9] != 51;
	reading->protocol = header[9];
	give_up(reading, PCTL_UNKNOWN_FRAGMENT);
}

static void read_ipv6(struct view *view, size_t ip, struct reading *reading)
{
	const uint8_t *header = view->bytes + ip;
	size_t payload;

	if (!holds(view, ip, 40) || header[0] >> 4 != 6)
		return give_up(reading, PCTL_UNKNOWN_IP_HEADER);
	reading->is_ip = true;
	payload = number16(header + 4);
	/* 0 is true, or a jumbogram's or an outgrown GSO packet's, which end with the frame. */
	if (payload || (header[6] != 0 && view->frame_end - ip - 40 <= 0xffff))
		view->packet_end = ip + 40 + payload;
	walk(view, ip, true, ip + 40, header[6], reading);
}

void read_frame(const uint8_t *frame, size_t length, struct reading *reading)
{
	struct view view = { frame, length, length };
	unsigned int type;
	size_t offset = 14;

	memset(reading, 0, sizeof(*reading));
	reading->reason = -1;
	if (length < 14)
		return give_up(reading, PCTL_UNKNOWN_FRAME_SHORT);
	type = number16(frame + 12);
	for (int tags = 0; type == 0x8100 || type == 0x88a8; tags++) {
		if (tags == 2)
			return give_up(reading, PCTL_UNKNOWN_VLAN_DEPTH);
		if (!holds(&view, offset, 4))
			return give_up(reading, PCTL_UNKNOWN_FRAME_SHORT);
		type = number16(frame + offset + 2);
		offset += 4;
	}
	reading->is_arp = type == 0x0806;
	if (type == 0x0800)
		read_ipv4(&view, offset, reading);
	else if (type == 0x86dd)
		read_ipv6(&view, offset, reading);
	else if (!reading->is_arp)
		give_up(reading, PCTL_UNKNOWN_ETHERTYPE);
}
