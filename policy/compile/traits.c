/* SPDX-License-Identifier: GPL-2.0-only */
#include "traits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "describe.h"
#include "diagnostics.h"
#include "protocols.h"
#include "ranges.h"

struct collector {
	struct traits *traits;
	const char *name; /* of the policy */
	struct diagnostics *diagnostics;
	struct intern keys; /* of peer lists, in the order of traits->lists */
	struct words scratch;
	const struct set **sorted; /* the policy's sets by their address */
	uint32_t *numbers; /* the numbers of these sets, in the same order */
};

static int by_pointer(const void *a, const void *b)
{
	uintptr_t left = (uintptr_t) * (const struct set *const *)a;
	uintptr_t right = (uintptr_t) * (const struct set *const *)b;

	return left < right ? -1 : left > right;
}

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static bool fits(const struct rule *rule, unsigned int protocol)
{
	if ((rule->dports.count || rule->sports.count) && !protocol_has_ports(protocol))
		return false;
	return !rule->types.count || protocol_is_icmp(protocol);
}

bool trait_covers(const struct traits *traits, size_t rule, unsigned int protocol)
{
	const struct rule *of = &traits->policy->rules[rule];

	return rule_is_ip(of) && ranges_match(&of->protocols, protocol) && fits(of, protocol);
}

static int too_many(const struct collector *collector, size_t rule, unsigned int limit,
		    const char *what)
{
	const struct policy *policy = collector->traits->policy;
	_cleanup_(freep) char *text = describe_rule(policy, rule);

	if (!text)
		return -ENOMEM;
	if (collector->diagnostics &&
	    diagnostics_add(collector->diagnostics, SEVERITY_ERROR, collector->name,
			    policy->rules[rule].place, 1, NULL,
			    "this policy uses more than %u %s: %s is one too many", limit, what,
			    text))
		return -ENOMEM;
	return -E2BIG;
}

/* Sets from files with the same content are one, and live sets with the same definition. */
static bool is_same(const struct set *a, const struct set *b)
{
	if (a == b || a->live || b->live)
		return a == b || sets_identical(a, b);
	return !memcmp(a->digest, b->digest, sizeof(a->digest));
}

/* Finds or adds a set from a file or a live set, and adds its bit. */
static int add_set_bit(const struct collector *collector, const struct set *set, uint32_t *bits)
{
	struct traits *traits = collector->traits;
	unsigned int number = 0;

	while (number < traits->set_count && !is_same(set, traits->sets[number]))
		number++;
	if (number == PCTL_SETS_MAX)
		return -E2BIG;
	if (number == traits->set_count)
		traits->sets[traits->set_count++] = set;
	*bits |= 1u << number;
	return 0;
}

static uint32_t number_of(const struct collector *collector, const struct set *set)
{
	size_t count = collector->traits->policy->set_count;
	const struct set **found =
		bsearch(&set, collector->sorted, count, sizeof(*found), by_pointer);

	return collector->numbers[found - collector->sorted];
}

/* The sets of a list that have a bit. -E2BIG: there are more than bits. */
static int find_bits(const struct collector *collector, const struct rule *rule,
		     struct peer_list *list)
{
	const struct peers *peers = &rule->peers;
	int error = 0;

	*list = (struct peer_list){ .peers = peers };
	for (size_t i = 0; i < peers->set_count && !error; i++)
		if (set_has_map(peers->sets[i]))
			error = add_set_bit(collector, peers->sets[i], &list->sets);
	for (size_t i = 0; i < rule->name_count && !error; i++)
		error = add_set_bit(collector, rule->names[i], &list->names);
	list->listed = list->sets || list->names;
	list->flags = peers_given(peers) ? PCTL_LIST_PEERS : 0;
	if (rule->name_count)
		list->flags |= (peers->negated ? PCTL_LIST_PEERS_NOT : 0) |
			       (rule->names_negated ? PCTL_LIST_NAMES_NOT : 0);
	return error;
}

/*
 * The key of a peer list: its sets in braces, sorted, its sets with a map and its names as bits,
 * its flags, and the rule's own prefixes. Equal keys are equal lists.
 */
static int write_key(struct collector *collector, const struct peer_list *list)
{
	const struct peers *peers = list->peers;
	struct words *key = &collector->scratch;
	const struct prefix *prefix;

	key->count = 0;
	if (words_reserve(key, peers->set_count + peers->prefixes.count * 5 + 4))
		return -ENOMEM;
	for (size_t i = 0; i < peers->set_count; i++)
		if (!set_has_map(peers->sets[i]))
			key->items[key->count++] = number_of(collector, peers->sets[i]);
	qsort(key->items, key->count, sizeof(*key->items), by_number);
	key->items[key->count++] = TRAIT_NONE;
	key->items[key->count++] = list->sets;
	key->items[key->count++] = list->names;
	key->items[key->count++] = list->flags;
	for (size_t i = 0; i < peers->prefixes.count; i++) {
		prefix = &peers->prefixes.items[i];
		key->items[key->count++] = (uint32_t)prefix->family << 8 | prefix->length;
		key->items[key->count++] = (uint32_t)(prefix->high >> 32);
		key->items[key->count++] = (uint32_t)prefix->high;
		key->items[key->count++] = (uint32_t)(prefix->low >> 32);
		key->items[key->count++] = (uint32_t)prefix->low;
	}
	return 0;
}

static int add_list(struct traits *traits, const struct peer_list *list)
{
	struct peer_list *lists = traits->lists;
	size_t count = traits->list_count;

	if (!(count & (count + 1))) { /* 0, 1, 3, 7, …: the array is full */
		lists = reallocarray(lists, 2 * (count + 1), sizeof(*lists));
		if (!lists)
			return -ENOMEM;
		traits->lists = lists;
	}
	lists[count] = *list;
	lists[count].number = list->listed ? traits->listed_count++ : 0;
	traits->list_count++;
	return 0;
}

static int collect_peers(struct collector *collector, size_t index)
{
	struct traits *traits = collector->traits;
	const struct rule *rule = &traits->policy->rules[index];
	struct trait *trait = &traits->rules[index];
	struct peer_list list;
	int error;

	trait->peers = TRAIT_NONE;
	if (!peers_given(&rule->peers) && !rule->name_count)
		return 0;
	error = find_bits(collector, rule, &list);
	if (error == -E2BIG)
		return too_many(collector, index, PCTL_SETS_MAX, "sets from files and live sets");
	if (!error)
		error = write_key(collector, &list);
	if (!error)
		error = intern_add(&collector->keys, collector->scratch.items,
				   collector->scratch.count, &trait->peers);
	if (!error && trait->peers == traits->list_count)
		error = add_list(traits, &list);
	if (error)
		return error;
	trait->listed = list.listed;
	trait->peers_negated = rule->peers.negated && !rule->name_count;
	if (traits->listed_count > PCTL_LISTS_MAX)
		return too_many(collector, index, PCTL_LISTS_MAX,
				"different peer lists with sets from files and live sets, or with "
				"`dns`");
	return 0;
}

static int collect_sources(struct collector *collector, size_t index)
{
	struct traits *traits = collector->traits;
	const struct rule *rule = &traits->policy->rules[index];
	_cleanup_(ranges_clear) struct ranges written = { 0 };
	struct trait *trait = &traits->rules[index];
	struct words *key = &collector->scratch;

	trait->sources = TRAIT_NONE;
	trait->sources_negated = rule->sports_negated;
	if (!rule->sports.count)
		return 0;
	if (rule->sports_negated ? ranges_complement(&rule->sports, UINT16_MAX, &written)
				 : ranges_copy(&written, &rule->sports))
		return -ENOMEM;
	key->count = 0;
	if (words_reserve(key, written.count))
		return -ENOMEM;
	for (size_t i = 0; i < written.count; i++)
		key->items[key->count++] =
			(uint32_t)written.items[i].low << 16 | written.items[i].high;
	return intern_add(&traits->sources, key->items, key->count, &trait->sources);
}

enum pctl_action action_of(enum verdict verdict, bool audit)
{
	if (verdict == VERDICT_ALLOW)
		return PCTL_PASS;
	if (verdict == VERDICT_REJECT)
		return audit ? PCTL_WOULD_REJECT : PCTL_REJECT;
	return audit ? PCTL_WOULD_DROP : PCTL_DROP;
}

static enum pctl_action action_of_rule(const struct policy *policy, const struct rule *rule)
{
	return action_of(rule->verdict, policy_audits_rule(policy, rule));
}

static uint32_t outcome_of(const struct rule *rule, size_t index, enum pctl_action action)
{
	return PCTL_OUTCOME(action, PCTL_SLOT_RULES + (uint32_t)index) |
	       (rule->log ? PCTL_LOG : 0) | (treatment_given(&rule->treatment) ? PCTL_TREATED : 0);
}

static int collect_rule(struct collector *collector, size_t index)
{
	const struct rule *rule = &collector->traits->policy->rules[index];
	struct trait *trait = &collector->traits->rules[index];
	int error;

	*trait = (struct trait){
		/* The programs have a look of their own for `spoofed`: no table is about it. */
		.directions = rule->spoofed ? 0 : (uint8_t)rule->directions,
		.arp = rule->arp,
		.ethertype = rule->ethertypes.count,
		.deny = verdict_denies(rule->verdict),
		.selectors = rule->dports.count || rule->types.count,
		.any = !rule->protocols.count,
		.vlans = rule->vlans.count,
		.established = rule->established,
	};
	trait->outcome = outcome_of(rule, index, action_of_rule(collector->traits->policy, rule));
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		if (trait_covers(collector->traits, index, protocol_selected[i]))
			trait->selected |= (uint8_t)(1u << i);
	error = collect_peers(collector, index);
	if (!error)
		error = collect_sources(collector, index);
	trait->asked = trait_is_ip(trait) && !trait_is_plain(trait) && !trait_is_row(trait);
	return error;
}

/* What is unknown matches every denial. One with `audit` passes it, whatever stands behind: so not
 * where a denial that is enforced does. */
static void find_takers(struct traits *traits)
{
	const struct policy *policy = traits->policy;
	unsigned int enforced = 0; /* directions in which something behind denies */

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		if (verdict_denies(policy->defaults[i]) && !policy_audits_default(policy, i))
			enforced |= 1u << i;
	for (size_t i = traits->count; i-- > 0;) {
		const struct rule *rule = &policy->rules[i];
		struct trait *trait = &traits->rules[i];
		bool audited = policy_audits_rule(policy, rule);

		trait->takes_unknown = trait->deny && !(audited && rule->directions & enforced);
		trait->takes_unknown_plane = trait->takes_unknown;
		if (trait->deny && !audited)
			enforced |= rule->directions;
	}
}

static int collect_all(struct collector *collector)
{
	struct traits *traits = collector->traits;
	const struct policy *policy = traits->policy;
	int error = 0;

	for (size_t i = 0; i < policy->set_count; i++)
		collector->sorted[i] = policy->sets[i];
	qsort(collector->sorted, policy->set_count, sizeof(*collector->sorted), by_pointer);
	for (uint32_t i = 0; i < policy->set_count; i++) {
		const struct set **at = bsearch(&policy->sets[i], collector->sorted,
						policy->set_count, sizeof(*at), by_pointer);

		collector->numbers[at - collector->sorted] = i;
	}
	for (size_t i = 0; !error && i < policy->count; i++)
		error = collect_rule(collector, i);
	if (!error)
		find_takers(traits);
	return error;
}

int traits_collect(struct traits *traits, const struct policy *policy, const char *name,
		   struct diagnostics *diagnostics)
{
	struct collector collector = { .traits = traits, .name = name, .diagnostics = diagnostics };
	int error = -ENOMEM;

	*traits = (struct traits){ .policy = policy, .count = policy->count };
	traits->rules = calloc(policy->count + 1, sizeof(*traits->rules));
	collector.sorted = calloc(policy->set_count + 1, sizeof(*collector.sorted));
	collector.numbers = calloc(policy->set_count + 1, sizeof(*collector.numbers));
	if (traits->rules && collector.sorted && collector.numbers)
		error = collect_all(&collector);
	intern_clear(&collector.keys);
	words_clear(&collector.scratch);
	free(collector.sorted);
	free(collector.numbers);
	if (error)
		traits_clear(traits);
	return error;
}

static bool matches_vlan(const struct trait *trait, const struct rule *rule, unsigned int vlan)
{
	if (!trait->vlans)
		return true;
	return vlan == PCTL_VLAN_UNKNOWN ? trait->takes_unknown_plane
					 : ranges_match(&rule->vlans, vlan);
}

static bool matches_established(const struct trait *trait, enum pctl_established established)
{
	if (!trait->established)
		return true;
	return established == PCTL_ESTABLISHED_YES ||
	       (established == PCTL_ESTABLISHED_UNKNOWN && trait->takes_unknown_plane);
}

static void select_always(struct traits *traits, size_t index)
{
	const struct rule *rule = &traits->policy->rules[index];
	struct trait *trait = &traits->rules[index];

	trait->takes_unknown = trait->takes_unknown_plane;
	trait->outcome = outcome_of(rule, index, action_of_rule(traits->policy, rule));
	trait->off = false;
}

/* A rule that may match a VLAN which XDP does not see is one that matches what is unknown, as a
 * denial does. So is one on connections, which depend on the VLAN. */
static void select_rule(struct traits *traits, size_t index, unsigned int vlan,
			enum pctl_established established)
{
	const struct rule *rule = &traits->policy->rules[index];
	struct trait *trait = &traits->rules[index];

	select_always(traits, index);
	if (vlan != PCTL_VLAN_UNSEEN) {
		trait->off = !matches_vlan(trait, rule, vlan) ||
			     !matches_established(trait, established);
		return;
	}
	trait->takes_unknown = true;
	trait->outcome = outcome_of(rule, index, PCTL_LEAVE);
}

void traits_select(struct traits *traits, unsigned int vlan, enum pctl_established established)
{
	for (size_t i = 0; i < traits->count; i++)
		if (traits->rules[i].vlans || traits->rules[i].established)
			select_rule(traits, i, vlan, established);
}

void traits_select_all(struct traits *traits)
{
	for (size_t i = 0; i < traits->count; i++)
		if (traits->rules[i].vlans || traits->rules[i].established)
			select_always(traits, i);
}

void traits_clear(struct traits *traits)
{
	free(traits->rules);
	free(traits->lists);
	intern_clear(&traits->sources);
	*traits = (struct traits){ 0 };
}
