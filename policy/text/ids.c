/* SPDX-License-Identifier: GPL-2.0-only */
#include "ids.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "print.h"

/* The text of a rule and its index in the policy. */
struct named {
	const char *text;
	size_t index;
};

struct names {
	struct named *items;
	size_t count;
	struct rule_texts texts;
};

static void names_clear(struct names *names)
{
	free(names->items);
	rule_texts_clear(&names->texts);
}

/* By text, then by index. */
static int by_text(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = strcmp(left->text, right->text);

	if (order)
		return order;
	return (left->index > right->index) - (left->index < right->index);
}

static int by_value(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* The ids that @policy's rules have, sorted, for the caller to free; zeros for those without. */
static uint32_t *ids_of(const struct policy *policy)
{
	uint32_t *ids = calloc(policy->count + 1, sizeof(*ids));

	if (!ids)
		return NULL;
	for (size_t i = 0; i < policy->count; i++)
		ids[i] = policy->rules[i].id;
	qsort(ids, policy->count, sizeof(*ids), by_value);
	return ids;
}

static int names_init(struct names *names, const struct policy *policy)
{
	names->items = calloc(policy->count + 1, sizeof(*names->items));
	return names->items ? policy_rule_texts(policy, &names->texts) : -ENOMEM;
}

static void add_name(struct names *names, size_t index)
{
	names->items[names->count++] = (struct named){ names->texts.items[index], index };
}

/* The rules of @policy without an id. */
static int collect_waiting(struct names *names, const struct policy *policy)
{
	if (names_init(names, policy))
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++)
		if (!policy->rules[i].id)
			add_name(names, i);
	qsort(names->items, names->count, sizeof(*names->items), by_text);
	return 0;
}

/* The rules of @previous whose ids no rule of @policy has. */
static int collect_free(struct names *names, const struct policy *previous,
			const struct policy *policy)
{
	_cleanup_(freep) uint32_t *taken = ids_of(policy);
	uint32_t id;

	if (!taken || names_init(names, previous))
		return -ENOMEM;
	for (size_t i = 0; i < previous->count; i++) {
		id = previous->rules[i].id;
		if (id && !bsearch(&id, taken, policy->count, sizeof(id), by_value))
			add_name(names, i);
	}
	qsort(names->items, names->count, sizeof(*names->items), by_text);
	return 0;
}

/* Both lists are sorted: walk them side by side. */
static void match_names(const struct names *rules, const struct names *earlier,
			const struct policy *previous, uint32_t *ids)
{
	size_t i = 0, j = 0;
	int order;

	while (i < rules->count && j < earlier->count) {
		order = strcmp(rules->items[i].text, earlier->items[j].text);
		if (!order)
			ids[rules->items[i].index] = previous->rules[earlier->items[j].index].id;
		i += order <= 0;
		j += order >= 0;
	}
}

/* The first id that neither policy has ever given to a rule. */
static uint32_t first_fresh(const struct policy *policy, const struct policy *previous)
{
	uint32_t next = policy->next_id ? policy->next_id : 1;

	if (previous && previous->next_id > next)
		next = previous->next_id;
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].id >= next)
			next = policy->rules[i].id + 1;
	for (size_t i = 0; previous && i < previous->count; i++)
		if (previous->rules[i].id >= next)
			next = previous->rules[i].id + 1;
	return next;
}

int policy_assign_ids(struct policy *policy, const struct policy *previous)
{
	_cleanup_(names_clear) struct names rules = { 0 }, earlier = { 0 };
	_cleanup_(freep) uint32_t *ids = calloc(policy->count + 1, sizeof(*ids));
	uint32_t next = first_fresh(policy, previous);

	if (!ids || collect_waiting(&rules, policy) ||
	    (previous && collect_free(&earlier, previous, policy)))
		return -ENOMEM;
	if (!next || UINT32_MAX - next < policy->count)
		return -EOVERFLOW;
	if (previous)
		match_names(&rules, &earlier, previous, ids);
	for (size_t i = 0; i < policy->count; i++)
		if (!policy->rules[i].id)
			policy->rules[i].id = ids[i] ? ids[i] : next++;
	policy->next_id = next;
	return 0;
}

void policy_forget_ids(struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++)
		policy->rules[i].id = 0;
	policy->next_id = 1;
}
