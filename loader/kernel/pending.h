/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record of a generation that is in force for a while: it waits to be confirmed (--confirm
 * TIME), or is there to learn from (policyctl learn). Until when, and which process takes it back.
 * It is pinned as the map `pending` beside the generation's own maps, and what was in force before
 * as `before/` (generation_pin()). No pin: nothing is waited for.
 */
#ifndef PCTL_PENDING_H
#define PCTL_PENDING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PENDING_VERSION 1

/* The value of the pinned map. Fixed sizes. */
struct pending {
	uint32_t version; /* PENDING_VERSION; 0: there is none */
	uint32_t seconds; /* TIME, as it was asked for */
	uint64_t ends; /* CLOCK_BOOTTIME in ns */
	uint64_t token; /* of the command: the same on each of its interfaces; never 0 */
	uint64_t watcher_start; /* when its process began: field 22 of /proc/PID/stat */
	uint64_t watcher_namespace; /* the inode of its pid namespace, in which `watcher` counts */
	uint32_t watcher; /* the pid of its process */
	uint16_t nothing_before; /* to go back is to detach */
	uint16_t learning; /* of policyctl learn: nobody may confirm it, no history has it */
};

static inline bool pending_is(const struct pending *pending)
{
	return pending->version == PENDING_VERSION;
}

/* Opens and reads the record of the generation pinned at `path`. Without one, *fd stays -1 and
 * *pending is empty. 0 or a negative errno with a message. */
int pending_open(const char *path, int *fd, struct pending *pending);

/* Has a generation one? It takes no BPF system call. */
bool pending_is_pinned(const char *path);

/* Writes it to the map; removes its pin. */
int pending_save(int fd, const struct pending *pending);
int pending_remove(const char *path);

/* Seconds left, rounded up; 0: the time is over. */
uint64_t pending_left(const struct pending *pending);

enum pending_watch {
	PENDING_WATCHED,
	PENDING_UNWATCHED, /* the process is gone */
	PENDING_WATCH_UNKNOWN, /* it is in another pid namespace */
};

enum pending_watch pending_watch(const struct pending *pending);

/* Fills in which process watches: this one. */
void pending_watch_here(struct pending *pending);

/* Wakes the process that watches, so that it looks again and ends if nothing is left to do. */
void pending_wake(const struct pending *pending);

#endif
