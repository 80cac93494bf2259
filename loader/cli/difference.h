/* SPDX-License-Identifier: GPL-2.0-only */
/* How two policies differ whose rules have their ids: what apply, diff, deny, allow and delete
 * print. */
#ifndef PCTL_DIFFERENCE_H
#define PCTL_DIFFERENCE_H

#include <jansson.h>

#include "policy.h"

/* Prints rules, sets and defaults that differ, a line each. */
void difference_print(const struct policy *old, const struct policy *new);

/* The same as an object (docs/json.md), for the caller to free. */
json_t *difference_json(const struct policy *old, const struct policy *new);

#endif
