/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration and the engine that daemon and sidecar are given, with messages and exit
 * statuses. */
#ifndef PCTL_CONFIGURATION_ARGUMENTS_H
#define PCTL_CONFIGURATION_ARGUMENTS_H

#include "arguments.h"
#include "configuration.h"
#include "endpoint.h"

/*
 * Prints the diagnostics of a configuration, and clears them.
 * @error: what reading it returned
 * Returns EXIT_DONE or, with a message, EXIT_USAGE.
 */
int configuration_status(int error, struct diagnostics *diagnostics);

/* Finds the engine's socket: that of --docker-socket, else the configured one, else the default.
 * Returns EXIT_DONE or, with a message, EXIT_USAGE. */
int socket_from_arguments(const struct arguments *arguments,
			  const struct configuration *configuration, char socket[ENDPOINT_SIZE]);

#endif
