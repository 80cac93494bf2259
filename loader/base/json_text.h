/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_JSON_TEXT_H
#define PCTL_JSON_TEXT_H

#include <jansson.h>

/* A JSON string. JSON is UTF-8, but a path or the name of an interface need not be: if a text is
 * not, each of its bytes above '~' becomes '?'. NULL: out of memory. */
json_t *json_text(const char *text);

/* The same, or null where the text is empty. */
json_t *json_text_or_null(const char *text);

/* The text of a value, malloc'd; NULL: out of memory. What a terminal must not get is escaped, as
 * JSON allows it in strings: a name in it may hold characters that turn text around.
 * @flags: of json_dumps() */
char *json_text_of(const json_t *value, size_t flags);

/* Prints it on standard output. 0, -ENOMEM, or -EIO. */
int json_text_print(const json_t *value, size_t flags);

#endif
