/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet that was seen, as JSON (docs/json.md, `monitor`). */
#ifndef PCTL_OBSERVATION_JSON_H
#define PCTL_OBSERVATION_JSON_H

#include <jansson.h>

#include "observation.h"

/* The caller releases the object; NULL without memory. */
json_t *observation_json(const struct observation *observation);

/* Prints it as a line on standard output. 0 or -ENOMEM. */
int observation_print_json(const struct observation *observation);

#endif
