/* SPDX-License-Identifier: GPL-2.0-only */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers_warn.h"
#include "auditing.h"
#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "limits_warn.h"
#include "names_warn.h"
#include "neighbours.h"
#include "rejecting.h"
#include "shadow.h"
#include "spoofing.h"

/* Warnings beyond this number are only counted. */
#define MAX_HIDDEN 20

struct checker {
	const struct policy *policy;
	const char *name;
	struct diagnostics *diagnostics;
	struct traits traits;
	struct reachable reachable;
};

/* The packets that a shadowed rule still decides, in words; NULL: none. No packet whose fields
 * are all known reaches such a rule. */
static const char *describe_rest(const struct reachable *reachable, size_t index)
{
	if (reachable->unknown[index] && reachable->peer_unknown[index])
		return "what hides its port, protocol or peer, fragments and source routed "
		       "packets for example";
	if (reachable->unknown[index])
		return "what hides its port or protocol, fragments for example";
	if (reachable->peer_unknown[index])
		return "what hides its peer, source routed packets for example";
	if (reachable->frame[index])
		return "frames that are not known to be IP or ARP";
	return NULL;
}

/* The rule that shadows this one, in words: malloc'd, NULL without memory. */
static char *describe_hider(struct checker *checker, size_t index)
{
	_cleanup_(freep) char *text = NULL;
	char *description;
	size_t hider;
	bool alone;

	if (shadow_find(&checker->reachable, &checker->traits, index, &hider, &alone))
		return NULL;
	if (hider == index)
		return strdup("no packet is like that");
	text = describe_rule(checker->policy, hider);
	if (!text || asprintf(&description,
			      alone ? "%s comes before it and decides all its packets"
				    : "the rules before it together decide all its packets, the "
				      "first of them is %s",
			      text) < 0)
		return NULL;
	return description;
}

static int warn_hidden(struct checker *checker, size_t index)
{
	const struct rule *rule = &checker->policy->rules[index];
	const char *rest = describe_rest(&checker->reachable, index);
	_cleanup_(freep) char *hidden = describe_rule(checker->policy, index);
	_cleanup_(freep) char *hider = describe_hider(checker, index);

	if (!hidden || !hider)
		return -ENOMEM;
	return diagnostics_add(checker->diagnostics, SEVERITY_WARNING, checker->name, rule->place,
			       1, NULL, "%s is never reached: %s%s%s%s", hidden, hider,
			       rest ? "; it still " : "",
			       !rest					   ? ""
			       : !verdict_denies(rule->verdict)		   ? "lets pass "
			       : policy_audits_rule(checker->policy, rule) ? "would drop "
									   : "drops ",
			       rest ?: "");
}

static int warn_all_hidden(struct checker *checker)
{
	size_t hidden = 0;

	if (!checker->reachable.complete)
		return 0;
	for (size_t i = 0; i < checker->policy->count; i++) {
		if (checker->reachable.known[i] || checker->policy->rules[i].spoofed ||
		    hidden++ >= MAX_HIDDEN)
			continue;
		if (warn_hidden(checker, i))
			return -ENOMEM;
	}
	if (hidden <= MAX_HIDDEN)
		return 0;
	return diagnostics_add(checker->diagnostics, SEVERITY_WARNING, checker->name,
			       (struct place){ 0 }, 1, NULL, "%zu more rules are never reached",
			       hidden - MAX_HIDDEN);
}

/* Room for connections, and no rule that asks for them. */
static int warn_of_room(const struct policy *policy, const char *name,
			struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].established)
			return 0;
	if (!policy->connections)
		return 0;
	return diagnostics_add(diagnostics, SEVERITY_WARNING, name, policy->connections_place, 1,
			       NULL,
			       "`connections` changes nothing without a rule that says "
			       "`established`");
}

static void checker_clear(struct checker *checker)
{
	reachable_clear(&checker->reachable);
	traits_clear(&checker->traits);
}

int policy_check(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	_cleanup_(checker_clear) struct checker checker = {
		.policy = policy,
		.name = name,
		.diagnostics = diagnostics,
	};
	int error = traits_collect(&checker.traits, policy, name, NULL);

	if (error == -E2BIG) /* policy_compile() reports it, as an error */
		return 0;
	if (error || reachable_find(&checker.reachable, &checker.traits))
		return -ENOMEM;
	if (warn_all_hidden(&checker) || answers_warn(&checker.traits, name, diagnostics) ||
	    auditing_warn(&checker.reachable, &checker.traits, name, diagnostics) ||
	    neighbours_warn(policy, name, diagnostics) ||
	    rejecting_warn(policy, name, diagnostics) || spoofing_warn(policy, name, diagnostics) ||
	    limits_warn(policy, name, diagnostics) || names_warn(policy, name, diagnostics) ||
	    warn_of_room(policy, name, diagnostics))
		return -ENOMEM;
	return 0;
}
