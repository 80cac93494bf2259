/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CONNECTION_JSON_H
#define PCTL_CONNECTION_JSON_H

#include <jansson.h>

#include "attachment.h"
#include "connection_table.h"
#include "live_view.h"
#include "policy.h"
#include "print.h"

/* The connections of one attachment, with what let them begin. The pointers are not owned. */
struct connections_view {
	const struct attachment *attachment;
	const struct connections *connections;
	const struct policy *policy; /* in force */
	const struct rule_texts *texts; /* of its rules */
	const struct live_maps *maps; /* of its live sets; NULL: they are not asked */
	const struct live_asked *live;
};

/* What let a connection begin, in words: "rule 3: allow from tcp dport 443", "default from allow".
 */
#define CONNECTION_DECIDER_TEXT 256
void connection_decider_text(const struct connections_view *view,
			     const struct connection *connection,
			     char text[CONNECTION_DECIDER_TEXT]);

/* The live sets in which its peer is. @findings: room for PCTL_SETS_MAX. Returns how many. */
uint32_t connection_live(const struct connections_view *view, const struct connection *connection,
			 struct live_finding *findings);

/* One of them, as docs/json.md says; NULL without memory. */
json_t *connection_json(const struct connections_view *view, const struct connection *connection);

#endif
