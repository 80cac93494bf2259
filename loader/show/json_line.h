/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_JSON_LINE_H
#define PCTL_JSON_LINE_H

#include <jansson.h>

/*
 * Prints an object on a line of its own on standard output, and takes it.
 * @digits: of real numbers
 * Returns 0, also where standard output cannot be written, or -ENOMEM where the object is NULL.
 */
int json_print_line(json_t *object, unsigned int digits);

#endif
