/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session: what a command needs to change attachments of this network namespace. It holds the
 * lock, so that writers take turns, and opening one finishes what a killed command left half done.
 */
#ifndef PCTL_SESSION_H
#define PCTL_SESSION_H

#include <stdint.h>

#include "generation.h"
#include "netlink.h"
#include "pins.h"

struct session {
	struct nl *nl;
	struct pins pins; /* as a rule locked from open to close */
	/*
	 * May be NULL. Called while a policy comes into force, as soon as the tc filters of both
	 * directions judge every packet by it. The XDP program follows: the kernel waits 16 ms, a
	 * grace period, before it runs.
	 */
	void (*judged)(void *data, uint32_t ifindex);
	/* May be NULL. Called when a first policy cannot come into force, before its filters are
	 * taken off: from then on no program judges packets. */
	void (*unjudged)(void *data, uint32_t ifindex);
	void *judged_data; /* for both */
	bool mirrors; /* some attachment makes copies, or may */
	/* May be NULL: generation_make(). Called in its place, with `make_data`, by a process that
	 * has others to care for. -EINPROGRESS: it is being made, and to be asked for again. */
	int (*make)(void *data, const struct generation_input *input, const char *path,
		    uint32_t number, struct generation *generation);
	void *make_data;
	/* What is attached next was held since it came, so nothing is open on it: that nothing can
	 * be adopted is not worth a word. */
	bool newborn;
};

#define SESSION_EMPTY              \
	{                          \
		.pins = PINS_EMPTY \
	}

/*
 * Opens the pins of this network namespace, and puts right what was left: interrupted changes are
 * finished, attachments whose interface is gone are forgotten. notice() names each. To read or to
 * watch, a session does without the lock if need be (pins_open()), and puts nothing right then.
 */
int session_open(struct session *session, enum pins_use use);
void session_close(struct session *session);

#endif
