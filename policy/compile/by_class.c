/* SPDX-License-Identifier: GPL-2.0-only */
#include "by_class.h"

#include <string.h>

#include "budget.h"

/* Added to by_class->mark. */
enum { DECIDED = 0, LEFT_OVER = 1, MARKS = 2 };

int by_class_init(struct by_class *by_class, const struct traits *traits,
		  const struct peer_classes *peers, struct budget *budget)
{
	*by_class = (struct by_class){
		.traits = traits,
		.peers = peers,
		.budget = budget,
		.touched = calloc(peers->count, sizeof(uint32_t)),
		.outcomes = calloc(peers->count, sizeof(uint32_t)),
		.marks = calloc(peers->count, sizeof(uint32_t)),
		.passed = calloc(peers->count, sizeof(uint32_t)),
	};
	if (by_class->touched && by_class->outcomes && by_class->marks && by_class->passed)
		return 0;
	by_class_clear(by_class);
	return -ENOMEM;
}

void by_class_clear(struct by_class *by_class)
{
	free(by_class->touched);
	free(by_class->outcomes);
	free(by_class->marks);
	free(by_class->passed);
	words_clear(&by_class->rest);
	*by_class = (struct by_class){ 0 };
}

static void begin(struct by_class *by_class)
{
	size_t size = by_class->peers->count * sizeof(uint32_t);

	if (by_class->mark > UINT32_MAX - 2 * MARKS) {
		memset(by_class->marks, 0, size);
		by_class->mark = 0;
	}
	by_class->mark += MARKS;
	by_class->touched_count = 0;
	by_class->rest.count = 0;
}

static void touch(struct by_class *by_class, uint32_t class, uint32_t outcome, uint32_t mark)
{
	by_class->touched[by_class->touched_count++] = class;
	by_class->outcomes[class] = outcome;
	by_class->marks[class] = by_class->mark + mark;
}

/* Rules before the first one with `not`: they take the classes of their lists. */
static void take_members(struct by_class *by_class, const uint32_t *members, size_t count,
			 uint32_t outcome)
{
	for (size_t i = 0; i < count; i++)
		if (!by_class_touched(by_class, members[i]))
			touch(by_class, members[i], outcome, DECIDED);
}

/* The first rule with `not`: it leaves over only members of its list. */
static int take_others(struct by_class *by_class, const uint32_t *members, size_t count,
		       uint32_t outcome, uint32_t last)
{
	by_class->otherwise = outcome;
	if (words_reserve(&by_class->rest, count))
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (by_class_touched(by_class, members[i]))
			continue;
		touch(by_class, members[i], last, LEFT_OVER);
		by_class->rest.items[by_class->rest.count++] = members[i];
	}
	return 0;
}

/* A later rule: of the classes left over, it takes those in its list, or with `not` the others. */
static void take_rest(struct by_class *by_class, const uint32_t *members, size_t count,
		      const struct trait *trait)
{
	struct words *rest = &by_class->rest;
	size_t kept = 0;
	bool in;

	if (!++by_class->round) {
		memset(by_class->passed, 0, by_class->peers->count * sizeof(uint32_t));
		by_class->round = 1;
	}
	for (size_t i = 0; i < count; i++)
		by_class->passed[members[i]] = by_class->round;
	for (size_t i = 0; i < rest->count; i++) {
		in = by_class->passed[rest->items[i]] == by_class->round;
		if (in != trait->peers_negated)
			by_class->outcomes[rest->items[i]] = trait->outcome;
		else
			rest->items[kept++] = rest->items[i];
	}
	rest->count = kept;
}

/* The first rule that takes what is unknown. */
static uint32_t decide_unknown(const struct by_class *by_class, const uint32_t *rules, size_t count,
			       uint32_t last)
{
	for (size_t i = 0; i < count; i++)
		if (by_class->traits->rules[rules[i]].takes_unknown)
			return by_class->traits->rules[rules[i]].outcome;
	return last;
}

int by_class_decide(struct by_class *by_class, const uint32_t *rules, size_t count, uint32_t last)
{
	const struct trait *trait;
	const uint32_t *members;
	bool negated = false;
	size_t member_count;

	begin(by_class);
	by_class->otherwise = last;
	by_class->unknown = decide_unknown(by_class, rules, count, last);
	for (size_t i = 0; i < count; i++) {
		trait = &by_class->traits->rules[rules[i]];
		members = members_of(&by_class->peers->members, trait->peers, &member_count);
		if (budget_spend(by_class->budget, member_count + by_class->rest.count + 1))
			return -E2BIG;
		if (negated)
			take_rest(by_class, members, member_count, trait);
		else if (!trait->peers_negated)
			take_members(by_class, members, member_count, trait->outcome);
		else if (take_others(by_class, members, member_count, trait->outcome, last))
			return -ENOMEM;
		negated |= trait->peers_negated;
		if (negated && !by_class->rest.count)
			break;
	}
	return 0;
}
