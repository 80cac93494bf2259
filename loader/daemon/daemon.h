/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon of a host: configuration, policy files and metrics around a follower. */
#ifndef PCTL_DAEMON_H
#define PCTL_DAEMON_H

#include "configuration.h"

struct daemon_options {
	const char *configuration; /* path; NULL: CONFIGURATION_PATH, which need not exist */
	const char *log_format; /* "text" or "json"; NULL: as configured */
	const char *socket; /* path of the engine's socket, for daemon_run() */
};

/* The path of the configuration file. */
const char *daemon_configuration_path(const struct daemon_options *options);

/* Reads the configuration as the daemon does, at its start and again on SIGHUP. Returns as
 * configuration_read(). */
int daemon_read_configuration(const struct daemon_options *options,
			      struct configuration *configuration, struct diagnostics *diagnostics);

/*
 * Runs until SIGTERM or SIGINT; SIGHUP reloads. All policies stay in force. What happens meanwhile
 * goes to the log.
 * @configuration: taken
 * Returns 0 or a negative errno.
 */
int daemon_run(const struct daemon_options *options, struct configuration *configuration);

#endif
