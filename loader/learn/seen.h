/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The connections of an attachment over a time: its tables are read again and again, and what is no
 * longer there becomes part of a flow. A connection that is over stays in the tables for a second
 * at least, unless a flood evicts it, so nothing is missed between two readings in time.
 */
#ifndef PCTL_SEEN_H
#define PCTL_SEEN_H

#include "connection_table.h"
#include "flows.h"

struct seen_connection {
	struct pctl_connection_key key;
	struct pctl_connection value; /* as it was when it was read last */
	uint64_t bytes[PCTL_DIRECTIONS];
	uint64_t packets[PCTL_DIRECTIONS];
	uint32_t read; /* the number of the reading that it was in last */
	bool known; /* it was in the tables; else only its bytes were seen */
	bool over; /* it was before the first reading: nobody wants to learn it */
};

/* Zero-initialised is empty. */
struct seen {
	struct seen_connection *items;
	size_t count, capacity;
	uint32_t *slots; /* as in struct flows */
	size_t slot_count;
	uint64_t seed;
	uint32_t readings;
	uint64_t began; /* how many have begun since the first reading */
	uint64_t total; /* and with those before */
	uint64_t left_out; /* bytes of so many frames had no room */
};

void seen_clear(struct seen *seen);

/* One reading; what has ended goes to *flows. 0 or -ENOMEM. */
int seen_take(struct seen *seen, const struct connections *connections, struct flows *flows);

/* A frame of a connection passed. */
void seen_frame(struct seen *seen, const struct pctl_connection_key *key,
		enum pctl_direction direction, size_t bytes);

/* Is there such a connection, in the last readings? */
bool seen_has(const struct seen *seen, const struct pctl_connection_key *key);

/* All that is left goes to *flows. */
void seen_finish(struct seen *seen, struct flows *flows);

/* The address of the other end. */
struct prefix seen_peer(const struct pctl_connection_key *key);

#endif
