/* SPDX-License-Identifier: GPL-2.0-only */
#include "known_connections.h"

#include <string.h>

#define TCP 6
#define FIN 1
#define SYN 2
#define RST 4
#define ACK 16

/* How far a sequence number may be in front of what was acknowledged. */
#define WINDOW 65536

static enum pctl_direction other(enum pctl_direction direction)
{
	return direction == PCTL_FROM ? PCTL_TO : PCTL_FROM;
}

/* --- what a packet is to a connection --- */

enum part { NO_PART, UNKNOWN_PART, OPENS, OPENS_OR_BELONGS, BELONGS, IS_ABOUT };

static enum part part_of(enum pctl_direction direction, const struct packet_fields *fields)
{
	const struct connection_fields *c = &fields->connection;

	if (fields->is_arp)
		return NO_PART;
	if (!fields->is_ip || !fields->has_protocol)
		return UNKNOWN_PART;
	if (!protocol_has_connections(fields->protocol) || fields->behind_ah)
		return NO_PART;
	if (!fields->has_selector || (direction == PCTL_FROM && fields->source_routed))
		return UNKNOWN_PART;
	if (c->is_error)
		return c->embedded.is_readable && fields->piece == PIECE_WHOLE &&
				       (fields->family == PCTL_IPV6) == (fields->protocol == 58)
			       ? IS_ABOUT
			       : NO_PART;
	if (fields->with_types && !c->is_echo)
		return NO_PART;
	if (!c->is_whole)
		return UNKNOWN_PART;
	if (fields->with_types)
		return c->is_request ? OPENS_OR_BELONGS : BELONGS;
	if (fields->protocol != TCP)
		return OPENS_OR_BELONGS;
	if (!(c->tcp_flags & SYN) || c->tcp_flags & ACK)
		return BELONGS;
	return c->tcp_flags & (FIN | RST) ? NO_PART : OPENS;
}

/* --- which connection --- */

static size_t address_size(uint8_t family)
{
	return family == PCTL_IPV4 ? 4 : 16;
}

/* Of a packet from one address to another in this direction. */
static void set_addresses(struct known_connection *which, enum pctl_direction direction,
			  const uint8_t *source, const uint8_t *destination)
{
	size_t size = address_size(which->family);

	memcpy(which->ends[direction].address, source, size);
	memcpy(which->ends[other(direction)].address, destination, size);
}

static void set_ports(struct known_connection *which, enum pctl_direction direction,
		      uint16_t source, uint16_t destination)
{
	which->ends[direction].port = source;
	which->ends[other(direction)].port = destination;
}

/* A request comes from the end whose port the id is, a reply goes to it. */
static void set_id(struct known_connection *which, enum pctl_direction direction, bool is_request,
		   uint16_t id)
{
	which->ends[is_request ? direction : other(direction)].port = id;
}

/* The error goes to the sender of the packet that it is about, which went the other way. */
static bool set_embedded(struct known_connection *which, enum pctl_direction direction,
			 const struct packet_fields *fields)
{
	const struct embedded_packet *e = &fields->connection.embedded;
	enum pctl_direction back = other(direction);

	if (memcmp(fields->destination, e->source, address_size(fields->family)))
		return false;
	which->protocol = e->protocol;
	set_addresses(which, back, e->source, e->destination);
	if (e->protocol == 1 || e->protocol == 58)
		set_id(which, back, e->is_request, e->id);
	else
		set_ports(which, back, e->sport, e->dport);
	return true;
}

/* False: of none. */
static bool which_connection(enum pctl_direction direction, const struct packet_fields *fields,
			     enum part part, bool with_vlan, struct known_connection *which)
{
	const struct connection_fields *c = &fields->connection;

	*which = (struct known_connection){
		.protocol = fields->protocol,
		.family = fields->family,
		.vlan = with_vlan ? fields->vlan : 0,
	};
	if (part == IS_ABOUT)
		return set_embedded(which, direction, fields);
	set_addresses(which, direction, fields->source, fields->destination);
	if (fields->with_types)
		set_id(which, direction, c->is_request, c->id);
	else
		set_ports(which, direction, fields->sport, fields->dport);
	return true;
}

static bool is_same(const struct known_connection *a, const struct known_connection *b)
{
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		if (a->ends[i].port != b->ends[i].port ||
		    memcmp(a->ends[i].address, b->ends[i].address, sizeof(a->ends[i].address)))
			return false;
	return a->protocol == b->protocol && a->family == b->family && a->vlan == b->vlan;
}

static bool is_closing(const struct known_connection *c)
{
	return (c->fins[0] && c->fins[1]) || c->resets[0] || c->resets[1];
}

static uint64_t timeout(const struct known_connection *c)
{
	bool confirmed = c->state == PCTL_CONNECTION_CONFIRMED;

	switch (c->protocol) {
	case TCP:
		return is_closing(c) ? 10 : confirmed ? 6 * 3600 : 60;
	case 1:
	case 58:
		return 30;
	case 17:
	case 136:
		return confirmed ? 120 : 30;
	}
	return confirmed ? 300 : 30;
}

/* NULL: there is none, or it has expired. */
static struct known_connection *find(const struct connection_memory *memory,
				     const struct known_connection *which)
{
	for (size_t i = 0; i < memory->count; i++)
		if (is_same(&memory->items[i], which))
			return memory->now - memory->items[i].seen > timeout(&memory->items[i])
				       ? NULL
				       : &memory->items[i];
	return NULL;
}

enum pctl_established connections_ask(const struct connection_memory *memory,
				      enum pctl_direction direction,
				      const struct packet_fields *fields, bool with_vlan)
{
	enum part part = part_of(direction, fields);
	struct known_connection which;

	if (part == UNKNOWN_PART)
		return PCTL_ESTABLISHED_UNKNOWN;
	if (part == NO_PART || part == OPENS || !memory ||
	    !which_connection(direction, fields, part, with_vlan, &which))
		return PCTL_ESTABLISHED_NO;
	return memory->all || find(memory, &which) ? PCTL_ESTABLISHED_YES : PCTL_ESTABLISHED_NO;
}

/* --- what becomes of it --- */

/* A new one, in place of one that has expired or closes. */
static void open_connection(struct connection_memory *memory, struct known_connection *which,
			    enum pctl_direction direction, uint32_t slot)
{
	size_t i;

	for (i = 0; i < memory->count && !is_same(&memory->items[i], which); i++)
		;
	if (i == memory->capacity)
		return;
	which->opener = direction;
	which->state = PCTL_CONNECTION_OPENED;
	which->packets[direction] = 1;
	which->slot = slot;
	which->seen = memory->now;
	memory->items[i] = *which;
	memory->count += i == memory->count;
}

static bool acknowledges(const struct known_connection *c, enum pctl_direction direction,
			 const struct connection_fields *packet)
{
	return packet->tcp_flags & ACK && !(packet->tcp_flags & RST) &&
	       packet->acknowledgement - c->acknowledged[direction] < WINDOW;
}

static void advance(struct known_connection *c, enum pctl_direction direction,
		    const struct connection_fields *packet)
{
	bool is_tcp = c->protocol == TCP;

	if (direction == c->opener) {
		if (c->state == PCTL_CONNECTION_ANSWERED &&
		    (!is_tcp || acknowledges(c, direction, packet)))
			c->state = PCTL_CONNECTION_CONFIRMED;
		return;
	}
	if (c->state == PCTL_CONNECTION_CONFIRMED)
		return;
	if (!is_tcp) {
		c->state = PCTL_CONNECTION_ANSWERED;
		return;
	}
	if ((packet->tcp_flags & (SYN | ACK)) != (SYN | ACK))
		return;
	c->state = PCTL_CONNECTION_ANSWERED;
	c->acknowledged[direction] = packet->acknowledgement;
	c->acknowledged[c->opener] = packet->sequence + 1;
}

static void note_tcp(struct known_connection *c, enum pctl_direction direction,
		     const struct connection_fields *packet)
{
	if (packet->tcp_flags & RST) {
		if (packet->sequence - c->acknowledged[other(direction)] < WINDOW)
			c->resets[direction] = true;
		return;
	}
	c->resets[other(direction)] = false;
	if (packet->tcp_flags & FIN)
		c->fins[direction] = true;
	if (packet->tcp_flags & ACK && c->state == PCTL_CONNECTION_CONFIRMED)
		c->acknowledged[direction] = packet->acknowledgement;
}

void connections_note(struct connection_memory *memory, enum pctl_direction direction,
		      const struct packet_fields *fields, bool with_vlan, uint32_t slot)
{
	enum part part = part_of(direction, fields);
	struct known_connection which, *found;

	if (part < OPENS || part == IS_ABOUT || memory->fixed)
		return;
	which_connection(direction, fields, part, with_vlan, &which);
	found = find(memory, &which);
	if (part == OPENS && found && is_closing(found))
		found = NULL;
	if (!found && part == BELONGS)
		return;
	if (!found)
		return open_connection(memory, &which, direction, slot);
	/* A SYN says nothing about a connection that is confirmed. */
	if (part == OPENS && found->state == PCTL_CONNECTION_CONFIRMED)
		return;
	found->seen = memory->now;
	found->packets[direction]++;
	if (part == OPENS)
		return;
	advance(found, direction, &fields->connection);
	if (found->protocol == TCP)
		note_tcp(found, direction, &fields->connection);
}
