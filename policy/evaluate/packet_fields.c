/* SPDX-License-Identifier: GPL-2.0-only */
#include "packet_fields.h"

#include <string.h>

/* How many headers of a frame are read; see docs/policy-language.md. */
#define VLAN_TAGS_MAX 2
#define EXTENSIONS_MAX 8

/* IANA protocol numbers. */
enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
};

/* A view of the frame. It ends with the frame, or with the IP packet if that is shorter. */
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

static void give_up(struct packet_fields *fields, enum pctl_reason reason)
{
	fields->reason = reason;
}

/* --- what IP carries --- */

static void note_protocol(struct packet_fields *fields, uint8_t protocol)
{
	fields->has_protocol = true;
	fields->protocol = protocol;
	switch (protocol) {
	case 1: /* ICMP */
	case 58: /* ICMPv6 */
		fields->with_types = true;
		break;
	case 6: /* TCP */
	case 17: /* UDP */
	case 33: /* DCCP */
	case 132: /* SCTP */
	case 136: /* UDP-Lite */
		fields->with_ports = true;
	}
}

/* --- neighbour discovery --- */

static bool is_discovery(const struct packet_fields *fields)
{
	return fields->protocol == 58 && fields->type >= 133 && fields->type <= 137;
}

/* RFC 4861 section 4: how many bytes come before the options. */
static size_t discovery_size(uint8_t type)
{
	static const uint8_t sizes[] = { 8, 16, 24, 24, 40 };

	return sizes[type - 133];
}

/* The options of RFC 4861 section 4.6: type, length in 8 bytes. 1 and 2 are link-layer addresses,
 * on Ethernet of 6 bytes. False: they cannot be read. */
static bool read_options(const struct view *view, size_t at, struct discovery_claim *claim)
{
	for (int i = 0; at < view->packet_end; i++) {
		const uint8_t *option = view->bytes + at;

		if (i == DISCOVERY_OPTIONS_MAX || !holds(view, at, 8) || !option[1] ||
		    !holds(view, at, 8 * option[1]))
			return false;
		if (option[0] == 1 || option[0] == 2) {
			if (option[1] != 1)
				return false;
			memcpy(claim->macs[claim->mac_count++], option + 2, 6);
		}
		at += 8 * option[1];
	}
	return at == view->packet_end;
}

static void read_discovery(const struct view *view, size_t offset, struct packet_fields *fields)
{
	struct discovery_claim *claim = &fields->discovery;
	size_t size = discovery_size(fields->type);

	/* RFC 6980: receivers drop fragments. */
	if (fields->piece != PIECE_WHOLE || !holds(view, offset, size))
		return;
	if (size >= 24)
		memcpy(claim->target, view->bytes + offset + 8, sizeof(claim->target));
	claim->is_readable = read_options(view, offset + size, claim);
}

/* --- behind the IP headers --- */

/* How much of the packet there is from @offset on, which is in it. */
static size_t rest(const struct view *view, size_t offset)
{
	size_t end = view->frame_end < view->packet_end ? view->frame_end : view->packet_end;

	return end - offset;
}

/* --- what is asked --- */

/* Only of a datagram that is whole: a server reads what its length says. */
static void read_udp_question(const struct view *view, size_t offset, struct question *question)
{
	size_t length;

	if (!holds(view, offset, 8))
		return;
	length = number16(view->bytes + offset + 4);
	if (length >= 8 && holds(view, offset, length))
		question_read(view->bytes + offset + 8, length - 8, question);
}

/* What a segment says depends on where messages begin in its stream, which no frame tells. */
static void read_tcp_question(const struct view *view, size_t offset, struct question *question)
{
	size_t header;

	if (!holds(view, offset, 20))
		return;
	header = view->bytes[offset + 12] / 16 * 4;
	if (header >= 20 && offset + header == view->packet_end)
		question->asking = ASKS_NOTHING;
}

static void read_question(const struct view *view, size_t offset, struct packet_fields *fields)
{
	if (fields->dport != 53 || fields->piece != PIECE_WHOLE ||
	    view->packet_end > view->frame_end)
		return;
	if (fields->protocol == 17)
		read_udp_question(view, offset, &fields->question);
	else if (fields->protocol == 6)
		read_tcp_question(view, offset, &fields->question);
}

static void read_transport(const struct view *view, size_t offset, uint8_t protocol,
			   struct packet_fields *fields)
{
	const uint8_t *header = view->bytes + offset;
	size_t size;

	note_protocol(fields, protocol);
	size = fields->with_ports ? 4 : fields->with_types ? 2 : 0;
	if (size && !holds(view, offset, size))
		return give_up(fields, PCTL_REASON_L4_SHORT);
	fields->has_selector = true;
	fields->at = offset;
	if (fields->with_ports) {
		fields->sport = number16(header);
		fields->dport = number16(header + 2);
		read_question(view, offset, fields);
	} else if (fields->with_types) {
		fields->type = header[0];
		fields->code = header[1];
	}
	if (protocol_has_connections(protocol))
		connection_fields_read(protocol, header, rest(view, offset), &fields->connection);
	if (fields->with_types && fields->family == PCTL_IPV6 && is_discovery(fields))
		read_discovery(view, offset, fields);
}

static bool is_extension(uint8_t family, uint8_t protocol)
{
	if (protocol == AUTHENTICATION)
		return true;
	return family == PCTL_IPV6 && (protocol == HOP_BY_HOP || protocol == ROUTING ||
				       protocol == FRAGMENT || protocol == DESTINATION);
}

/* RFC 8200 section 4: its length counts 8 bytes behind the first 8; RFC 4302 section 2.2: an AH's
 * counts 4 bytes behind the first 8. */
static size_t extension_size(uint8_t protocol, const uint8_t *header)
{
	switch (protocol) {
	case AUTHENTICATION:
		return 8 + 4 * header[1];
	case FRAGMENT:
		return 8;
	default:
		return 8 + 8 * header[1];
	}
}

static void note_datagram(struct packet_fields *fields, uint8_t protocol, const uint8_t *id,
			  size_t id_size)
{
	struct datagram *datagram = &fields->datagram;

	datagram->family = fields->family;
	datagram->protocol = protocol;
	memcpy(datagram->id, id, id_size);
	memcpy(datagram->source, fields->source, sizeof(datagram->source));
	memcpy(datagram->destination, fields->destination, sizeof(datagram->destination));
}

/* A fragment header with the whole datagram (an atomic fragment) makes no fragment (RFC 6946). */
static void read_fragment_header(const uint8_t *header, struct packet_fields *fields)
{
	unsigned int offset = number16(header + 2) >> 3, more = header[3] & 1;

	if (!offset && !more)
		return;
	fields->piece = offset ? PIECE_LATER : PIECE_FIRST;
	note_datagram(fields, 0, header + 4, 4);
}

/* The headers from here on are not read. In IPv6 one of them may be a routing header. */
static void lose_track(struct packet_fields *fields, enum pctl_reason reason)
{
	fields->source_routed |= fields->family == PCTL_IPV6;
	give_up(fields, reason);
}

/* Walks from the first header behind the IP header to the end of the last extension header. */
static void walk(const struct view *view, size_t offset, uint8_t protocol,
		 struct packet_fields *fields)
{
	const uint8_t *header;

	for (int seen = 0; is_extension(fields->family, protocol); seen++) {
		if (!holds(view, offset, 8))
			return lose_track(fields, PCTL_REASON_EXT_SHORT);
		header = view->bytes + offset;
		if (protocol == AUTHENTICATION)
			fields->behind_ah = true;
		if (protocol == ROUTING && header[3]) /* segments left */
			fields->source_routed = true;
		if (protocol == FRAGMENT)
			read_fragment_header(header, fields);
		/* The first fragment has the next header that counts (RFC 8200 section 4.5), and
		 * a routing header of the datagram. */
		if (fields->piece == PIECE_LATER)
			return give_up(fields, PCTL_REASON_FRAGMENT);
		if (seen == EXTENSIONS_MAX)
			return lose_track(fields, PCTL_REASON_EXT_DEPTH);
		offset += extension_size(protocol, header);
		protocol = header[0];
	}
	read_transport(view, offset, protocol, fields);
}

/* --- IP --- */

/*
 * RFC 791 section 3.1: an option is one byte, or has its length in the second. Source routes are
 * 131 (loose) and 137 (strict). Options that are cut short or contradict themselves may hide one.
 */
static bool has_source_route(const struct view *view, size_t offset, size_t end)
{
	size_t size;

	for (; offset < end; offset += size) {
		if (!holds(view, offset, 1))
			return true;
		switch (view->bytes[offset]) {
		case 0: /* the end of the list */
			return false;
		case 1: /* no operation */
			size = 1;
			continue;
		case 131:
		case 137:
			return true;
		}
		if (offset + 2 > end || !holds(view, offset, 2))
			return true;
		size = view->bytes[offset + 1];
		if (size < 2 || offset + size > end)
			return true;
	}
	return false;
}

static void read_ipv4_fragment(const uint8_t *header, struct packet_fields *fields)
{
	unsigned int offset = number16(header + 6) & 0x1fff, more = header[6] & 0x20;

	if (!offset && !more)
		return;
	fields->piece = offset ? PIECE_LATER : PIECE_FIRST;
	note_datagram(fields, header[9], header + 4, 2);
}

static void read_ipv4(struct view *view, size_t ip, struct packet_fields *fields)
{
	const uint8_t *header = view->bytes + ip;
	size_t size, total;

	if (!holds(view, ip, 20))
		return give_up(fields, PCTL_REASON_IP_HEADER);
	size = 4 * (header[0] & 15);
	total = number16(header + 2);
	/* A GSO packet that is too long for the field has 0 there (include/linux/ip.h,
	 * iph_totlen()). */
	if (!total && view->frame_end - ip > 0xffff)
		total = view->frame_end - ip;
	if (header[0] >> 4 != 4 || size < 20 || total < size)
		return give_up(fields, PCTL_REASON_IP_HEADER);
	view->packet_end = ip + total;
	fields->is_ip = true;
	fields->family = PCTL_IPV4;
	memcpy(fields->source, header + 12, 4);
	memcpy(fields->destination, header + 16, 4);
	fields->source_routed = has_source_route(view, ip + 20, ip + size);
	read_ipv4_fragment(header, fields);
	if (fields->piece != PIECE_LATER)
		return walk(view, ip + size, header[9], fields);
	/* What an AH protects is in the first fragment. */
	if (header[9] != AUTHENTICATION)
		note_protocol(fields, header[9]);
	give_up(fields, PCTL_REASON_FRAGMENT);
}

static void read_ipv6(struct view *view, size_t ip, struct packet_fields *fields)
{
	const uint8_t *header = view->bytes + ip;
	size_t payload;

	if (!holds(view, ip, 40) || header[0] >> 4 != 6)
		return give_up(fields, PCTL_REASON_IP_HEADER);
	fields->is_ip = true;
	fields->family = PCTL_IPV6;
	memcpy(fields->source, header + 8, 16);
	memcpy(fields->destination, header + 24, 16);
	payload = number16(header + 4);
	/* 0 is the real length, or that of a jumbogram or a long GSO packet, which ends with the
	 * frame. */
	if (payload || (header[6] != HOP_BY_HOP && view->frame_end - ip - 40 <= 0xffff))
		view->packet_end = ip + 40 + payload;
	walk(view, ip + 40, header[6], fields);
}

/* --- Ethernet --- */

/* Looks through VLAN tags. False: the frame ends inside them, or has too many. */
static bool find_ethertype(const struct view *view, size_t *offset, unsigned int *type,
			   struct packet_fields *fields)
{
	if (!holds(view, 0, 14)) {
		give_up(fields, PCTL_REASON_FRAME_SHORT);
		return false;
	}
	*type = number16(view->bytes + 12);
	*offset = 14;
	for (; *type == 0x8100 || *type == 0x88a8; fields->vlan_tags++) {
		if (fields->vlan_tags == VLAN_TAGS_MAX) {
			give_up(fields, PCTL_REASON_VLAN_DEPTH);
			return false;
		}
		if (!holds(view, *offset, 4)) {
			give_up(fields, PCTL_REASON_FRAME_SHORT);
			return false;
		}
		if (!fields->vlan)
			fields->vlan = number16(view->bytes + *offset) & 0xfff;
		fields->has_vlan = fields->vlan;
		*type = number16(view->bytes + *offset + 2);
		*offset += 4;
	}
	fields->has_vlan = true;
	return true;
}

static void read_arp(const struct view *view, size_t offset, struct arp_claim *claim)
{
	/* Ethernet, IPv4, 6 and 4 bytes of address. */
	static const uint8_t begin[] = { 0, 1, 8, 0, 6, 4 };
	const uint8_t *arp = view->bytes + offset;

	if (!holds(view, offset, 28) || memcmp(arp, begin, sizeof(begin)))
		return;
	claim->is_readable = true;
	memcpy(claim->sender_mac, arp + 8, 6);
	memcpy(claim->sender, arp + 14, 4);
	memcpy(claim->target, arp + 24, 4);
}

void packet_fields_read(const uint8_t *frame, size_t length, struct packet_fields *fields)
{
	struct view view = { frame, length, length };
	unsigned int type;
	size_t offset;

	memset(fields, 0, sizeof(*fields));
	fields->reason = PCTL_REASON_NONE;
	if (!find_ethertype(&view, &offset, &type, fields))
		return;
	memcpy(fields->source_mac, frame + 6, sizeof(fields->source_mac));
	switch (type) {
	case 0x0800:
		return read_ipv4(&view, offset, fields);
	case 0x86dd:
		return read_ipv6(&view, offset, fields);
	case 0x0806:
		fields->is_arp = true;
		return read_arp(&view, offset, &fields->arp);
	}
	/* IEEE 802.3: a number below 1536 is a length, and tells no ethertype. */
	fields->is_foreign = type >= 1536;
	fields->at = offset;
	fields->ethertype = type;
	give_up(fields, PCTL_REASON_ETHERTYPE);
}

/* --- checksums that are still to be written --- */

/*
 * The bytes of a transport header that are its checksum, and where a tunnel's payload begins, which
 * may have a checksum of its own. RFC 9293, 768, 3828, 4340, 9260, 792, 4443.
 */
static bool is_harmless(uint8_t protocol, size_t place)
{
	switch (protocol) {
	case 6: /* TCP */
		return place == 16;
	case 17: /* UDP */
	case 136: /* UDP-Lite */
		return place == 6 || place >= 8;
	case 33: /* DCCP */
		return place == 6;
	case 132: /* SCTP */
		return place == 8;
	case 1: /* ICMP */
	case 58: /* ICMPv6 */
		return place == 2;
	}
	return true; /* of others nothing is read behind the IP headers */
}

static bool may_change_fields(const struct packet_fields *fields, size_t place)
{
	if (!fields->has_selector && !fields->is_foreign)
		return true;
	if (place < fields->at)
		return true;
	return !fields->is_foreign && !is_harmless(fields->protocol, place - fields->at);
}

void packet_fields_note_checksum(struct packet_fields *fields, size_t place)
{
	bool nothing = !fields->is_ip && !fields->is_arp && !fields->is_foreign;
	uint8_t reason = nothing ? fields->reason : PCTL_REASON_CHECKSUM;

	/* It may stand in the name. */
	if (fields->has_selector && fields->protocol == 17 && place >= fields->at + 8)
		fields->question.asking = ASKS_UNKNOWN;
	if (!may_change_fields(fields, place))
		return;
	memset(fields, 0, sizeof(*fields));
	fields->reason = reason;
}
