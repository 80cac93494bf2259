/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket of the container engine's API. */
#ifndef PCTL_ENDPOINT_H
#define PCTL_ENDPOINT_H

#define ENDPOINT_SIZE 108 /* of sockaddr_un.sun_path */
#define ENDPOINT_DEFAULT "/var/run/docker.sock"

/*
 * Finds its path: `given` (of --docker-socket, may be NULL), else DOCKER_HOST, else the default.
 * All may begin with unix://. -EINVAL with a message: the path is too long, or it is no local
 * socket. Containers of another host have no veth here.
 */
int endpoint_find(const char *given, char path[ENDPOINT_SIZE]);

#endif
