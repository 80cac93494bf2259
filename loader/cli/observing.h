/* SPDX-License-Identifier: GPL-2.0-only */
/* The packets of what a command was given, one after the other, until a signal comes or the
 * interfaces are gone. monitor and capture are loops around it. */
#ifndef PCTL_OBSERVING_H
#define PCTL_OBSERVING_H

#include "observer.h"

struct observing;
struct container_lookup;
struct target;

/* What observing_next() returns. */
enum observed {
	OBSERVED_END, /* there will be no more packets */
	OBSERVED_PACKET,
	OBSERVED_PAUSE, /* it is time to flush output */
};

/*
 * Opens the interfaces of the target that are attached; a target without a name stands for all
 * attachments of this network namespace, also for those that come later. From here on SIGINT,
 * SIGTERM and, unless it is ignored, SIGHUP end the observation, not the process.
 * @lookup: names the containers of interfaces whose attachment has no record of one
 * @settings: `ifindex` is filled in here
 * Returns an exit status, with a message unless it is EXIT_DONE.
 */
int observing_open(const struct target *target, struct container_lookup *lookup,
		   const struct reader_settings *settings, struct observing **observing);

/*
 * Waits for a packet or for a pause. The first pause is at once, as soon as it listens; more follow
 * behind each row of packets, and at least every OBSERVER_TICK_MS. A notice says if all interfaces
 * are gone.
 * @observation: of OBSERVED_PACKET; valid until the next call
 * Returns an enum observed, or a negative errno.
 */
int observing_next(struct observing *observing, struct observation *observation);

/* What was lost so far, of all its interfaces together unless the target is a single one. */
int observing_lost(struct observing *observing, struct reader_lost *lost);

/* No more events are made, and none are lost. Those that were made can still be read. */
void observing_stop(struct observing *observing);

/* Signals have their former effect again. May be NULL. */
void observing_close(struct observing *observing);

/* Prints on standard error what is observed: the beginning of a line, without a newline. */
void observing_print(const struct target *target, const struct reader_settings *settings);

#endif
