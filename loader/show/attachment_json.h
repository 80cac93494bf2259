/* SPDX-License-Identifier: GPL-2.0-only */
/* An attachment as JSON (docs/json.md): attach, apply, list, show and stats use the same words. */
#ifndef PCTL_ATTACHMENT_JSON_H
#define PCTL_ATTACHMENT_JSON_H

#include <jansson.h>

#include "attachment_view.h"

json_t *attachment_json(const struct attachment_view *view); /* list, attach, apply */
json_t *attachment_json_policy(const struct attachment_view *view); /* show */
json_t *attachment_json_stats(const struct attachment_view *view); /* stats */

#endif
