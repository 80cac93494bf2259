/* SPDX-License-Identifier: GPL-2.0-only */
/* An interface that a gate holds, as JSON (docs/json.md), and the process that holds it. */
#ifndef PCTL_HELD_JSON_H
#define PCTL_HELD_JSON_H

#include <jansson.h>

#include "gate.h"

/* "the daemon", "a sidecar", "a process that is gone" */
const char *held_by(const struct held *held);

/* @name: of the interface now */
json_t *held_json(const struct held *held, const char *name);

#endif
