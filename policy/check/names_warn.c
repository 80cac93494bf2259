/* SPDX-License-Identifier: GPL-2.0-only */
#include "names_warn.h"

#include <errno.h>

#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "policy.h"

static bool has_names(const struct peers *peers)
{
	for (size_t i = 0; i < peers->set_count; i++)
		if (peers->sets[i]->live == PCTL_LIVE_DNS)
			return true;
	return false;
}

/* Where rules ask for connections at all, an address that has expired stays for packets of one. */
static bool asks_for_connections(const struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].established)
			return true;
	return false;
}

int names_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *text = NULL;
	size_t i = 0;

	while (i < policy->count &&
	       (policy->rules[i].verdict != VERDICT_ALLOW || policy->rules[i].peers.negated ||
		!has_names(&policy->rules[i].peers)))
		i++;
	if (i == policy->count || asks_for_connections(policy))
		return 0;
	text = describe_rule(policy, i);
	if (!text)
		return -ENOMEM;
	return diagnostics_add(diagnostics, SEVERITY_WARNING, name, policy->rules[i].place, 1, NULL,
			       "%s lets a connection pass until the TTL of its name ends, which "
			       "cuts it: `allow to established` lets it go on",
			       text);
}
