/* SPDX-License-Identifier: GPL-2.0-only */
/* The IFACE that a command is given (target.h), with messages and exit statuses. */
#ifndef PCTL_TARGET_ARGUMENTS_H
#define PCTL_TARGET_ARGUMENTS_H

#include "arguments.h"
#include "target.h"

/*
 * target_read() with the command's --docker-socket. Prints what is wrong.
 * @name: NULL: every attachment
 * @absent: the exit status where there is no such interface or container
 * Returns EXIT_DONE, EXIT_USAGE, EXIT_FAILED or `absent`.
 */
int target_from_arguments(const struct arguments *arguments, const char *name, int absent,
			  struct target *target);

/* Prints the message of a function of target.h unless it returned TARGET_FOUND. Returns the exit
 * status for what it returned. @absent: as above */
int target_status(int result, int absent);

/* Opens a session and, with target_open(), the attachments of a target that has a name. Returns an
 * exit status, with a message unless it is EXIT_DONE. Both are to be closed in any case. */
int target_attachments(const struct target *target, bool all, enum pins_use use,
		       struct session *session, struct attachments *attachments);

/*
 * Opens a session and calls `each` for every attachment of the target, ascending by ifindex. `each`
 * returns an exit status; if it fails for one, the walk goes on with the next. Returns the last
 * status that was not EXIT_DONE, if any. *count is how many attachments there are.
 */
int target_each(const struct target *target, enum pins_use use,
		int (*each)(struct session *session, struct attachment *attachment, void *data),
		void *data, size_t *count);

#endif
