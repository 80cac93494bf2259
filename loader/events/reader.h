/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reader of events. It has a ring buffer of its own, which the programs fill while it is open. Up
 * to PCTL_READERS may be open at a time, of this process and others together.
 */
#ifndef PCTL_READER_H
#define PCTL_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "event_maps.h"

#define READER_RATE 10000 /* events a second of each attachment, unless asked for another */
#define READER_RATE_PASSED 1000

struct reader_settings {
	uint32_t ifindex; /* of the one attachment whose events are wanted; 0: all */
	uint32_t snaplen; /* bytes of each packet, at least 1 */
	uint32_t rate; /* events a second of each attachment; 0: READER_RATE. If readers ask for
			* different rates, the highest is in force */
	uint32_t rate_passed; /* the same for packets that passed; 0: none of these are wanted */
};

/* How many packets became no event: there were too many in a second, or the ring was full. */
struct reader_lost {
	uint64_t dropped; /* that were dropped, or that a rule with `log` decided */
	uint64_t passed; /* that passed */
};

struct reader;

/*
 * Opens a reader. Once this has returned, each packet that is wanted becomes an event or is counted
 * as lost.
 * @shared: as for event_maps_get(); the caller holds the lock of the pins
 * -EUSERS: there are PCTL_READERS readers already.
 */
int reader_open(const struct event_maps *maps, const char *shared,
		const struct reader_settings *settings, struct reader **reader);

/* The next event, in the order in which they were made; NULL: there is none now. It is valid until
 * the next call. */
const struct pctl_event *reader_next(struct reader *reader);

/* What was lost since the reader was opened. */
int reader_lost(struct reader *reader, struct reader_lost *lost);

/* How many changes there were to attachments so far. If it has grown, known policies are stale. */
uint64_t reader_changes(const struct reader *reader);

/* Once this has returned, no more events are made for the reader and none are lost. Those that were
 * made can still be read. */
void reader_stop(struct reader *reader);

/* Stops the reader, if that was not done, and frees it. May be NULL. */
void reader_close(struct reader *reader);

#endif
