/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Containers and networks from the JSON that a container engine answers with. docker and podman
 * differ in what they leave out; what is left out stays empty, unknown or 0. What is there has to
 * be of the right kind: anything else is -EPROTO with words, and the output is untouched.
 */
#ifndef PCTL_CONTAINER_JSON_H
#define PCTL_CONTAINER_JSON_H

#include "container.h"

/* GET /containers/ID/json. For the caller to clear. */
int container_parse(const char *text, size_t size, struct container *container);

/* GET /containers/json: neither tells pid and power, podman not even the mode. For the caller to
 * free with containers_free(). */
int containers_parse(const char *text, size_t size, struct container **items, size_t *count);

/* GET /networks of docker, /libpod/networks/json of podman: in podman's answer to /networks the
 * bridge is missing, and one is renamed. For the caller to free with networks_free(). */
int networks_parse(const char *text, size_t size, struct network **items, size_t *count);

#endif
