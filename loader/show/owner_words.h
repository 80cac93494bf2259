/* SPDX-License-Identifier: GPL-2.0-only */
/* Words about the owner of an attachment: its container, and the process that manages it. */
#ifndef PCTL_OWNER_WORDS_H
#define PCTL_OWNER_WORDS_H

#include <jansson.h>

#include "owner.h"

/* The container's name, or its id if it has no name; "": there is no container. */
const char *owner_name(const struct owner *owner);

/* The same, or the name of an interface that is followed by it. */
const char *owner_subject(const struct owner *owner);

/* Sets "container", "manager", "held", "why" and "policy_source" (docs/json.md). */
void owner_add_json(json_t *object, const struct owner *owner);

/* Only the value of "container". */
json_t *owner_container_json(const struct owner *owner);

#endif
