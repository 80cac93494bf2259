/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching packets step by step, for whoever has a loop of his own: a reader, with the policies
 * that its events speak of. Survives that attachments come, change and go. observe() is the loop
 * for who has none.
 */
#ifndef PCTL_WATCHING_H
#define PCTL_WATCHING_H

#include "attachment.h"
#include "observe.h"

/* Nobody is woken by events: a step is to be made this often. The ring has room for what comes
 * meanwhile. */
#define WATCHING_TICK_MS 20

struct watching;

/* @observer: must outlive it */
int watching_open(struct session *session, const struct reader_settings *settings,
		  const struct observer *observer, struct watching **watching);

/* Lets the observer write out what he has. */
void watching_pause(struct watching *watching);

/* Tells the observer what came, some thousand events at most. Returns whether there may be more. */
bool watching_step(struct watching *watching);

/* No more events are made; tells what was under way. */
void watching_finish(struct watching *watching);

/* Of the observer: 0 go on, 1 it has enough, or what failed. */
int watching_status(const struct watching *watching);
const struct observed *watching_observed(const struct watching *watching);

/* Opens a session to tidy up: none may be open. May be NULL. */
void watching_close(struct watching *watching);

#endif
