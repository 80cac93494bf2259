/* SPDX-License-Identifier: GPL-2.0-only */
/* The loop of `stats --watch`: a sample every so often, on a live view or as text, until a signal
 * or a key ends it. */
#ifndef PCTL_STATS_WATCH_H
#define PCTL_STATS_WATCH_H

#include <stdbool.h>

struct container_lookup;
struct target;

struct watch_settings {
	struct target *target;
	struct container_lookup *lookup; /* names the containers */
	double interval; /* seconds between samples, above 0 */
	bool json; /* one line of JSON for each sample */
};

/*
 * Fails if the first sample has nothing to show; after that it goes on, whatever is attached or
 * detached. SIGINT, SIGQUIT, SIGTERM and SIGHUP end it. Returns an exit status, with a message
 * unless it is EXIT_DONE.
 */
int stats_watch(const struct watch_settings *settings);

#endif
