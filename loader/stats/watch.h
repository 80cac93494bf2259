/* SPDX-License-Identifier: GPL-2.0-only */
/* stats --watch: a sample every so often, on a live view or as text, until a signal or a key ends
 * it. */
#ifndef PCTL_WATCH_H
#define PCTL_WATCH_H

#include <stdbool.h>

struct owners;
struct target;

struct watch_settings {
	struct target *target;
	struct owners *owners; /* what names the containers */
	double interval; /* seconds, above 0 */
	bool json; /* a line of JSON for each sample */
};

/* Fails if the first sample does, with its status; after that it goes on whatever is attached or
 * taken off. SIGINT, SIGQUIT, SIGTERM and SIGHUP end it. Returns an exit status. */
int watch(const struct watch_settings *settings);

#endif
