/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filter of observed packets. It asks for fields, as a rule of the policy language does behind
 * its verdict, and for what became of the packet. packet_filter_parse.h makes a filter from words.
 *
 * All conditions must hold. A condition on a field that is unknown holds, as in a deny rule: a
 * later fragment, which has no ports, fits any port.
 */
#ifndef PCTL_PACKET_FILTER_H
#define PCTL_PACKET_FILTER_H

#include "observation.h"

struct policy;

enum filter_verdict {
	FILTER_PASS, /* allowed */
	FILTER_DROP, /* dropped, rejected too */
	FILTER_REJECT,
	FILTER_AUDIT, /* passed, and would be dropped or rejected */
};

struct packet_filter {
	struct policy *rules[2]; /* of one deny rule each, one of which must match; NULL: none */
	struct policy *host; /* of one deny rule for the address of either end; NULL: none */
	bool has_verdict;
	enum filter_verdict verdict;
	bool has_decider; /* `decided_by` is asked for */
	enum decided_by decided_by;
	uint32_t rule; /* DECIDED_BY_RULE: its id */
	bool log; /* the rule must say `log` */
	bool unknown; /* a field must have been unknown, */
	int reason; /* for this reason; -1: for any */
};

bool packet_filter_fits(const struct packet_filter *filter, const struct observation *observation);

void packet_filter_free(struct packet_filter *filter); /* may be NULL */

static inline void packet_filter_freep(struct packet_filter **filter) /* for _cleanup_ */
{
	packet_filter_free(*filter);
}

#endif
