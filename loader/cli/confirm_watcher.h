/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process behind --confirm TIME and policyctl learn. It is in a session of its own, without a
 * terminal, and only sleeps: opening a session goes back when the time is over (unconfirmed.h).
 * SIGTERM: it goes back at once, since nobody would do it later.
 */
#ifndef PCTL_CONFIRM_WATCHER_H
#define PCTL_CONFIRM_WATCHER_H

#include "pending.h"

/*
 * Starts it. To be called while the command has read nothing yet, which keeps the process small,
 * and before anything is changed, so that it is there whenever the command is killed. It begins
 * its work when the command ends, in whatever way, and ends with it if nothing waits.
 * @seconds: TIME
 * @learning: it goes back as soon as the command has ended, without waiting for TIME
 * @pending: for the plans of the command
 */
int confirm_watcher_start(uint32_t seconds, bool learning, struct pending *pending);

#endif
