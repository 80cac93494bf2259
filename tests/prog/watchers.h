/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two readers of events that read all trials of this process: to open and close one takes the
 * kernel 30 ms and more.
 */
#ifndef PROG_WATCHERS_H
#define PROG_WATCHERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "evaluate.h"
#include "reader.h"

enum watcher {
	OF_DROPPED, /* dropped or logged packets: the default of readers */
	OF_ALL,
	WATCHERS,
};

#define WATCHERS_SNAPLEN 100

/* The events that a reader got for one frame. */
struct heard {
	unsigned int count;
	union { /* the last */
		struct pctl_event event;
		uint8_t bytes[sizeof(struct pctl_event) + WATCHERS_SNAPLEN];
	};
};

struct watchers {
	struct reader *readers[WATCHERS];
	struct heard heard[WATCHERS];
};

/* A directory for the event maps of generations (struct blueprint), in a bpffs of this process's
 * own. NULL: it failed, errno says why. */
const char *own_bpffs(void);

/* Opens the readers once; they stay open. NULL: error_message() says why. */
struct watchers *watchers_get(void);

/* Reads the events since the last call: they must be those of this frame, as the evaluation
 * says. */
bool watchers_told(struct watchers *watchers, uint64_t generation, enum pctl_direction direction,
		   const uint8_t *frame, size_t length, const struct evaluation *evaluation);

/* Whether a reader has ever lost an event; prints that to @out. */
bool watchers_lost(const struct watchers *watchers, FILE *out);

/* Prints the last events. */
void watchers_print(const struct watchers *watchers, FILE *out);

#endif
