/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reader of events: a ring buffer of its own that the programs fill while it is open. Any number
 * up to PCTL_READERS at a time, of this process or others.
 */
#ifndef PCTL_READER_H
#define PCTL_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "event_maps.h"

#define READER_RATE 10000 /* events a second of each attachment, unless asked for another */
#define READER_RATE_PASSED 1000

struct reader_settings {
	uint32_t ifindex; /* 0: all attachments */
	uint32_t snaplen; /* bytes of each packet, at least 1 */
	uint32_t rate; /* events a second of each attachment; 0: READER_RATE. Of several readers'
			* the highest holds */
	uint32_t rate_passed; /* of packets that passed; 0: none of these are wanted */
};

/* Packets that should have been events and are not: too many in a second, or the ring was full. */
struct reader_lost {
	uint64_t dropped; /* dropped, or decided by a rule that says `log` */
	uint64_t passed;
};

struct reader;

/*
 * Opens a reader. From when it returns on, each packet that is wanted becomes an event or is lost.
 * @shared: as for event_maps_get(); the lock of the store is held by the caller
 * -EUSERS: there are PCTL_READERS already.
 */
int reader_open(const struct event_maps *maps, const char *shared,
		const struct reader_settings *settings, struct reader **reader);

/* The next event, in the order in which they were made; NULL: there is none now. It is valid until
 * the next call. */
const struct pctl_event *reader_next(struct reader *reader);

/* What was lost since the reader was opened. */
int reader_lost(struct reader *reader, struct reader_lost *lost);

/* Number of changes to attachments so far: when it is another one, look again. */
uint64_t reader_changes(const struct reader *reader);

/* No more events are made for it from when it returns on; those that are there can be drained, and
 * what was lost no longer grows. */
void reader_stop(struct reader *reader);

/* Stops it, if that was not done, and frees it. May be NULL. */
void reader_close(struct reader *reader);

#endif
