/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Learning what passes through one interface, from the tables of connections of its attachment and
 * from its frames. It takes no lock and changes nothing.
 */
#ifndef PCTL_LEARNING_H
#define PCTL_LEARNING_H

#include "attachment.h"
#include "connection_table.h"
#include "flows.h"
#include "seen.h"
#include "tap.h"

/* What may be missing. All 0: all that began was seen. */
struct learning_gaps {
	uint64_t unseen; /* connections that began and ended between two readings */
	uint64_t refused; /* packets that would have confirmed one: the table was full */
	uint64_t frames; /* lost by the packet socket, or without room: bytes are missing */
	uint64_t flows; /* for which there was no room */
};

struct learning {
	struct attachment *attachment; /* of the caller; its policy tracks connections */
	struct flows *flows; /* of the caller, for several interfaces */
	struct learnt_names *names; /* likewise */
	struct answers *answers; /* questions that wait; malloc'd */
	struct connection_maps maps;
	struct seen seen;
	struct tap tap;
	uint64_t before[PCTL_CONNECTION_COUNTERS]; /* when it began */
	struct learning_gaps gaps;
	uint64_t frames; /* that were seen */
	bool over; /* the interface is gone */
};

struct answers;
struct learnt_names;

/* Begins. The caller ends with learning_end() in any case. An error has its words. */
int learning_begin(struct attachment *attachment, struct flows *flows, struct learnt_names *names,
		   struct learning *learning);

/* To be called often: ten times a second. */
int learning_look(struct learning *learning);

/* Looks for the last time, and gives *flows what is still open. Fills in `gaps`. */
int learning_finish(struct learning *learning);

void learning_end(struct learning *learning);

#endif
