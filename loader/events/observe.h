/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching packets, for whatever shows them: a reader, kept at it until a signal comes, with the
 * policies that its events speak of. Survives that attachments come, change and go.
 */
#ifndef PCTL_OBSERVE_H
#define PCTL_OBSERVE_H

#include "observation.h"
#include "reader.h"

/* How it went. */
struct observed {
	uint64_t events; /* calls of `each` */
	uint64_t packets; /* that these counted as */
	struct reader_lost lost;
};

struct observer {
	/* Called for each packet. Returns 0, 1: that was enough, or a negative errno, with which
	 * it ends. */
	int (*each)(void *data, const struct observation *observation);
	/*
	 * May be NULL. Called once when it is listening, then behind each batch of events and at
	 * least every 100 ms: output is flushed here. Returns as `each`.
	 * @so_far: what was seen up to now, and what was lost up to a moment ago
	 */
	int (*pause)(void *data, const struct observed *so_far);
	void *data;
};

struct owners;
struct target;

/* The beginning of a line on standard error, without a newline: what is watched. */
void observe_say(const struct target *target, const struct reader_settings *settings);

/*
 * Watches until SIGINT, SIGTERM or SIGHUP comes (this one unless it is ignored), the interfaces are
 * gone, which it says, or the observer has enough.
 * @target: of its interfaces those that are attached; without a name: all of this network
 * namespace, also those that are attached later. What is lost is counted of all together unless it
 * is one interface.
 * @owners: what names the containers
 * @settings: ifindex is filled in
 * Returns an exit status, with a message unless it is EXIT_DONE.
 */
int observe(const struct target *target, struct owners *owners,
	    const struct reader_settings *settings, const struct observer *observer,
	    struct observed *observed);

#endif
