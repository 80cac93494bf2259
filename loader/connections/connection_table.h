/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of connections of an attachment, as user space reads and changes them: kern/
 * abi_connections.h. Programs change them at the same time. */
#ifndef PCTL_CONNECTION_TABLE_H
#define PCTL_CONNECTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation.h"

enum connection_table {
	CONNECTIONS_HALF_OPEN,
	CONNECTIONS_CONFIRMED,
	CONNECTION_TABLES,
};

/* Descriptors of the maps; the generation owns them. -1: there is no such map. */
struct connection_maps {
	int tables[CONNECTION_TABLES];
	int counters; /* connection_stats */
};

/* Those of a generation. */
struct connection_maps connection_maps_of(const struct generation *generation);

/* Are there any: does a rule ask for `established`? */
static inline bool connections_tracked(const struct connection_maps *maps)
{
	return maps->tables[CONNECTIONS_CONFIRMED] >= 0;
}

struct connection {
	struct pctl_connection_key key;
	struct pctl_connection value;
	enum connection_table table;
};

struct connections {
	struct connection *items;
	size_t count, capacity;
	uint32_t now; /* PCTL_TICK() when they were read */
};

/* The clock of the tables. */
uint32_t connections_now(void);

/* Reads all entries that have not expired. One that moves meanwhile from the half-open to the
 * confirmed ones may come twice. 0, -ENOMEM, or what the kernel says; clear in any case. */
int connections_read(const struct connection_maps *maps, struct connections *connections);
void connections_clear(struct connections *connections);

/* Reads one entry anew. -ENOENT: it is gone. */
int connection_refresh(const struct connection_maps *maps, struct connection *connection);

/* Writes one that is there. A program that counts a packet at this moment may lose it. -ENOENT: it
 * is gone. */
int connection_save(const struct connection_maps *maps, const struct connection *connection);

/* Makes one. -EEXIST: it is there. -E2BIG: the table is full. */
int connection_add(const struct connection_maps *maps, const struct connection *connection);

/* Ends one: its packets are not established from now on. One that is gone is fine. */
int connection_cut(const struct connection_maps *maps, const struct connection *connection);

/*
 * Copies to other tables, of another size, what they do not have, or have as it was before. Without
 * effect on the same tables. *left_out: how many confirmed ones had no room
 */
int connections_carry(const struct connection_maps *to, const struct connection_maps *from,
		      size_t *left_out);

/* How many entries a table has room for; 0: there is no such table. */
uint32_t connections_capacity(const struct connection_maps *maps, enum connection_table table);

/* What the programs counted, by enum pctl_connection_counter. */
int connections_counted(const struct connection_maps *maps,
			uint64_t counters[PCTL_CONNECTION_COUNTERS]);

/* How it is with the tables of an attachment. */
struct connection_summary {
	bool tracked; /* false: nothing of what follows is there */
	uint64_t entries[CONNECTION_TABLES]; /* that have not expired */
	uint32_t capacity[CONNECTION_TABLES];
	uint64_t counters[PCTL_CONNECTION_COUNTERS];
	uint64_t memory; /* bytes that the kernel has for the maps now; 0: it does not say */
};

int connections_summarise(const struct connection_maps *maps, struct connection_summary *summary);

/* The direction of its first packet. */
enum pctl_direction connection_direction(const struct connection *connection);

#endif
