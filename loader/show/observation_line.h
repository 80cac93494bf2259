/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet that was seen, as a line on standard output (docs/monitor.md, docs/json.md). */
#ifndef PCTL_OBSERVATION_LINE_H
#define PCTL_OBSERVATION_LINE_H

#include <jansson.h>

#include "observe.h"

void observation_print(const struct observation *observation);
int observation_print_json(const struct observation *observation); /* 0 or -ENOMEM */

/* Prints an object on a line of its own, and takes it. 0, or -ENOMEM where it is NULL. */
int json_print_line(json_t *object);

#endif
