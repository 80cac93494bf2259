// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "error.h"

#define SCHEME "unix://"

/* @origin: what named it, for messages */
static int take(const char *origin, const char *given, char path[ENDPOINT_SIZE])
{
	const char *file = given;

	if (!strncmp(given, SCHEME, strlen(SCHEME)))
		file += strlen(SCHEME);
	if (!*file)
		return error_set(-EINVAL, "%s names no socket", origin);
	if (strstr(file, "://"))
		return error_set(-EINVAL,
				 "%s: '%s' is not a socket of this host, and containers of "
				 "another host have no veth here",
				 origin, given);
	if (strlen(file) >= ENDPOINT_SIZE)
		return error_set(-EINVAL, "%s: a socket's path has at most %d bytes: '%s'", origin,
				 ENDPOINT_SIZE - 1, file);
	strcpy(path, file);
	return 0;
}

int endpoint_find(const char *given, char path[ENDPOINT_SIZE])
{
	const char *environment = getenv("DOCKER_HOST");

	if (given)
		return take("--docker-socket", given, path);
	if (environment && *environment)
		return take("DOCKER_HOST", environment, path);
	return take("the default", ENDPOINT_DEFAULT, path);
}
