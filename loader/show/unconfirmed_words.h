/* SPDX-License-Identifier: GPL-2.0-only */
/* What waits to be confirmed, as JSON and in words. */
#ifndef PCTL_UNCONFIRMED_WORDS_H
#define PCTL_UNCONFIRMED_WORDS_H

#include <jansson.h>

#include "pending.h"

#define UNCONFIRMED_WORDS 160

/* "back to the policy before in 23 s, by process 812", "detached in 3 s, by process 812". */
void unconfirmed_words(const struct pending *pending, char words[UNCONFIRMED_WORDS]);

/* docs/json.md; null where nothing waits. */
json_t *unconfirmed_json(const struct pending *pending);

#endif
