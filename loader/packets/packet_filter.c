// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "evaluate.h"
#include "packet_filter.h"
#include "policy.h"

void packet_filter_free(struct packet_filter *filter)
{
	if (!filter)
		return;
	policy_free(filter->rules[0]);
	policy_free(filter->rules[1]);
	policy_free(filter->host);
	free(filter);
}

/* Cannot fail, since the policy has no sets and no fragments are remembered. */
static bool matches(const struct policy *policy, enum pctl_direction direction,
		    const struct packet_fields *fields)
{
	struct evaluation evaluation;

	return policy && !policy_evaluate(policy, direction, fields, NULL, NULL, &evaluation) &&
	       verdict_denies(evaluation.verdict);
}

/* If it is unknown what decided, it may be what is asked for. */
static bool decider_fits(const struct packet_filter *filter, const struct observation *o)
{
	if (!filter->has_decider || o->decided_by == DECIDED_BY_UNKNOWN)
		return true;
	if (filter->decided_by != o->decided_by)
		return false;
	return o->decided_by != DECIDED_BY_RULE || o->rule->id == filter->rule;
}

static bool verdict_fits(enum filter_verdict wanted, const struct observation *o)
{
	switch (wanted) {
	case FILTER_PASS:
		return o->verdict == VERDICT_ALLOW;
	case FILTER_DROP:
		return verdict_denies(o->verdict) && !o->audit;
	case FILTER_REJECT:
		return o->verdict == VERDICT_REJECT && !o->audit;
	case FILTER_AUDIT:
		return o->audit;
	}
	return false;
}

bool packet_filter_fits(const struct packet_filter *filter, const struct observation *o)
{
	struct packet_fields fields;

	if (filter->has_verdict && !verdict_fits(filter->verdict, o))
		return false;
	if (filter->log && !o->log)
		return false;
	if (filter->unknown &&
	    (o->reason == PCTL_REASON_NONE || (filter->reason >= 0 && filter->reason != o->reason)))
		return false;
	if (!decider_fits(filter, o))
		return false;
	if (!filter->rules[0] && !filter->host)
		return true;
	/* A field that was not captured is as unknown as one that the packet does not have. */
	packet_fields_read(o->frame, o->captured, &fields);
	if (filter->rules[0] && !matches(filter->rules[0], o->direction, &fields) &&
	    !matches(filter->rules[1], o->direction, &fields))
		return false;
	return !filter->host || matches(filter->host, PCTL_FROM, &fields) ||
	       matches(filter->host, PCTL_TO, &fields);
}
