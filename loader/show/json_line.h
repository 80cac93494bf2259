/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_JSON_LINE_H
#define PCTL_JSON_LINE_H

#include <jansson.h>

/*
 * Prints an object on a line of its own on standard output, and releases it.
 * @digits: significant digits of real numbers
 * Returns -ENOMEM if the object is NULL, else 0; ferror(stdout) tells whether it could be written.
 */
int json_print_line(json_t *object, unsigned int digits);

#endif
