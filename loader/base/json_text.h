/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_JSON_TEXT_H
#define PCTL_JSON_TEXT_H

#include <jansson.h>

/* A JSON string. JSON must be UTF-8, which a path or the name of an interface need not be: of a
 * text that is not UTF-8 every byte above '~' becomes '?'. NULL: out of memory. */
json_t *json_text(const char *text);

/* The same, or null where the text is empty. */
json_t *json_text_or_null(const char *text);

#endif
