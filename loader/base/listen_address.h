/* SPDX-License-Identifier: GPL-2.0-only */
/* The address of a server, as it is written in a configuration. */
#ifndef PCTL_LISTEN_ADDRESS_H
#define PCTL_LISTEN_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct listen_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
		struct sockaddr_un local;
	};
	socklen_t length;
};

#define LISTEN_ADDRESS_FORMS "ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH"

/* Reads one of LISTEN_ADDRESS_FORMS: numbers, no names; PATH is absolute. -EINVAL: it is none. */
int listen_address_parse(const char *text, struct listen_address *address);

/*
 * A socket that listens there, non-blocking. A unix socket gets mode 0660. A socket file without a
 * listener is replaced; any other file of that name is not. Errors with a message.
 * @text: the address as it was written, for messages
 */
int listen_address_open(const struct listen_address *address, const char *text, int *fd);

#endif
