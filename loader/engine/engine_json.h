/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON of a container engine. */
#ifndef PCTL_ENGINE_JSON_H
#define PCTL_ENGINE_JSON_H

#include <jansson.h>

/*
 * For the caller to decref. -EPROTO with a message.
 *
 * docker allows NUL characters in labels. One is read as U+FFFD: jansson would refuse the whole
 * answer, and "tcp\0 udp" must not be cut to "tcp".
 */
int engine_json_load(const char *text, size_t size, json_t **json);

#endif
