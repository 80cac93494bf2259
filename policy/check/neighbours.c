/* SPDX-License-Identifier: GPL-2.0-only */
#include "neighbours.h"

#include <errno.h>
#include <netinet/in.h>

#include "budget.h"
#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "implicit.h"

/* More warnings of a kind are not read. */
#define MAX_WARNINGS 20

enum { SOLICITATION = 135, ADVERTISEMENT = 136 };

/* The addresses that neighbour discovery uses beside those of the neighbours. */
static const struct scope {
	struct prefix block;
	struct prefix usual; /* an address in it, of the container's link */
	unsigned int directions; /* in which it is a peer */
} scopes[] = {
	{
		.block = { UINT64_C(0xfe80) << 48, 0, PCTL_IPV6, 10 },
		.usual = { UINT64_C(0xfe80) << 48, UINT64_C(0x42ac11fffe0001), PCTL_IPV6, 128 },
		.directions = POLICY_BOTH,
	},
	{
		.block = { UINT64_C(0xff02) << 48, 0, PCTL_IPV6, 16 },
		/* A solicited-node address, ff02::1:ff00:1 (RFC 4291 section 2.7.1). */
		.usual = { UINT64_C(0xff02) << 48, UINT64_C(0x1ff000001), PCTL_IPV6, 128 },
		.directions = 1u << PCTL_FROM, /* nobody sends from there */
	},
};

#define SCOPES (sizeof(scopes) / sizeof(scopes[0]))

struct checker {
	const struct policy *policy;
	const char *name;
	struct diagnostics *diagnostics;
	uint64_t tests; /* left */
};

/* Of a set whose file is not loaded nothing is known: it is taken to hold nothing. */
static bool holds(const struct peers *peers, const struct prefix *address)
{
	if (prefixes_hold(&peers->prefixes, address))
		return true;
	for (size_t i = 0; i < peers->set_count; i++)
		if (prefixes_hold(&peers->sets[i]->prefixes, address))
			return true;
	return false;
}

static bool matches(const struct rule *rule, enum pctl_direction direction, unsigned int type,
		    const struct prefix *peer)
{
	if (!rule_is_ip(rule) || rule->vlans.count || !(rule->directions & 1u << direction) ||
	    rule->dports.count || rule->sports.count || rule->codes.count)
		return false;
	return ranges_match(&rule->protocols, IPPROTO_ICMPV6) && ranges_match(&rule->types, type) &&
	       (!peers_given(&rule->peers) || holds(&rule->peers, peer) != rule->peers.negated);
}

/* Whether it is this rule that decides. */
static bool decides(struct checker *checker, size_t index, enum pctl_direction direction,
		    unsigned int type, const struct prefix *peer)
{
	for (size_t i = 0; i <= index && checker->tests; i++, checker->tests--)
		if (matches(&checker->policy->rules[i], direction, type, peer))
			return i == index;
	return false;
}

/* An address of the scope that the rule's list speaks of. False: there is none. */
static bool find_address(const struct peers *peers, const struct scope *scope,
			 struct prefix *address)
{
	const struct prefix *found = prefixes_find_overlap(&peers->prefixes, &scope->block);

	for (size_t i = 0; !found && i < peers->set_count; i++)
		found = prefixes_find_overlap(&peers->sets[i]->prefixes, &scope->block);
	*address = scope->usual;
	if (peers->negated || !found || prefix_holds(found, &scope->usual))
		return peers->negated || found;
	*address = *found; /* it is inside of the scope */
	address->length = 128;
	return true;
}

/* The directions in which a rule drops neighbour discovery with addresses of a scope. */
static unsigned int find_dropped(struct checker *checker, size_t index, const struct scope *scope)
{
	const struct rule *rule = &checker->policy->rules[index];
	unsigned int dropped = 0;
	struct prefix address;

	if (!find_address(&rule->peers, scope, &address))
		return 0;
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		if (scope->directions & rule->directions & 1u << i &&
		    (decides(checker, index, i, SOLICITATION, &address) ||
		     decides(checker, index, i, ADVERTISEMENT, &address)))
			dropped |= 1u << i;
	return dropped;
}

static const char *discovery(void)
{
	size_t i = 0;

	while (policy_implicit_rules[i].slot != PCTL_SLOT_KEEP_ND)
		i++;
	return policy_implicit_rules[i].text;
}

static const char *direction_words(unsigned int directions)
{
	if (directions == POLICY_BOTH)
		return "";
	return directions == 1u << PCTL_FROM ? "from " : "to ";
}

/* 1: it warned; 0, -ENOMEM. */
static int warn(struct checker *checker, size_t index)
{
	static const char *const words[] = { NULL, "link-local", "multicast",
					     "link-local and multicast" };
	const struct rule *rule = &checker->policy->rules[index];
	unsigned int dropped[SCOPES], all = 0;
	_cleanup_(freep) char *text = NULL;

	for (size_t i = 0; i < SCOPES; i++)
		all |= dropped[i] = find_dropped(checker, index, &scopes[i]);
	if (!all)
		return 0;
	text = describe_rule(checker->policy, index);
	if (!text || diagnostics_add(checker->diagnostics, SEVERITY_WARNING, checker->name,
				     rule->place, 1, NULL,
				     "%s also drops neighbour discovery with %s addresses, and "
				     "without it IPv6 ends within seconds: `allow %s%s` above this "
				     "rule lets it pass",
				     text, words[(dropped[0] ? 1 : 0) + (dropped[1] ? 2 : 0)],
				     direction_words(all), discovery()))
		return -ENOMEM;
	return 1;
}

int neighbours_warn(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	struct checker checker = { policy, name, diagnostics, BUDGET_TESTS };
	int warnings = 0, result;

	for (size_t i = 0; i < policy->count && warnings < MAX_WARNINGS; i++) {
		if (!verdict_denies(policy->rules[i].verdict) || policy->rules[i].types.count ||
		    !peers_given(&policy->rules[i].peers))
			continue;
		result = warn(&checker, i);
		if (result < 0)
			return result;
		warnings += result;
	}
	return 0;
}
