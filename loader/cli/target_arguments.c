// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "target_arguments.h"
#include "util.h"

int target_status(int result, int absent)
{
	if (!result)
		return EXIT_DONE;
	command_failed(NULL, result, result == TARGET_NOT_ATTACHED ? NULL : "nothing was changed");
	switch (result) {
	case TARGET_ABSENT:
		return absent;
	case TARGET_NOT_ATTACHED:
		return EXIT_NOT_ATTACHED;
	case -EINVAL:
		return EXIT_USAGE;
	default:
		return EXIT_FAILED;
	}
}

int target_from_arguments(const struct arguments *arguments, const char *name, int absent,
			  struct target *target)
{
	const char *socket = NULL;
	int result;

	arguments_have(arguments, "docker-socket", &socket);
	result = target_read(name, socket, target);
	/* Where the socket is wrong it may come from DOCKER_HOST: no bad usage of this command. */
	if (result == -EINVAL && !strcmp(name, TARGET_CONTAINER))
		return usage_failed(arguments->command, "%s", error_message(result));
	return target_status(result, absent);
}

int target_attachments(const struct target *target, bool all, enum pins_use use,
		       struct session *session, struct attachments *attachments)
{
	int error = session_open(session, use);

	if (error)
		return command_failed(NULL, error, "nothing was changed");
	return target_status(target_open(session, target, all, attachments), EXIT_NOT_ATTACHED);
}

int target_each(const struct target *target, enum pins_use use,
		int (*each)(struct session *session, struct attachment *attachment, void *data),
		void *data, size_t *count)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(target_walk_end) struct target_walk walk = TARGET_WALK_EMPTY;
	int status = EXIT_DONE, error = session_open(&session, use), next;
	struct attachment *attachment;

	*count = 0;
	if (error)
		return command_failed(NULL, error, "nothing was changed");
	error = target_walk_begin(&session, target, &walk);
	if (error)
		return target_status(error, EXIT_NOT_ATTACHED);
	*count = walk.count;
	while ((next = target_walk_next(&session, &walk, &attachment))) {
		if (next < 0)
			status = command_failed(NULL, next, NULL);
		else
			status = each(&session, attachment, data) ?: status;
	}
	return status;
}
