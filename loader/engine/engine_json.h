/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON of a container engine. */
#ifndef PCTL_ENGINE_JSON_H
#define PCTL_ENGINE_JSON_H

#include <jansson.h>

/*
 * For the caller to decref. -EPROTO with words.
 *
 * A NUL character in a string, which docker lets labels have, is read as U+FFFD: jansson would
 * refuse the whole answer, and cut off there "tcp\0 udp" would read as something that it is not.
 */
int engine_json_load(const char *text, size_t size, json_t **json);

#endif
