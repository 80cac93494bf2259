/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections, for rules with `established`: the reference, written from "Established packets" in
 * docs/policy-language.md.
 */
#ifndef PCTL_KNOWN_CONNECTIONS_H
#define PCTL_KNOWN_CONNECTIONS_H

#include "packet_fields.h"

/* One end of a connection. The ids of echo are ports: of the end that sent the request. */
struct connection_end {
	uint8_t address[16];
	uint16_t port;
};

struct known_connection {
	/* Which connection it is. */
	struct connection_end ends[PCTL_DIRECTIONS]; /* of the container, which sends `from`; and
						      * the other one */
	uint8_t protocol, family;
	uint16_t vlan; /* 0 where no rule asks */
	/* What became of it. */
	enum pctl_direction opener; /* the direction of its first packet */
	enum pctl_connection_state state;
	bool fins[PCTL_DIRECTIONS], resets[PCTL_DIRECTIONS];
	uint32_t acknowledged[PCTL_DIRECTIONS]; /* as in struct pctl_connection */
	uint32_t packets[PCTL_DIRECTIONS];
	uint32_t slot; /* of the rule that let it begin, see enum pctl_slot */
	uint64_t seen; /* seconds */
};

struct connection_memory {
	/* The caller owns the memory. A full list takes no more: the caller empties it before. */
	struct known_connection *items;
	size_t capacity, count;
	uint64_t now; /* seconds; the caller lets time pass */
	bool fixed; /* it is asked, and not changed */
	bool all; /* each packet that can be part of a connection is part of one */
};

/* @memory: NULL: there is none. @with_vlan: rules match on VLANs */
enum pctl_established connections_ask(const struct connection_memory *memory,
				      enum pctl_direction direction,
				      const struct packet_fields *fields, bool with_vlan);

/* Of a packet that passes. @slot: where it counts */
void connections_note(struct connection_memory *memory, enum pctl_direction direction,
		      const struct packet_fields *fields, bool with_vlan, uint32_t slot);

#endif
