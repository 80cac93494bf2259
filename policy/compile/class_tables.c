/* SPDX-License-Identifier: GPL-2.0-only */
#include "class_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "cleanup.h"
#include "decide.h"
#include "prefix.h"
#include "prefixes.h"

/* State while one direction is added. */
struct adding {
	struct class_tables *tables;
	struct compiled *out;
	struct classification *from;
	struct budget *budget;
	uint32_t rows_base; /* of this direction in peer_rules */
	uint32_t *results; /* per peer class: its result in the trie */
};

/* --- services and pairs --- */

/* Blames the rule that needs a pair: the one that decides it, or the one that decides all
 * others. */
static void blame_pair(const struct adding *adding, uint32_t outcome)
{
	const struct trait *rules = adding->from->traits->rules;
	size_t rule;

	if (outcome_rule(outcome, &rule) && rules[rule].peers != TRAIT_NONE)
		budget_blame(adding->budget, rule, 1);
	else if (outcome_rule(adding->from->by_class.otherwise, &rule))
		budget_blame(adding->budget, rule, 1);
}

/* Whether the row's outcome comes before that of the pair and before `otherwise`. */
static bool row_comes_first(const struct adding *adding, uint32_t row, uint32_t class,
			    uint32_t outcome)
{
	uint32_t by_row = rows_outcome(&adding->from->rows, row, class);

	return by_row && PCTL_OUTCOME_RANK(by_row) < PCTL_OUTCOME_RANK(outcome) &&
	       PCTL_OUTCOME_RANK(by_row) < PCTL_OUTCOME_RANK(adding->from->by_class.otherwise);
}

/* Adds a pair for a class, if the outcome of by_class needs one. *added: it did. */
static int add_pair(struct adding *adding, uint32_t service, uint32_t row, uint32_t class,
		    bool *added)
{
	const struct by_class *by_class = &adding->from->by_class;
	uint32_t outcome = by_class_outcome(by_class, class);
	struct compiled *out = adding->out;
	struct pctl_pair_key *keys;

	if (outcome == by_class->otherwise || row_comes_first(adding, row, class, outcome))
		return 0;
	blame_pair(adding, outcome);
	if (budget_allows(adding->budget, out->pair_count + 1, BUDGET_PAIRS,
			  "pairs of a service and a class of addresses"))
		return -E2BIG;
	keys = array_grow(out->pair_keys, out->pair_count, &adding->tables->pair_capacity,
			  sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	out->pair_keys = keys;
	if (words_add(&adding->tables->pair_outcomes, outcome))
		return -ENOMEM;
	keys[out->pair_count++] = (struct pctl_pair_key){ .service = service, .peer = class };
	adding->results[class] |= PCTL_RESULT_PAIRS;
	*added = true;
	return 0;
}

static int add_pairs(struct adding *adding, uint32_t service, uint32_t row, bool *added)
{
	const struct by_class *by_class = &adding->from->by_class;
	int error;

	error = add_pair(adding, service, row, CLASS_UNKNOWN, added);
	for (size_t i = 0; !error && i < by_class->touched_count; i++)
		error = add_pair(adding, service, row, by_class->touched[i], added);
	return error;
}

/* The outcomes of a service's rules by membership, for each list; returns the lists that have
 * any. */
static uint32_t decide_lists(const struct traits *traits, const struct content *content,
			     struct pctl_list_rule *rules)
{
	const struct trait *trait;
	uint32_t lists = 0, *outcomes, number, membership;

	for (size_t i = 0; i < content->count; i++) {
		trait = &traits->rules[content->rules[i]];
		if (!trait->listed)
			continue;
		number = traits->lists[trait->peers].number;
		outcomes = rules[number].outcomes;
		membership = trait->peers_negated ? PCTL_OUTSIDE : PCTL_INSIDE;
		if (!outcomes[membership])
			outcomes[membership] = trait->outcome;
		if (trait->takes_unknown && !outcomes[PCTL_MEMBERSHIP_UNKNOWN])
			outcomes[PCTL_MEMBERSHIP_UNKNOWN] = trait->outcome;
		lists |= 1u << number;
	}
	return lists;
}

/* Adds the service's outcomes to list_rules: one element for each list. */
static int add_lists(struct adding *adding, const struct content *content, uint32_t *lists)
{
	struct compiled *out = adding->out;
	const struct traits *traits = adding->from->traits;
	size_t wanted = out->list_rule_count + traits->listed_count;
	struct pctl_list_rule *rules;

	*lists = 0;
	if (!traits->listed_count)
		return 0;
	for (size_t i = 0; i < content->count; i++)
		budget_blame(adding->budget, content->rules[i], traits->listed_count);
	if (budget_allows(adding->budget, wanted, BUDGET_LIST_RULES,
			  "pairs of a service and a peer list"))
		return -E2BIG;
	while (wanted > adding->tables->list_capacity) {
		rules = array_grow(out->list_rules, adding->tables->list_capacity,
				   &adding->tables->list_capacity, sizeof(*rules));
		if (!rules)
			return -ENOMEM;
		out->list_rules = rules;
	}
	rules = out->list_rules + out->list_rule_count;
	memset(rules, 0, traits->listed_count * sizeof(*rules));
	*lists = decide_lists(traits, content, rules);
	out->list_rule_count = wanted;
	return 0;
}

static int collect_paired(struct words *paired, const struct traits *traits,
			  const struct content *content)
{
	paired->count = 0;
	for (size_t i = 0; i < content->count; i++)
		if (!traits->rules[content->rules[i]].listed &&
		    words_add(paired, content->rules[i]))
			return -ENOMEM;
	return 0;
}

static int add_service(struct adding *adding, size_t index)
{
	struct classification *from = adding->from;
	struct compiled *out = adding->out;
	const struct content content = services_content(&from->services, index);
	struct words *paired = &adding->tables->paired;
	struct pctl_service *services, service = { 0 };
	bool pairs = false;
	int error;

	services = array_grow(out->services, out->service_count, &adding->tables->service_capacity,
			      sizeof(*services));
	if (!services)
		return -ENOMEM;
	out->services = services;
	error = collect_paired(paired, from->traits, &content);
	if (!error)
		error = by_class_decide(&from->by_class, paired->items, paired->count,
					content.plain);
	if (!error)
		error = add_pairs(adding, (uint32_t)out->service_count, content.row, &pairs);
	if (!error)
		error = add_lists(adding, &content, &service.lists);
	if (error)
		return error;
	service.otherwise = from->by_class.otherwise;
	if (content.row != ROW_NONE)
		service.row = adding->rows_base + content.row * from->peers.count;
	service.flags = (from->services.items[index].refined ? PCTL_SERVICE_SOURCE : 0) |
			(pairs ? PCTL_SERVICE_PAIRS : 0) |
			(content.row != ROW_NONE ? PCTL_SERVICE_ROW : 0);
	services[out->service_count++] = service;
	return 0;
}

static int add_services(struct adding *adding)
{
	int error = 0;

	budget_begin(adding->budget, true);
	for (size_t i = 0; !error && i < adding->from->services.count; i++)
		error = add_service(adding, i);
	return error;
}

/* --- rows, lists, source ports --- */

static int add_words(struct words *words, const uint32_t *items, size_t count)
{
	if (words_reserve(words, count))
		return -ENOMEM;
	if (count)
		memcpy(words->items + words->count, items, count * sizeof(*items));
	words->count += count;
	return 0;
}

static int add_rows(struct adding *adding)
{
	const struct words *rows = &adding->from->rows.outcomes.words;
	struct words *all = &adding->tables->peer_rules;

	adding->rows_base = (uint32_t)all->count;
	rows_blame(&adding->from->peers, adding->from->traits, adding->from->direction,
		   adding->budget);
	if (budget_allows(adding->budget, all->count + rows->count, BUDGET_PEER_RULES,
			  "pairs of a protocol and a class of addresses"))
		return -E2BIG;
	return add_words(all, rows->items, rows->count);
}

/* Adds peer_lists: which lists that are matched by membership contain a class by their prefixes. */
static int add_peer_lists(struct adding *adding)
{
	const struct classification *from = adding->from;
	struct words *all = &adding->tables->peer_lists;
	uint32_t *base = &adding->out->classes.peer_lists_base[from->direction], *bits;
	const struct peer_list *list;
	const uint32_t *members;
	size_t count;

	*base = UINT32_MAX;
	for (uint32_t i = 0; i < from->traits->list_count; i++) {
		list = &from->traits->lists[i];
		members = members_of(&from->peers.members, i, &count);
		if (!list->listed || !count)
			continue;
		if (*base == UINT32_MAX) {
			if (words_reserve(all, from->peers.count))
				return -ENOMEM;
			memset(all->items + all->count, 0, from->peers.count * sizeof(*bits));
			*base = (uint32_t)all->count;
			all->count += from->peers.count;
		}
		bits = all->items + *base;
		for (size_t j = 0; j < count; j++)
			bits[members[j]] |= 1u << list->number;
	}
	return 0;
}

static int add_sources(struct adding *adding)
{
	const struct classification *from = adding->from;
	const struct services *services = &from->services;
	struct compiled *out = adding->out;
	struct pctl_source_key *keys;

	if (!services->refinement_count)
		return 0;
	out->classes.uses_sources[from->direction] = 1;
	if (!out->source_pages)
		out->source_pages =
			calloc(PCTL_DIRECTIONS * PCTL_PAGES, sizeof(*out->source_pages));
	if (!out->source_pages)
		return -ENOMEM;
	out->source_page_count = PCTL_DIRECTIONS * PCTL_PAGES;
	memcpy(out->source_pages + from->direction * PCTL_PAGES, from->sources.classes,
	       PCTL_PAGES * sizeof(*out->source_pages));
	if (budget_allows_roughly(adding->budget, out->source_count + services->refinement_count,
				  BUDGET_SOURCES, "combinations of ports and source ports"))
		return -E2BIG;
	for (size_t i = 0; i < services->refinement_count; i++) {
		const struct refinement *refinement = &services->refinements[i];

		keys = array_grow(out->source_keys, out->source_count,
				  &adding->tables->source_capacity, sizeof(*keys));
		if (!keys)
			return -ENOMEM;
		out->source_keys = keys;
		keys[out->source_count++] = (struct pctl_source_key){
			.service = services->base + refinement->service,
			.source = refinement->source,
		};
		if (words_add(&adding->tables->source_services,
			      services->base + refinement->refined))
			return -ENOMEM;
	}
	return 0;
}

/* --- addresses --- */

static bool rules_ask_for_peers(const struct traits *traits, enum pctl_direction direction)
{
	for (size_t i = 0; i < traits->count; i++)
		if (trait_names(&traits->rules[i], direction) &&
		    traits->rules[i].peers != TRAIT_NONE)
			return true;
	return false;
}

static bool rules_ask_for_names(const struct traits *traits, enum pctl_direction direction)
{
	for (size_t i = 0; i < traits->count; i++)
		if (trait_names(&traits->rules[i], direction) &&
		    traits->policy->rules[i].name_count)
			return true;
	return false;
}

static int add_tries(struct adding *adding, const struct prefixes *prefixes,
		     const uint32_t *results)
{
	const struct classification *from = adding->from;
	size_t first = 0, count;
	int error = 0;

	for (unsigned int i = 0; !error && i < PCTL_FAMILIES; i++) {
		count = from->peers.family_counts[i];
		error = trie_add(&adding->tables->trie, prefixes->items + first, results + first,
				 count, adding->results[CLASS_OUTSIDE],
				 &adding->out->classes.roots[from->direction][i]);
		first += count;
	}
	if (error == -E2BIG)
		return budget_allows_roughly(adding->budget, 1ull << PCTL_CELL_BITS,
					     (1ull << PCTL_CELL_BITS) - 1,
					     "cells of a trie of addresses");
	return error;
}

/* Whether the direction added before has the same addresses and results. */
static bool is_repeated(const struct class_tables *tables, const struct prefixes *prefixes,
			const uint32_t *results)
{
	if (!tables->results || tables->prefixes.count != prefixes->count)
		return false;
	for (size_t i = 0; i < prefixes->count; i++)
		if (results[i] != tables->results[i] ||
		    prefix_compare(&prefixes->items[i], &tables->prefixes.items[i]))
			return false;
	return true;
}

static int add_addresses(struct adding *adding)
{
	struct class_tables *tables = adding->tables;
	struct peer_classes *peers = &adding->from->peers;
	struct pctl_classes *classes = &adding->out->classes;
	uint32_t *results = peers->classes;
	int error;

	for (size_t i = 0; i < peers->prefixes.count; i++)
		results[i] = adding->results[results[i]];
	if (is_repeated(tables, &peers->prefixes, results)) {
		memcpy(classes->roots[PCTL_TO], classes->roots[PCTL_FROM],
		       sizeof(classes->roots[PCTL_TO]));
		return 0;
	}
	error = add_tries(adding, &peers->prefixes, results);
	prefixes_clear(&tables->prefixes);
	free(tables->results);
	tables->prefixes = peers->prefixes;
	tables->results = TAKE_PTR(peers->classes);
	peers->prefixes = (struct prefixes){ 0 };
	return error;
}

/* --- all of it --- */

static int begin_direction(struct class_tables *tables, const struct classification *from)
{
	tables->out->classes.uses_peers[from->direction] =
		rules_ask_for_peers(from->traits, from->direction);
	tables->out->classes.asks_names[from->direction] =
		rules_ask_for_names(from->traits, from->direction);
	tables->pending = calloc(from->peers.count, sizeof(*tables->pending));
	if (!tables->pending)
		return -ENOMEM;
	for (uint32_t i = 0; i < from->peers.count; i++)
		tables->pending[i] = i;
	return 0;
}

int class_tables_add(struct class_tables *tables, struct classification *classification, bool last,
		     struct budget *budget)
{
	struct adding adding = {
		.tables = tables,
		.out = tables->out,
		.from = classification,
		.budget = budget,
	};
	bool first = !tables->pending;
	int error = first ? begin_direction(tables, classification) : 0;

	if (error)
		return error;
	adding.results = tables->pending;
	error = add_rows(&adding);
	if (!error)
		error = add_services(&adding);
	if (!error && first)
		error = add_peer_lists(&adding);
	if (!error)
		error = add_sources(&adding);
	if (!error && last)
		error = add_addresses(&adding);
	if (last) {
		free(tables->pending);
		tables->pending = NULL;
	}
	return error;
}

static void add_list(struct pctl_classes *classes, const struct peer_list *list)
{
	classes->list_sets[list->number] = list->sets;
	classes->list_names[list->number] = list->names;
	classes->list_flags[list->number] = list->flags;
}

void class_tables_begin(struct class_tables *tables, const struct traits *traits)
{
	struct pctl_classes *classes = &tables->out->classes;

	classes->set_count = traits->set_count;
	classes->list_count = traits->listed_count;
	for (unsigned int i = 0; i < traits->set_count; i++)
		tables->out->sets[i] = traits->sets[i];
	for (size_t i = 0; i < traits->list_count; i++)
		if (traits->lists[i].listed)
			add_list(classes, &traits->lists[i]);
}

void class_tables_end(struct class_tables *tables)
{
	struct compiled *out = tables->out;

	out->prefixes = trie_take(&tables->trie);
	out->peer_rules = tables->peer_rules.items;
	out->peer_rule_count = tables->peer_rules.count;
	out->peer_lists = tables->peer_lists.items;
	out->peer_list_count = tables->peer_lists.count;
	out->pair_outcomes = tables->pair_outcomes.items;
	out->source_services = tables->source_services.items;
	words_clear(&tables->paired);
	prefixes_clear(&tables->prefixes);
	free(tables->results);
	free(tables->pending);
}
