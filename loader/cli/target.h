/* SPDX-License-Identifier: GPL-2.0-only */
/* From the IFACE of a command line to an interface and its attachment, with the messages that go
 * along. */
#ifndef PCTL_TARGET_H
#define PCTL_TARGET_H

#include "attachment.h"

/*
 * Finds the interface: by its name, or as the host's end of the veth that a container has,
 * `pid:PID` for the namespace of a process and `netns:NAME` for one below /run/netns. EXIT_DONE, or
 * EXIT_USAGE, EXIT_FAILED or, where there is no such interface, `missing`, each with a message.
 */
int target_link(struct session *session, const char *name, int missing, struct link *link);

/* Opens the session and the attachment of the interface. EXIT_DONE, EXIT_FAILED or
 * EXIT_NOT_ATTACHED. Both are to be closed in any case. */
int target_open(const char *name, struct session *session, struct attachment *attachment);

/*
 * Opens a session and calls `each` for every attachment of the namespace, in the order of the
 * ifindexes. One that fails does not keep the others from their turn. Returns EXIT_DONE or the last
 * other status; *count tells how many there are.
 */
int target_each(int (*each)(struct session *session, struct attachment *attachment, void *data),
		void *data, size_t *count);

#endif
