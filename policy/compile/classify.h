/* SPDX-License-Identifier: GPL-2.0-only */
/* One direction of a policy, taken apart into classes: of source ports, of peers, and services.
 * What becomes tables (compile.c) and what tells which rules are reached (check/reachable.c) is
 * read off here. */
#ifndef PCTL_CLASSIFY_H
#define PCTL_CLASSIFY_H

#include "canvas.h"
#include "protocols.h"
#include "services.h"

struct classification {
	const struct traits *traits;
	enum pctl_direction direction;
	struct peer_classes peers;
	struct by_class by_class; /* scratch, for the callers */
	struct rows rows;
	struct source_classes sources;
	struct services services;
	/* Outcomes: PASS, DROP or CLASS, and in by_protocol SELECT. */
	uint32_t ip; /* known to be IP, the protocol unknown */
	uint32_t by_protocol[256];
	uint32_t selector_unknown[PROTOCOL_SELECTED_COUNT]; /* of a SELECT */
	uint32_t plain[256]; /* by rules that match a whole protocol, without another field */
};

/* Called with the outcomes of all selectors of a protocol. 0 or a negative errno. */
typedef int (*classify_fn)(void *data, const struct classification *classification,
			   enum pctl_selected which, const uint32_t outcomes[SELECTORS]);

/*
 * @services_before: how many services the other direction has
 * @fn: called for each protocol that is a SELECT
 * 0; -ENOMEM; -E2BIG: *budget says why; or what @fn returned. The caller clears the classification
 * after 0 only.
 */
int classify(struct classification *classification, const struct traits *traits,
	     enum pctl_direction direction, uint32_t services_before, struct budget *budget,
	     classify_fn fn, void *data);
void classification_clear(struct classification *classification);

#endif
