// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "listen_address.h"
#include "util.h"

#define LOCAL_SCHEME "unix:"

static int parse_local(const char *path, struct listen_address *address)
{
	if (*path != '/' || strlen(path) >= sizeof(address->local.sun_path))
		return -EINVAL;
	address->local.sun_family = AF_UNIX;
	strcpy(address->local.sun_path, path);
	address->length = sizeof(address->local);
	return 0;
}

static bool parse_port(const char *digits, in_port_t *port)
{
	unsigned long number;
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	number = strtoul(digits, &end, 10);
	*port = htons(number);
	return !*end && number > 0 && number <= UINT16_MAX;
}

static int parse_ipv4(const char *host, const char *port, struct listen_address *address)
{
	address->ipv4.sin_family = AF_INET;
	address->length = sizeof(address->ipv4);
	return inet_pton(AF_INET, host, &address->ipv4.sin_addr) == 1 &&
			       parse_port(port, &address->ipv4.sin_port)
		       ? 0
		       : -EINVAL;
}

static int parse_ipv6(char *host, const char *port, struct listen_address *address)
{
	size_t length = strlen(host);

	if (host[length - 1] != ']')
		return -EINVAL;
	host[length - 1] = '\0';
	address->ipv6.sin6_family = AF_INET6;
	address->length = sizeof(address->ipv6);
	return inet_pton(AF_INET6, host + 1, &address->ipv6.sin6_addr) == 1 &&
			       parse_port(port, &address->ipv6.sin6_port)
		       ? 0
		       : -EINVAL;
}

int listen_address_parse(const char *text, struct listen_address *address)
{
	struct listen_address new = {};
	char host[INET6_ADDRSTRLEN + 2]; /* and brackets */
	const char *colon = strrchr(text, ':');
	int error;

	if (!strncmp(text, LOCAL_SCHEME, strlen(LOCAL_SCHEME))) {
		error = parse_local(text + strlen(LOCAL_SCHEME), &new);
	} else if (!colon || (size_t)(colon - text) >= sizeof(host)) {
		error = -EINVAL;
	} else {
		memcpy(host, text, colon - text);
		host[colon - text] = '\0';
		error = *host == '[' ? parse_ipv6(host, colon + 1, &new)
				     : parse_ipv4(host, colon + 1, &new);
	}
	if (!error)
		*address = new;
	return error;
}

/* --- listening --- */

static int new_socket(const struct listen_address *address)
{
	return socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket file without a listener: that one was killed. */
static bool is_stale(const struct listen_address *address)
{
	_cleanup_(closep) int fd = new_socket(address);
	struct stat status;

	return fd >= 0 && !lstat(address->local.sun_path, &status) && S_ISSOCK(status.st_mode) &&
	       connect(fd, &address->any, address->length) && errno == ECONNREFUSED;
}

static int bind_local(int fd, const struct listen_address *address)
{
	const char *path = address->local.sun_path;

	if (fchmod(fd, 0600)) /* until chmod(), no other user may connect */
		return -errno;
	if (bind(fd, &address->any, address->length) &&
	    (errno != EADDRINUSE || !is_stale(address) || unlink(path) ||
	     bind(fd, &address->any, address->length)))
		return -errno;
	return chmod(path, 0660) ? -errno : 0;
}

/* Connections of an earlier daemon may linger. */
static int bind_internet(int fd, const struct listen_address *address)
{
	const int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
			       bind(fd, &address->any, address->length)
		       ? -errno
		       : 0;
}

int listen_address_open(const struct listen_address *address, const char *text, int *fd)
{
	_cleanup_(closep) int new = new_socket(address);
	int error = new < 0 ? -errno : 0;

	if (!error)
		error = address->any.sa_family == AF_UNIX ? bind_local(new, address)
							  : bind_internet(new, address);
	if (!error && listen(new, SOMAXCONN))
		error = -errno;
	if (error)
		return error_set(error, "%s: %s", text, strerror(-error));
	*fd = TAKE_FD(new);
	return 0;
}
