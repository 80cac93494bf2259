/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session: what a command needs to change attachments of this network namespace. It holds the
 * lock, so that writers take turns, and opening one finishes what a killed command left half done.
 */
#ifndef PCTL_SESSION_H
#define PCTL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink.h"
#include "store.h"

struct session {
	struct nl *nl;
	struct store store; /* locked from open to close */
	/*
	 * May be NULL. Called on the way to a policy in generic mode, when the filters of both
	 * directions are in place: every packet is judged by it from here on. XDP, which makes that
	 * cheaper, waits a grace period of the kernel, 16 ms.
	 */
	void (*judged)(void *data, uint32_t ifindex);
	/* May be NULL. Called when a first policy cannot come into force and is about to be taken
	 * off: nothing judges from then on. */
	void (*unjudged)(void *data, uint32_t ifindex);
	void *judged_data; /* for both */
};

#define SESSION_EMPTY                \
	{                            \
		.store = STORE_EMPTY \
	}

/*
 * Opens the store of this network namespace, and puts right what was left: interrupted changes are
 * finished, attachments whose interface is gone are forgotten. Each is told with notice().
 * @create: something will be attached
 */
int session_open(struct session *session, bool create);
void session_close(struct session *session);

#endif
