/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets as JSON. */
#ifndef PCTL_LIVE_JSON_H
#define PCTL_LIVE_JSON_H

#include <jansson.h>

#include "live_view.h"

/* An entry of a set: address, where it is from, until when. */
json_t *live_member_json(const struct live_view *view, const struct live_member *member,
			 uint32_t now);

/* Sets in which an address is, or may be: `live_sets` of a packet's peer. @address: in network
 * order; of IPv4 the first 4 bytes, the rest is not read */
json_t *live_findings_json(const struct live_finding *findings, uint32_t count,
			   enum pctl_family family, const uint8_t *address);

/* All live sets of a policy, with their members if they were read. */
json_t *live_json(const struct live_views *views);

#endif
