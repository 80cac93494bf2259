// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "confirm_arguments.h"
#include "confirm_watcher.h"
#include "error.h"
#include "unconfirmed.h"

#define LONGEST (24 * 60 * 60)

/* 30s, 5m, 1h; 0: it is no time, or out of bounds. */
static uint32_t parse_time(const char *text)
{
	unsigned long long value;
	uint64_t unit;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || value > LONGEST)
		return 0;
	unit = !strcmp(end, "s") ? 1 : !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 : 0;
	return value * unit <= LONGEST ? value * unit : 0;
}

int confirm_from_arguments(const struct arguments *arguments, struct pending *pending)
{
	const char *text = NULL;
	uint32_t seconds;
	int error;

	*pending = (struct pending){};
	if (!arguments_have(arguments, "confirm", &text))
		return EXIT_DONE;
	seconds = parse_time(text);
	if (!seconds)
		return usage_failed(arguments->command,
				    "--confirm takes a time from 1s to 24h, such as 30s or 5m, not "
				    "%s",
				    text);
	if (arguments_have(arguments, "dry-run", NULL))
		return usage_failed(arguments->command,
				    "either --dry-run or --confirm: there is nothing to confirm");
	error = confirm_watcher_start(seconds, pending);
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
