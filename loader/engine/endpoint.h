/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the API of the container engine is. */
#ifndef PCTL_ENDPOINT_H
#define PCTL_ENDPOINT_H

#define ENDPOINT_SIZE 108 /* of sockaddr_un.sun_path */
#define ENDPOINT_DEFAULT "/var/run/docker.sock"

/*
 * The path of its socket: `given` (--docker-socket, may be NULL), else DOCKER_HOST, else the
 * default. All may begin with unix://. -EINVAL with a message: not a local socket (containers of
 * another host have no veth here), or too long a path.
 */
int endpoint_find(const char *given, char path[ENDPOINT_SIZE]);

#endif
