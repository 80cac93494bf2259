/* SPDX-License-Identifier: GPL-2.0-only */
#include "services.h"

#include <string.h>

#include "budget.h"
#include "cleanup.h"
#include "decide.h"

/* Elements of a sequence that is a content; the rules follow them. */
enum { PLAIN, ROW, RULES };

void services_init(struct services *services, const struct traits *traits, const struct rows *rows,
		   const struct source_classes *sources, struct budget *budget, uint32_t base)
{
	*services = (struct services){
		.traits = traits,
		.rows = rows,
		.sources = sources,
		.budget = budget,
		.base = base,
	};
}

void services_clear(struct services *services)
{
	free(services->items);
	free(services->refinements);
	intern_clear(&services->contents);
	intern_clear(&services->open);
	words_clear(&services->of_content);
	words_clear(&services->of_open);
	words_clear(&services->rules);
	*services = (struct services){ 0 };
}

static struct content content_of(const struct intern *intern, uint32_t number)
{
	size_t count;
	const uint32_t *words = intern_get(intern, number, &count);

	return (struct content){
		.plain = words[PLAIN],
		.row = words[ROW],
		.rules = words + RULES,
		.count = count - RULES,
	};
}

struct content services_content(const struct services *services, size_t service)
{
	return content_of(&services->contents, services->items[service].content);
}

static void blame(const struct services *services, const struct content *content)
{
	size_t rule;

	for (size_t i = 0; i < content->count; i++)
		budget_blame(services->budget, content->rules[i], 1);
	if (outcome_rule(content->plain, &rule))
		budget_blame(services->budget, rule, 1);
}

static int add_service(struct services *services, uint32_t content, uint32_t *number)
{
	struct content what = content_of(&services->contents, content);
	struct service *items;

	blame(services, &what);
	if (budget_allows(services->budget, services->base + services->count + 1, BUDGET_SERVICES,
			  "services, combinations of protocol, ports and the rules for them"))
		return -E2BIG;
	items = array_grow(services->items, services->count, &services->capacity, sizeof(*items));
	if (!items)
		return -ENOMEM;
	services->items = items;
	*number = (uint32_t)services->count;
	services->items[services->count++] = (struct service){ .content = content };
	return 0;
}

/*
 * Whether to keep a listed rule. Of the rules with the same list, only three can ever decide by
 * membership: the first without `not`, the first with `not`, and the first that takes what is
 * unknown.
 */
static bool comes_first(uint32_t seen[3], const struct trait *trait, const struct peer_list *list)
{
	uint32_t bit = 1u << list->number;
	bool first = !(seen[trait->peers_negated] & bit);

	first |= trait->takes_unknown && !(seen[2] & bit);
	seen[trait->peers_negated] |= bit;
	seen[2] |= trait->takes_unknown ? bit : 0;
	return first;
}

/* The row of a content, if its earliest rule comes before the plain outcome; else ROW_NONE. */
static uint32_t row_before(const struct services *services, const struct content *content)
{
	if (content->row != ROW_NONE &&
	    services->rows->first.items[content->row] >= PCTL_OUTCOME_RANK(content->plain))
		return ROW_NONE;
	return content->row;
}

/* Finds or adds a content and returns its number in *number. Its rules do not match on source
 * ports, or their source ports are known to match. */
static int find_content(struct services *services, const struct content *content, uint32_t *number)
{
	_cleanup_(words_clear) struct words words = { 0 };
	const struct trait *trait;
	uint32_t seen[3] = { 0 };

	if (budget_spend(services->budget, content->count + 1))
		return -E2BIG;
	if (words_reserve(&words, content->count + RULES))
		return -ENOMEM;
	words.items[PLAIN] = content->plain;
	words.items[ROW] = row_before(services, content);
	words.count = RULES;
	for (size_t i = 0; i < content->count; i++) {
		trait = &services->traits->rules[content->rules[i]];
		if (!trait->listed ||
		    comes_first(seen, trait, &services->traits->lists[trait->peers]))
			words.items[words.count++] = content->rules[i];
	}
	if (intern_add(&services->contents, words.items, words.count, number))
		return -ENOMEM;
	if (budget_allows(services->budget, services->contents.words.count, BUDGET_ASKED,
			  "pairs of a service and a rule it asks for"))
		return -E2BIG;
	return *number == services->of_content.count
		       ? words_add(&services->of_content, SERVICE_NONE)
		       : 0;
}

static void note_use(struct services *services, uint32_t service, bool known)
{
	services->items[service].known |= known;
	services->items[service].unknown |= !known;
}

static int service_of_content(struct services *services, uint32_t content, bool known,
			      uint32_t *service)
{
	int error = 0;

	if (services->of_content.items[content] == SERVICE_NONE)
		error = add_service(services, content, &services->of_content.items[content]);
	if (error)
		return error;
	*service = services->of_content.items[content];
	note_use(services, *service, known);
	return 0;
}

static int content_outcome(struct services *services, uint32_t number, bool known,
			   uint32_t *outcome)
{
	struct content content = content_of(&services->contents, number);
	uint32_t service;
	int error;

	*outcome = content.plain;
	if (content.row == ROW_NONE && !content.count)
		return 0;
	error = service_of_content(services, number, known, &service);
	if (error)
		return error;
	*outcome = PCTL_OUTCOME(PCTL_CLASS, services->base + service);
	return 0;
}

/* --- source ports --- */

/* The source ports of a rule contain those of a class. */
struct hit {
	uint32_t class;
	uint32_t at; /* the rule's index in the content */
};

#define PLACE_NONE UINT32_MAX

/* Units of work to sort one hit. */
#define HIT_STEPS 16

struct hits {
	struct hit *items;
	size_t count;
};

static int by_class_and_place(const void *a, const void *b)
{
	const struct hit *left = a, *right = b;

	if (left->class != right->class)
		return left->class < right->class ? -1 : 1;
	return left->at < right->at ? -1 : left->at > right->at;
}

static int find_hits(const struct services *services, const struct content *content,
		     struct hits *hits)
{
	const struct members *lists = &services->sources->members;
	const struct trait *trait;
	const uint32_t *classes;
	size_t count, total = 0;

	for (size_t i = 0; i < content->count; i++) {
		trait = &services->traits->rules[content->rules[i]];
		if (trait->sources != TRAIT_NONE) {
			members_of(lists, trait->sources, &count);
			total += count;
		}
	}
	if (budget_spend(services->budget, total * HIT_STEPS))
		return -E2BIG;
	hits->items = malloc((total + 1) * sizeof(*hits->items));
	if (!hits->items)
		return -ENOMEM;
	for (uint32_t i = 0; i < content->count; i++) {
		trait = &services->traits->rules[content->rules[i]];
		classes = NULL;
		count = 0;
		if (trait->sources != TRAIT_NONE)
			classes = members_of(lists, trait->sources, &count);
		for (size_t j = 0; j < count; j++)
			hits->items[hits->count++] = (struct hit){ classes[j], i };
	}
	qsort(hits->items, hits->count, sizeof(*hits->items), by_class_and_place);
	return 0;
}

/* The indexes of rules that match source ports in no list: rules without `sport`, and those with
 * `not`. */
static int find_always(const struct services *services, const struct content *content,
		       struct words *always)
{
	const struct trait *trait;

	for (uint32_t i = 0; i < content->count; i++) {
		trait = &services->traits->rules[content->rules[i]];
		if ((trait->sources == TRAIT_NONE || trait->sources_negated) &&
		    words_add(always, i))
			return -ENOMEM;
	}
	return 0;
}

/* Merges two lists of indexes and returns the next one. An index in both is skipped: its rule
 * has `not`, and does not match. */
static uint32_t next_place(const struct words *always, size_t *at, const struct hit **hit,
			   const struct hit *end)
{
	while (*at < always->count && *hit < end && (*hit)->at == always->items[*at]) {
		++*at;
		++*hit;
	}
	if (*at < always->count && (*hit == end || always->items[*at] < (*hit)->at))
		return always->items[(*at)++];
	return *hit < end ? (*hit)++->at : PLACE_NONE;
}

/* The number of the content that is left for packets with source ports of the class of these
 * hits. */
static int resolve(struct services *services, const struct content *content,
		   const struct words *always, const struct hit *hit, const struct hit *end,
		   uint32_t *number)
{
	struct content resolved = *content;
	struct words *rules = &services->rules;
	const struct trait *trait;
	uint32_t place;
	size_t at = 0;

	rules->count = 0;
	while ((place = next_place(always, &at, &hit, end)) != PLACE_NONE) {
		trait = &services->traits->rules[content->rules[place]];
		if (budget_spend(services->budget, 1))
			return -E2BIG;
		if (trait->peers == TRAIT_NONE) {
			resolved.plain = trait->outcome;
			break;
		}
		if (words_add(rules, content->rules[place]))
			return -ENOMEM;
	}
	resolved.rules = rules->items;
	resolved.count = rules->count;
	return find_content(services, &resolved, number);
}

static int add_refinement(struct services *services, uint32_t service, uint32_t source,
			  uint32_t content)
{
	struct refinement *grown;
	uint32_t refined;
	int error;

	error = service_of_content(services, content, true, &refined);
	if (!error)
		error = budget_allows_roughly(services->budget, services->refinement_count + 1,
					      BUDGET_SOURCES,
					      "combinations of ports and source ports");
	if (error)
		return error;
	grown = array_grow(services->refinements, services->refinement_count,
			   &services->refinement_capacity, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	services->refinements = grown;
	services->refinements[services->refinement_count++] =
		(struct refinement){ service, source, refined };
	services->items[service].refined++;
	return 0;
}

/* Makes the service for ports in no list, and its refinements for the classes of the others. */
static int refine(struct services *services, const struct content *content,
		  const struct words *always, const struct hits *hits, uint32_t *outcome)
{
	uint32_t service = SERVICE_NONE, resolved, base;
	const struct hit *hit = hits->items, *end = hit + hits->count, *next;
	int error = resolve(services, content, always, NULL, NULL, &base);

	for (; !error && hit < end; hit = next) {
		for (next = hit + 1; next < end && next->class == hit->class;)
			next++;
		error = resolve(services, content, always, hit, next, &resolved);
		if (error || resolved == base)
			continue;
		if (service == SERVICE_NONE)
			error = add_service(services, base, &service);
		if (!error)
			error = add_refinement(services, service, hit->class, resolved);
	}
	if (error)
		return error;
	if (service == SERVICE_NONE) /* it does not depend on source ports */
		return content_outcome(services, base, true, outcome);
	note_use(services, service, true);
	*outcome = PCTL_OUTCOME(PCTL_CLASS, services->base + service);
	return 0;
}

static int open_outcome(struct services *services, const struct content *content, uint32_t *outcome)
{
	struct words *rules = &services->rules;
	_cleanup_(words_clear) struct words always = { 0 };
	struct hits hits = { 0 };
	uint32_t number;
	int error;

	if (budget_spend(services->budget, content->count))
		return -E2BIG;
	rules->count = 0;
	if (words_reserve(rules, content->count + RULES))
		return -ENOMEM;
	rules->items[PLAIN] = content->plain;
	rules->items[ROW] = content->row;
	memcpy(rules->items + RULES, content->rules, content->count * sizeof(*content->rules));
	if (intern_add(&services->open, rules->items, content->count + RULES, &number))
		return -ENOMEM;
	if (budget_allows(services->budget, services->open.words.count, BUDGET_ASKED,
			  "pairs of a service and a rule it asks for"))
		return -E2BIG;
	if (number < services->of_open.count) {
		*outcome = services->of_open.items[number];
		return 0;
	}
	error = find_always(services, content, &always);
	if (!error)
		error = find_hits(services, content, &hits);
	if (!error)
		error = refine(services, content, &always, &hits, outcome);
	free(hits.items);
	return error ? error : words_add(&services->of_open, *outcome);
}

int services_outcome(struct services *services, const struct content *content, bool known,
		     uint32_t *outcome)
{
	uint32_t number;
	int error;

	*outcome = content->plain;
	if (!content->count && row_before(services, content) == ROW_NONE)
		return 0;
	for (size_t i = 0; known && i < content->count; i++)
		if (services->traits->rules[content->rules[i]].sources != TRAIT_NONE)
			return open_outcome(services, content, outcome);
	error = find_content(services, content, &number);
	return error ? error : content_outcome(services, number, known, outcome);
}
