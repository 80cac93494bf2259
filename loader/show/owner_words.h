/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose an attachment is, in words. */
#ifndef PCTL_OWNER_WORDS_H
#define PCTL_OWNER_WORDS_H

#include <jansson.h>

#include "owner.h"

/* What to call the container; "": it has none. */
const char *owner_name(const struct owner *owner);

/* Says to whoever changes something at the interface who may change it back. */
void owner_notice(const struct owner *owner, const char *interface);

/* Sets "container", "manager", "held", "why" and "policy_source" (docs/json.md). */
void owner_add_json(json_t *object, const struct owner *owner);

/* The value of "container". */
json_t *owner_container_json(const struct owner *owner);

#endif
