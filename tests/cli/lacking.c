// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into policyctl: the kernel lacks the kind of queue, device or action that $LACKING
 * names. What is sent to the kernel asks for another kind in its place, which no kernel has, so the
 * answer is the real one.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LONGEST 65536

typedef ssize_t send_function(int, const void *, size_t, int, const struct sockaddr *, socklen_t);

/* Kinds stand in netlink messages as strings, with their NUL. */
static void rename_kind(char *message, size_t length, const char *kind)
{
	size_t size = strlen(kind) + 1;
	char *at = message;

	while ((at = memmem(at, length - (size_t)(at - message), kind, size)))
		at[0] = '?';
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *address,
	       socklen_t address_length)
{
	send_function *next = (send_function *)dlsym(RTLD_NEXT, "sendto");
	const char *kind = getenv("LACKING");
	char message[LONGEST];

	if (!kind || length > sizeof(message))
		return next(fd, data, length, flags, address, address_length);
	memcpy(message, data, length);
	rename_kind(message, length, kind);
	return next(fd, message, length, flags, address, address_length);
}
