/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON on standard output. */
#ifndef PCTL_OUTPUT_H
#define PCTL_OUTPUT_H

#include <jansson.h>

/* Prints a value, indented, and a newline, and releases the value. NULL: there was no memory for
 * it. Returns EXIT_DONE, or EXIT_FAILED with a message. */
int output_json(json_t *value);

/* The same if `array` is NULL. Else adds the value to the array, which is printed later. */
int output_json_in(json_t *array, json_t *value);

#endif
