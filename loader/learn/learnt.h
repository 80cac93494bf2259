/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From flows to the rules that allow them. What nobody answered becomes no rule that allows: a scan
 * while something learns must not open what it found closed.
 */
#ifndef PCTL_LEARNT_H
#define PCTL_LEARNT_H

#include "flows.h"
#include "learnt_names.h"
#include "prefixes.h"
#include "ranges.h"

struct learnt_rule {
	bool unanswered; /* it is told, not allowed */
	uint8_t direction; /* enum pctl_direction */
	uint8_t kind; /* enum flow_kind */
	uint8_t protocol;
	struct ranges numbers; /* ports, types or ethertypes; none: the protocol as a whole */
	struct prefixes peers; /* normalised, none: all */
	size_t addresses; /* how many were seen */
	/* Names by which all of the peers were learnt, sorted; not owned. Else none. */
	const char **names;
	size_t name_count;
	bool widened; /* `peers` has more than was seen */
	bool one_way; /* some connection was never answered */
	struct flow_counts counts;
	uint64_t first, last; /* seconds since 1970 */
};

struct learnt {
	struct learnt_rule *rules; /* in the order in which they are written */
	size_t count;
	struct prefixes resolvers; /* whose answers the names are from, each once */
};

/* How much is joined. Each step makes fewer rules that allow more. */
enum learnt_width {
	LEARNT_EXACT, /* addresses as they were seen; ports too */
	LEARNT_JOINED, /* many neighbours become their network; many ephemeral ports their range */
	LEARNT_WIDE, /* as above with larger networks, and all peers where they are very many */
	LEARNT_WIDTHS,
};

/*
 * 0, or -ENOMEM. The caller clears *learnt in any case.
 * @names: in place of the addresses that they were learnt for, where the container opens; they are
 * to outlive *learnt. NULL: rules have addresses alone
 */
int learnt_make(const struct flows *flows, const struct learnt_names *names,
		enum learnt_width width, struct learnt *learnt);
void learnt_clear(struct learnt *learnt);

/* Was it seen once only: one connection, or one packet of what has none? */
bool learnt_once(const struct learnt_rule *rule);

#endif
