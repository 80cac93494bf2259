/* SPDX-License-Identifier: GPL-2.0-only */
/* --confirm TIME on the command line: a change goes back by itself unless it is confirmed. */
#ifndef PCTL_CONFIRM_ARGUMENTS_H
#define PCTL_CONFIRM_ARGUMENTS_H

#include "arguments.h"
#include "attachment.h"

#define CONFIRM_OPTION_ROW                                                                    \
	{                                                                                     \
		"confirm", "TIME",                                                            \
			"goes back by itself after TIME (30s, 5m), unless policyctl confirm " \
			"comes"                                                               \
	}

/*
 * Reads it, and starts the process that goes back. To be called first of all
 * (confirm_watcher_start()).
 * @pending: for the plans of the command; empty where the option was not given
 * Returns an exit status; a failure is printed.
 */
int confirm_from_arguments(const struct arguments *arguments, struct pending *pending);

/* The change is in force, if there was one to make: from now on the time runs. Says so on standard
 * error. @pending: of the command */
int confirm_begin(struct attachment *attachment, const struct pending *pending);

#endif
