/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet that was seen, as JSON (docs/json.md, `monitor`). */
#ifndef PCTL_PACKET_JSON_H
#define PCTL_PACKET_JSON_H

#include <jansson.h>

#include "observe.h"

/* The caller's; NULL without memory. */
json_t *packet_json(const struct observation *observation);

#endif
