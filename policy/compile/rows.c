/* SPDX-License-Identifier: GPL-2.0-only */
#include "rows.h"

#include "budget.h"
#include "cleanup.h"
#include "decide.h"
#include "ranges.h"

#define PROTOCOLS 257 /* PROTOCOL_UNKNOWN is one of them */

struct builder {
	struct rows *out;
	struct by_class *by_class;
	struct budget *budget;
	struct words rules; /* the rules that belong in rows */
	struct words kinds; /* the number of each rule's set of protocols */
	struct intern sets; /* the sets of protocols */
	struct words asked; /* for each set of protocols, a rule that has it */
	struct words list;
};

/* Finds or adds the set of protocols that a rule covers, the unknown protocol included. */
static int find_kind(struct builder *builder, size_t index, uint32_t *kind)
{
	const struct traits *traits = builder->by_class->traits;
	const struct ranges *protocols = &traits->policy->rules[index].protocols;
	struct words *key = &builder->list;

	key->count = 0;
	if (words_reserve(key, protocols->count + 1))
		return -ENOMEM;
	key->items[key->count++] = traits->rules[index].takes_unknown;
	for (size_t i = 0; i < protocols->count; i++)
		key->items[key->count++] =
			(uint32_t)protocols->items[i].low << 16 | protocols->items[i].high;
	if (intern_add(&builder->sets, key->items, key->count, kind))
		return -ENOMEM;
	return *kind == builder->asked.count ? words_add(&builder->asked, (uint32_t)index) : 0;
}

static int collect_rules(struct builder *builder, enum pctl_direction direction)
{
	const struct traits *traits = builder->by_class->traits;
	const struct trait *trait;
	uint32_t kind;

	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (!trait_is_in(trait, direction) || !trait_is_row(trait))
			continue;
		if (find_kind(builder, i, &kind) || words_add(&builder->rules, (uint32_t)i) ||
		    words_add(&builder->kinds, kind))
			return -ENOMEM;
	}
	return 0;
}

void rows_blame(const struct peer_classes *peers, const struct traits *traits,
		enum pctl_direction direction, struct budget *budget)
{
	size_t count;

	budget_begin(budget, false);
	for (size_t i = 0; i < traits->count; i++) {
		if (!trait_is_in(&traits->rules[i], direction) || !trait_is_row(&traits->rules[i]))
			continue;
		members_of(&peers->members, traits->rules[i].peers, &count);
		budget_blame(budget, i, (uint32_t)count);
	}
}

static bool covers(const struct builder *builder, uint32_t kind, unsigned int protocol)
{
	const struct traits *traits = builder->by_class->traits;
	uint32_t rule = builder->asked.items[kind];

	if (protocol == PROTOCOL_UNKNOWN)
		return matches_unknown_protocol(&traits->rules[rule]);
	return trait_covers(traits, rule, protocol);
}

/* The class of a protocol, by the sets that contain it. */
static int classify(struct builder *builder, struct intern *classes, unsigned int protocol,
		    uint32_t *class)
{
	struct words *bits = &builder->list;
	size_t count = builder->asked.count / 32 + 1;

	bits->count = 0;
	if (words_reserve(bits, count))
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		bits->items[i] = 0;
	for (uint32_t i = 0; i < builder->asked.count; i++)
		if (covers(builder, i, protocol))
			bits->items[i / 32] |= 1u << (i % 32);
	return intern_add(classes, bits->items, count, class);
}

/* Adds the row for a class of protocols: the outcome for each peer class. */
static int add_row(struct builder *builder, unsigned int protocol, uint32_t *number)
{
	struct words *list = &builder->list;
	const struct by_class *by_class = builder->by_class;
	uint32_t count = by_class->peers->count, first = UINT32_MAX;
	_cleanup_(freep) uint32_t *row = calloc(count, sizeof(*row));
	int error = 0;

	list->count = 0;
	for (size_t i = 0; !error && i < builder->rules.count; i++)
		if (covers(builder, builder->kinds.items[i], protocol))
			error = words_add(list, builder->rules.items[i]);
	*number = ROW_NONE;
	if (!row || error)
		return -ENOMEM;
	if (!list->count)
		return 0;
	error = by_class_decide(builder->by_class, list->items, list->count, PCTL_NONE);
	if (!error)
		error = budget_spend(builder->budget, count);
	if (error)
		return error;
	for (uint32_t i = 0; i < count; i++) {
		row[i] = by_class_outcome(by_class, i);
		if (row[i] && PCTL_OUTCOME_RANK(row[i]) < first)
			first = PCTL_OUTCOME_RANK(row[i]);
	}
	error = intern_add(&builder->out->outcomes, row, count, number);
	if (!error && *number == builder->out->first.count)
		error = words_add(&builder->out->first, first);
	return error;
}

static int add_rows(struct builder *builder)
{
	_cleanup_(intern_clear) struct intern classes = { 0 };
	_cleanup_(words_clear) struct words rows = { 0 }; /* the row of each class of protocols */
	struct rows *out = builder->out;
	uint32_t class, row;
	int error = 0;

	for (unsigned int p = 0; !error && p < PROTOCOLS; p++) {
		error = classify(builder, &classes, p, &class);
		if (!error && class == rows.count) {
			error = add_row(builder, p, &row);
			if (!error)
				error = words_add(&rows, row);
		}
		if (!error)
			error = budget_allows(builder->budget, out->outcomes.words.count,
					      BUDGET_PEER_RULES,
					      "pairs of a protocol and a class of addresses");
		if (!error)
			out->of_protocol[p] = rows.items[class];
	}
	return error;
}

int rows_build(struct rows *rows, struct by_class *by_class, enum pctl_direction direction,
	       struct budget *budget)
{
	struct builder builder = { .out = rows, .by_class = by_class, .budget = budget };
	int error;

	*rows = (struct rows){ 0 };
	rows_blame(by_class->peers, by_class->traits, direction, budget);
	error = collect_rules(&builder, direction);
	if (!error)
		error = add_rows(&builder);
	words_clear(&builder.rules);
	words_clear(&builder.kinds);
	words_clear(&builder.asked);
	words_clear(&builder.list);
	intern_clear(&builder.sets);
	if (error)
		rows_clear(rows);
	return error;
}

void rows_clear(struct rows *rows)
{
	intern_clear(&rows->outcomes);
	words_clear(&rows->first);
	*rows = (struct rows){ 0 };
}
