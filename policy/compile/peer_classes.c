/* SPDX-License-Identifier: GPL-2.0-only */
#include "peer_classes.h"

#include <errno.h>
#include <string.h>

#include "budget.h"
#include "cleanup.h"
#include "prefix.h"
#include "prefixes.h"

/* An address as a number of 128 bits, IPv4 in its upper 32. All addresses below it are done. */
__extension__ typedef unsigned __int128 position;

/* A prefix of a list. */
struct record {
	struct prefix prefix;
	uint32_t list;
};

struct records {
	struct record *items;
	size_t count, capacity;
};

/* A prefix around the current one. */
struct outer {
	struct prefix prefix;
	uint32_t class;
	position covered; /* the end of the last prefix in it */
	bool holds_some; /* some prefix is in it */
	bool gap; /* some address below `covered` is in none of these prefixes */
};

struct classing {
	struct peer_classes *out;
	struct budget *budget;
	struct intern steps; /* memo: (class outside, lists that begin here) */
	struct words step_classes; /* the class of each memo */
	struct intern sets; /* the lists of each class, sorted; its id is the class */
	struct words scratch;
	struct words occurring; /* per class: some address has it */
	struct outer stack[130]; /* one for each length, and one outside all prefixes */
	unsigned int depth;
};

/* --- the prefixes of all lists in one order --- */

static int add_prefixes(struct records *records, const struct prefixes *prefixes, uint32_t list)
{
	struct record *items;
	size_t wanted = records->capacity ? records->capacity : 64;

	while (wanted < records->count + prefixes->count)
		wanted *= 2;
	if (wanted > records->capacity) {
		items = reallocarray(records->items, wanted, sizeof(*items));
		if (!items)
			return -ENOMEM;
		records->items = items;
		records->capacity = wanted;
	}
	for (size_t i = 0; i < prefixes->count; i++)
		records->items[records->count++] =
			(struct record){ .prefix = prefixes->items[i], .list = list };
	return 0;
}

/* Adds the prefixes of a list. A list with several parts (its own prefixes, sets) is sorted
 * here. */
static int add_list(struct records *records, const struct peer_list *list, uint32_t number,
		    struct budget *budget)
{
	const struct peers *peers = list->peers;
	_cleanup_(prefixes_clear) struct prefixes all = { 0 };
	size_t count = peers->prefixes.count, at = 0;

	for (size_t i = 0; i < peers->set_count; i++)
		count += set_has_map(peers->sets[i]) ? 0 : peers->sets[i]->prefixes.count;
	if (budget_allows(budget, records->count + count, BUDGET_BLOCKS,
			  "pairs of a block of addresses and a peer list"))
		return -E2BIG;
	all.items = malloc((count + 1) * sizeof(*all.items));
	if (!all.items)
		return -ENOMEM;
	for (; at < peers->prefixes.count; at++)
		all.items[at] = peers->prefixes.items[at];
	for (size_t i = 0; i < peers->set_count; i++)
		for (size_t j = 0;
		     !set_has_map(peers->sets[i]) && j < peers->sets[i]->prefixes.count; j++)
			all.items[at++] = peers->sets[i]->prefixes.items[j];
	all.count = at;
	prefixes_normalise(&all);
	return add_prefixes(records, &all, number);
}

static bool is_before(const struct record *a, const struct record *b)
{
	int order = prefix_compare(&a->prefix, &b->prefix);

	return order ? order < 0 : a->list < b->list;
}

static size_t end_of_run(const struct record *items, size_t from, size_t count)
{
	size_t end = from + 1;

	while (end < count && !is_before(&items[end], &items[end - 1]))
		end++;
	return end;
}

/* Merges neighbouring sorted runs of @from into @to. True: @from was one run. */
static bool merge_runs(const struct record *from, struct record *to, size_t count)
{
	size_t left = 0, middle, end, right, at = 0;

	for (; left < count; left = end) {
		middle = end_of_run(from, left, count);
		if (!left && middle == count)
			return true;
		end = middle < count ? end_of_run(from, middle, count) : middle;
		for (right = middle, at = left; at < end;) {
			size_t first = left + (at - left) - (right - middle);

			to[at++] = first < middle && (right == end ||
						      !is_before(&from[right], &from[first]))
					   ? from[first]
					   : from[right++];
		}
	}
	return false;
}

/* Merges runs, since each list is sorted already. */
static int sort_records(struct records *records)
{
	_cleanup_(freep) struct record *other =
		malloc((records->count + 1) * sizeof(*records->items));
	struct record *swap;

	if (!other)
		return -ENOMEM;
	while (records->count && !merge_runs(records->items, other, records->count)) {
		swap = records->items;
		records->items = other;
		other = swap;
	}
	return 0;
}

static int collect_records(struct records *records, const struct traits *traits,
			   enum pctl_direction direction, struct budget *budget)
{
	_cleanup_(freep) bool *used = calloc(traits->list_count + 1, sizeof(*used));
	int error = 0;

	if (!used)
		return -ENOMEM;
	for (size_t i = 0; i < traits->count; i++)
		if (trait_names(&traits->rules[i], direction) &&
		    traits->rules[i].peers != TRAIT_NONE)
			used[traits->rules[i].peers] = true;
	for (uint32_t i = 0; !error && i < traits->list_count; i++)
		if (used[i])
			error = add_list(records, &traits->lists[i], i, budget);
	return error ? error : sort_records(records);
}

/* --- their classes --- */

/* The class of the lists in scratch, which are sorted. */
static int find_class(struct classing *classing, uint32_t *class)
{
	struct intern *sets = &classing->sets;
	int error;

	error = intern_add(sets, classing->scratch.items, classing->scratch.count, class);
	if (!error)
		error = budget_spend(classing->budget, classing->scratch.count);
	if (!error)
		error = budget_allows(classing->budget, sets->words.count, BUDGET_MEMBERS,
				      "pairs of a class of addresses and a peer list");
	if (!error)
		error = budget_allows(classing->budget, intern_count(sets), BUDGET_PEER_CLASSES,
				      "classes of addresses");
	if (!error && *class == classing->occurring.count)
		error = words_add(&classing->occurring, false);
	return error;
}

/* Merges the lists of class @outer with those of @added into scratch; both are sorted. */
static int merge_lists(struct classing *classing, uint32_t outer, const uint32_t *added,
		       size_t count)
{
	struct words *scratch = &classing->scratch;
	const uint32_t *lists;
	size_t outer_count, i = 0, j = 0;

	lists = intern_get(&classing->sets, outer, &outer_count);
	scratch->count = 0;
	if (words_reserve(scratch, outer_count + count))
		return -ENOMEM;
	while (i < outer_count || j < count)
		scratch->items[scratch->count++] =
			j == count || (i < outer_count && lists[i] < added[j]) ? lists[i++]
									       : added[j++];
	return 0;
}

/* The class of addresses that are in class @outer and in the lists of these records. */
static int class_inside(struct classing *classing, uint32_t outer, const struct record *records,
			size_t count, uint32_t *class)
{
	struct words *scratch = &classing->scratch;
	uint32_t step;
	int error;

	scratch->count = 0;
	if (words_reserve(scratch, count + 1))
		return -ENOMEM;
	scratch->items[scratch->count++] = outer;
	for (size_t i = 0; i < count; i++)
		scratch->items[scratch->count++] = records[i].list;
	if (intern_add(&classing->steps, scratch->items, scratch->count, &step))
		return -ENOMEM;
	if (step < classing->step_classes.count) {
		*class = classing->step_classes.items[step];
		return 0;
	}
	_cleanup_(freep) uint32_t *added = malloc(count * sizeof(*added));

	if (!added)
		return -ENOMEM;
	memcpy(added, scratch->items + 1, count * sizeof(*added));
	error = merge_lists(classing, outer, added, count);
	if (!error)
		error = find_class(classing, class);
	return error ? error : words_add(&classing->step_classes, *class);
}

static position start_of(const struct prefix *prefix)
{
	return (position)prefix->high << 64 | prefix->low;
}

/* The first address behind a prefix; 0 behind the last address. */
static position end_of(const struct prefix *prefix)
{
	return prefix->length ? start_of(prefix) + ((position)1 << (128 - prefix->length)) : 0;
}

/* Leaves the innermost prefix, and notes whether the prefixes in it left an address uncovered. */
static void leave(struct classing *classing)
{
	struct outer *inner = &classing->stack[--classing->depth];

	if (!inner->holds_some || inner->gap || inner->covered != end_of(&inner->prefix))
		classing->occurring.items[inner->class] = true;
}

static void enter(struct classing *classing, const struct prefix *prefix, uint32_t class)
{
	struct outer *outer;

	if (classing->depth) {
		outer = &classing->stack[classing->depth - 1];
		outer->gap |= outer->covered != start_of(prefix);
		outer->covered = end_of(prefix);
		outer->holds_some = true;
	}
	classing->stack[classing->depth++] = (struct outer){
		.prefix = *prefix,
		.class = class,
		.covered = start_of(prefix),
	};
}

/* How many records from @records on have the same prefix; @count at most. */
static size_t count_same(const struct record *records, size_t count)
{
	size_t same = 1;

	while (same < count && !prefix_compare(&records[0].prefix, &records[same].prefix))
		same++;
	return same;
}

/* Walks the prefixes of one family as a tree. */
static int walk(struct classing *classing, const struct record *records, size_t count,
		unsigned int family)
{
	struct peer_classes *out = classing->out;
	struct prefix all = { .family = (uint8_t)family };
	uint32_t class;
	size_t same;
	int error;

	enter(classing, &all, CLASS_OUTSIDE);
	for (size_t i = 0; i < count; i += same) {
		const struct prefix *prefix = &records[i].prefix;

		same = count_same(records + i, count - i);
		while (!prefix_holds(&classing->stack[classing->depth - 1].prefix, prefix))
			leave(classing);
		error = class_inside(classing, classing->stack[classing->depth - 1].class,
				     records + i, same, &class);
		if (error)
			return error;
		enter(classing, prefix, class);
		out->classes[out->prefixes.count] = class;
		out->prefixes.items[out->prefixes.count++] = *prefix;
		out->family_counts[family]++;
	}
	while (classing->depth)
		leave(classing);
	return 0;
}

/* Class 0 is the unknown address. A list number that no list has makes it differ from other
 * classes. */
static int begin_classes(struct classing *classing)
{
	const uint32_t nobody = TRAIT_NONE;
	uint32_t class;

	if (intern_add(&classing->sets, &nobody, 1, &class) ||
	    intern_add(&classing->sets, NULL, 0, &class) ||
	    words_add(&classing->occurring, false) || words_add(&classing->occurring, false))
		return -ENOMEM;
	return 0;
}

static int finish(struct classing *classing, size_t list_count)
{
	struct peer_classes *out = classing->out;

	out->count = (uint32_t)intern_count(&classing->sets);
	out->occurs = classing->occurring.items;
	classing->occurring = (struct words){ 0 };
	return members_collect(&out->members, &classing->sets, CLASS_OUTSIDE, list_count);
}

static int build(struct classing *classing, const struct traits *traits,
		 const struct record *records, size_t count)
{
	struct peer_classes *out = classing->out;
	size_t split = 0;
	int error;

	out->prefixes.items = calloc(count + 1, sizeof(*out->prefixes.items));
	out->classes = calloc(count + 1, sizeof(*out->classes));
	if (!out->prefixes.items || !out->classes || begin_classes(classing))
		return -ENOMEM;
	while (split < count && records[split].prefix.family == PCTL_IPV4)
		split++;
	error = walk(classing, records, split, PCTL_IPV4);
	if (!error)
		error = walk(classing, split ? records + split : records, count - split, PCTL_IPV6);
	return error ? error : finish(classing, traits->list_count);
}

/* Blames rules for classes by the number of their prefixes. */
static void blame_prefixes(struct budget *budget, const struct traits *traits,
			   enum pctl_direction direction)
{
	const struct peers *peers;
	size_t count;

	budget_begin(budget, false);
	for (size_t i = 0; i < traits->count; i++) {
		if (!trait_names(&traits->rules[i], direction))
			continue;
		peers = &traits->policy->rules[i].peers;
		count = peers->prefixes.count;
		for (size_t j = 0; j < peers->set_count; j++)
			count += set_has_map(peers->sets[j]) ? 0 : peers->sets[j]->prefixes.count;
		budget_blame(budget, i, (uint32_t)count);
	}
}

int peer_classes_build(struct peer_classes *classes, const struct traits *traits,
		       enum pctl_direction direction, struct budget *budget)
{
	struct classing classing = { .out = classes, .budget = budget };
	struct records records = { 0 };
	int error;

	*classes = (struct peer_classes){ 0 };
	blame_prefixes(budget, traits, direction);
	error = collect_records(&records, traits, direction, budget);
	if (!error)
		error = build(&classing, traits, records.items, records.count);
	free(records.items);
	intern_clear(&classing.steps);
	intern_clear(&classing.sets);
	words_clear(&classing.step_classes);
	words_clear(&classing.scratch);
	words_clear(&classing.occurring);
	if (error)
		peer_classes_clear(classes);
	return error;
}

void peer_classes_clear(struct peer_classes *classes)
{
	prefixes_clear(&classes->prefixes);
	free(classes->classes);
	free(classes->occurs);
	members_clear(&classes->members);
	*classes = (struct peer_classes){ 0 };
}
