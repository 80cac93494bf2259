/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two readers of events who watch all trials of this process: it takes the kernel 30 ms and more
 * to open and close one.
 */
#ifndef PROG_WATCHERS_H
#define PROG_WATCHERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "evaluate.h"
#include "reader.h"

enum watcher {
	OF_DROPPED, /* and logged, as readers are unless they ask for more */
	OF_ALL,
	WATCHERS,
};

#define WATCHERS_SNAPLEN 100

/* What a watcher was told of one frame. */
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

/* A directory for the events of generations (struct blueprint) to be watched: a bpffs that this
 * process has for itself. NULL: there can be none, errno says why. */
const char *own_bpffs(void);

/* Opens them, or finds them open; they stay. NULL: in words in error_message(). */
struct watchers *watchers_get(void);

/* Hears what was told since the last time: this frame alone, as the evaluation says. */
bool watchers_told(struct watchers *watchers, uint64_t generation, enum pctl_direction direction,
		   const uint8_t *frame, size_t length, const struct evaluation *evaluation);

/* Whether any missed anything, ever; says so in @out. */
bool watchers_lost(const struct watchers *watchers, FILE *out);

/* What they heard at last. */
void watchers_print(const struct watchers *watchers, FILE *out);

#endif
