/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon of a host: configuration, policy files and metrics around a follower. */
#ifndef PCTL_DAEMON_H
#define PCTL_DAEMON_H

#include <stdbool.h>

struct daemon_options {
	const char *configuration; /* path; NULL: CONFIGURATION_PATH, which need not exist */
	const char *socket; /* of the engine; NULL: as configured */
	const char *log_format; /* "text" or "json"; NULL: as configured */
	bool check; /* only read configuration and policies, and say what is wrong */
};

/* Runs until SIGTERM or SIGINT; SIGHUP reloads. All policies stay in force. Returns an exit
 * status, with a message unless it is EXIT_DONE. */
int daemon_run(const struct daemon_options *options);

#endif
