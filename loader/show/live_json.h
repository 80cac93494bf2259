/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets as JSON. */
#ifndef PCTL_LIVE_JSON_H
#define PCTL_LIVE_JSON_H

#include <jansson.h>

#include "live_view.h"

/* An entry of a set: address, where it is from, until when. */
json_t *live_member_json(const struct live_view *view, const struct live_member *member,
			 uint32_t now);

/* All live sets of a policy, with their members if they were read. */
json_t *live_json(const struct live_views *views);

#endif
