/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel, the gate's thread and the engine say: each event marks the veths that it may
 * concern, and schedules a pass. */
#ifndef PCTL_FOLLOWER_EVENTS_H
#define PCTL_FOLLOWER_EVENTS_H

#include "follower_state.h"

/* Marks all veths dirty. */
void follower_mark_all(struct follower *f);

/* Takes in the engine's networks: which bridges are followed. A failure is logged. */
void follower_update_bridges(struct follower *f);

/* Adds the event sources of the kernel, the gate's thread and the timers. Errors with a message. */
int follower_add_sources(struct follower *f);

/* Begins to follow the engine's events. */
int follower_open_engine(struct follower *f);

#endif
