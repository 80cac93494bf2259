// SPDX-License-Identifier: GPL-2.0-only
#include "command.h"
#include "confirm_arguments.h"
#include "confirm_watcher.h"
#include "duration.h"
#include "error.h"
#include "unconfirmed.h"

#define LONGEST (24 * 60 * 60)

int confirm_from_arguments(const struct arguments *arguments, struct pending *pending)
{
	const char *text = NULL;
	uint32_t seconds;
	int error;

	*pending = (struct pending){};
	if (!arguments_have(arguments, "confirm", &text))
		return EXIT_DONE;
	seconds = duration_parse(text, LONGEST);
	if (!seconds)
		return usage_failed(arguments->command,
				    "--confirm takes a time from 1s to 24h, such as 30s or 5m, not "
				    "%s",
				    text);
	if (arguments_have(arguments, "dry-run", NULL))
		return usage_failed(arguments->command,
				    "either --dry-run or --confirm: there is nothing to confirm");
	error = confirm_watcher_start(seconds, false, pending);
	return error ? command_failed(NULL, error, "nothing was changed") : EXIT_DONE;
}

int confirm_begin(struct attachment *attachment, const struct pending *pending)
{
	const char *name = attachment->hooks.link.name;
	const struct pending *mine = &attachment->current.pending;
	int error;

	if (!pending_is(pending))
		return EXIT_DONE;
	if (!pending_is(mine) || mine->token != pending->token) {
		notice("%s: nothing was changed, so nothing waits to be confirmed", name);
		return EXIT_DONE;
	}
	error = unconfirmed_begin(attachment);
	if (error)
		return command_failed(name, error, "the time began before the change");
	notice("%s: %s in %u s, unless policyctl confirm %s comes", name,
	       mine->nothing_before ? "it is detached again"
				    : "the policy before is in force again",
	       mine->seconds, name);
	return EXIT_DONE;
}
