/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Containers and networks from the JSON of a container engine. docker and podman differ in what
 * they leave out; such a field stays empty, unknown or 0. A field that is there must have the right
 * type: anything else is -EPROTO with a message, and the output is untouched.
 */
#ifndef PCTL_CONTAINER_JSON_H
#define PCTL_CONTAINER_JSON_H

#include "container.h"

/* GET /containers/ID/json. For the caller to clear. */
int container_parse(const char *text, size_t size, struct container *container);

/* GET /containers/json. It has neither pid nor power, and podman's not even the network mode. For
 * the caller to free with containers_free(). */
int containers_parse(const char *text, size_t size, struct container **items, size_t *count);

/* GET /networks of docker, /libpod/networks/json of podman: podman's own /networks does not name
 * the bridge, and renames one network. For the caller to free with networks_free(). */
int networks_parse(const char *text, size_t size, struct network **items, size_t *count);

#endif
