/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads events and says what they are about: which policy, which rule, which container. It goes on
 * while attachments come, change and go. Nothing here waits: the caller has a loop of its own.
 */
#ifndef PCTL_OBSERVER_H
#define PCTL_OBSERVER_H

#include "observation.h"
#include "reader.h"

/* Events wake nobody: the caller looks for them this often. The ring has room for what comes
 * meanwhile. */
#define OBSERVER_TICK_MS 20

/* A caller that has read so many observations in a row should see to its other work first. */
#define OBSERVER_BATCH 4096

struct observer;
struct session;

/* Opens a reader of the events of the session's network namespace. */
int observer_open(struct session *session, const struct reader_settings *settings,
		  struct observer **observer);

/*
 * Returns 1 with the next observation, which is valid until the next call; 0 where there is none
 * now; or a negative errno. Opens a session where attachments have changed: none may be open.
 */
int observer_next(struct observer *observer, struct observation *observation);

/* What was lost since it was opened. Not cheap: it reads 4 kB for each possible CPU. */
int observer_lost(struct observer *observer, struct reader_lost *lost);

/* No more events are made. Those that were can still be read. */
void observer_stop(struct observer *observer);

/* Opens a session to tidy up: none may be open. May be NULL. */
void observer_close(struct observer *observer);

#endif
