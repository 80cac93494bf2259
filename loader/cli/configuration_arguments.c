// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "configuration_arguments.h"
#include "diagnostics_text.h"

int configuration_status(int error, struct diagnostics *diagnostics)
{
	diagnostics_write(stderr, diagnostics, NULL);
	diagnostics_clear(diagnostics);
	if (error && error != -EINVAL)
		command_failed(NULL, error, NULL);
	return error ? EXIT_USAGE : EXIT_DONE;
}

int socket_from_arguments(const struct arguments *arguments,
			  const struct configuration *configuration, char socket[ENDPOINT_SIZE])
{
	const char *given = configuration->docker_socket;
	int error;

	arguments_have(arguments, "docker-socket", &given);
	error = endpoint_find(given, socket);
	if (!error)
		return EXIT_DONE;
	command_failed(NULL, error, NULL);
	return EXIT_USAGE;
}
