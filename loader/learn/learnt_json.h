/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_LEARNT_JSON_H
#define PCTL_LEARNT_JSON_H

#include <jansson.h>

#include "learnt_text.h"

/* What was learnt, as docs/json.md has it. NULL: out of memory. */
json_t *learnt_json(const struct learnt *learnt, const struct flows *flows,
		    const struct learnt_about *about, const char *policy);

#endif
