// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "attachment_state.h"
#include "difference.h"
#include "json_text.h"
#include "own.h"
#include "print.h"
#include "reserved_sets.h"
#include "terminal.h"
#include "util.h"

/* --- rules --- */

static int by_id(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The ids of a policy's rules, sorted; malloc'd, NULL without memory. */
static uint32_t *sorted_ids(const struct policy *policy)
{
	uint32_t *ids = calloc(policy->count + 1, sizeof(*ids));

	for (size_t i = 0; ids && i < policy->count; i++)
		ids[i] = policy->rules[i].id;
	if (ids)
		qsort(ids, policy->count, sizeof(*ids), by_id);
	return ids;
}

/* Calls `each` for the rules of `policy` that `other` does not have, and returns how many. */
static size_t each_missing(const struct policy *policy, const struct policy *other,
			   void (*each)(const struct rule *, const char *text, void *), void *data)
{
	_cleanup_(rule_texts_clear) struct rule_texts texts = {};
	_cleanup_(freep) uint32_t *ids = sorted_ids(other);
	size_t count = 0;

	if (!ids || policy_rule_texts(policy, &texts))
		return 0;
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (bsearch(&rule->id, ids, other->count, sizeof(*ids), by_id))
			continue;
		each(rule, texts.items[i], data);
		count++;
	}
	return count;
}

static void print_gone(const struct rule *rule, const char *text, void *data)
{
	(void)data;
	terminal_print(stdout, COLOUR_RED, "  - %s", text);
	printf("  # id %u\n", rule->id);
}

static void print_come(const struct rule *rule, const char *text, void *data)
{
	(void)data;
	terminal_print(stdout, COLOUR_GREEN, "  + %s", text);
	printf("  # id %u\n", rule->id);
}

static void add_json(const struct rule *rule, const char *text, void *list)
{
	json_array_append_new(list,
			      json_pack("{s:I, s:s}", "id", (json_int_t)rule->id, "rule", text));
}

static json_t *rules_missing_json(const struct policy *policy, const struct policy *other)
{
	json_t *list = json_array();

	each_missing(policy, other, add_json, list);
	return list;
}

/* --- sets --- */

enum set_change {
	SET_SAME,
	SET_COME,
	SET_GONE,
	SET_CHANGED,
};

/* How a set has changed; either may be NULL. */
static enum set_change set_change(const struct set *old, const struct set *new)
{
	if (!old || !new)
		return old ? SET_GONE : SET_COME;
	return sets_identical(old, new) ? SET_SAME : SET_CHANGED;
}

/* The set of this name; NULL: there is none. */
static const struct set *find_set(const struct policy *policy, const char *name)
{
	size_t number = policy_find_set(policy, name, strlen(name));

	return number < policy->set_count ? policy->sets[number] : NULL;
}

/* Calls `each` for every set that differs, and returns how many do. */
static size_t each_changed_set(const struct policy *old, const struct policy *new,
			       void (*each)(enum set_change, const struct set *old,
					    const struct set *new, void *),
			       void *data)
{
	size_t count = 0;

	for (size_t i = 0; i < old->set_count; i++) {
		const struct set *set = old->sets[i], *now = find_set(new, set->name);
		enum set_change change = set_change(set, now);

		if (change == SET_SAME || set_is_reserved(set))
			continue;
		each(change, set, now, data);
		count++;
	}
	for (size_t i = 0; i < new->set_count; i++) {
		if (set_is_reserved(new->sets[i]) || find_set(old, new->sets[i]->name))
			continue;
		each(SET_COME, NULL, new->sets[i], data);
		count++;
	}
	return count;
}

/* `3 prefixes from /etc/feed.txt`. @noun: with "prefixes"; @source: with where it is from */
static void describe_set(const struct set *set, bool noun, bool source, char *text, size_t size)
{
	uint64_t count = set_size(set);
	int used = snprintf(text, size, "%llu", (unsigned long long)count);

	if (noun)
		used += snprintf(text + used, size - used, " %s", set_unit(set, count));
	if (source)
		snprintf(text + used, size - used, set->path ? " from %s" : " in the policy",
			 set->path);
}

static bool same_path(const struct set *a, const struct set *b)
{
	return !a->path == !b->path && (!a->path || !strcmp(a->path, b->path));
}

static void print_changed_set(const struct set *old, const struct set *new)
{
	char now[PATH_MAX + 64], before[PATH_MAX + 64];
	bool moved = !same_path(old, new) || old->live != new->live;

	describe_set(new, true, moved, now, sizeof(now));
	describe_set(old, moved, moved, before, sizeof(before));
	if (moved || set_size(old) != set_size(new))
		printf("  set %s: %s, was %s\n", new->name, now, before);
	else
		printf("  set %s: %s, as many as before, but not the same\n", new->name, now);
}

static void print_set(enum set_change change, const struct set *old, const struct set *new,
		      void *data)
{
	const struct set *set = new ?: old;
	char text[PATH_MAX + 64];

	(void)data;
	if (change == SET_CHANGED) {
		print_changed_set(old, new);
		return;
	}
	describe_set(set, true, set->path, text, sizeof(text));
	terminal_print(stdout, change == SET_GONE ? COLOUR_RED : COLOUR_GREEN, "  %c set %s: %s",
		       change == SET_GONE ? '-' : '+', set->name, text);
	putchar('\n');
}

static void add_set_json(enum set_change change, const struct set *old, const struct set *new,
			 void *list)
{
	static const char *const words[] = {
		[SET_COME] = "added",
		[SET_GONE] = "removed",
		[SET_CHANGED] = "changed",
	};
	json_t *item = json_pack("{s:s, s:s}", "name", (new ?: old)->name, "change", words[change]);

	if (old)
		json_object_set_new(item, "was", json_integer(set_size(old)));
	if (old && old->path)
		json_object_set_new(item, "was_path", json_text(old->path));
	if (new)
		json_object_set_new(item, "prefixes", json_integer(set_size(new)));
	if (new &&new->path)
		json_object_set_new(item, "path", json_text(new->path));
	json_array_append_new(list, item);
}

static json_t *sets_changed_json(const struct policy *old, const struct policy *new)
{
	json_t *list = json_array();

	each_changed_set(old, new, add_set_json, list);
	return list;
}

/* --- rates with a name --- */

/* The bucket of this name; NULL: there is none. */
static const struct bucket *find_bucket(const struct policy *policy, const char *name)
{
	size_t number = policy_find_bucket(policy, name, strlen(name));

	return number < policy->bucket_count ? policy->buckets[number] : NULL;
}

/* Calls `each` for the buckets of `policy` that `other` does not have like that, and returns how
 * many. */
static size_t each_missing_bucket(const struct policy *policy, const struct policy *other,
				  void (*each)(const char *text, void *), void *data)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->bucket_count; i++) {
		const struct bucket *bucket = policy->buckets[i];
		const struct bucket *same = find_bucket(other, bucket->name);
		_cleanup_(freep) char *text = policy_bucket_print(bucket);
		_cleanup_(freep) char *its = same ? policy_bucket_print(same) : NULL;

		if (!text || (its && !strcmp(text, its)))
			continue;
		each(text, data);
		count++;
	}
	return count;
}

static void print_gone_bucket(const char *text, void *data)
{
	(void)data;
	terminal_print(stdout, COLOUR_RED, "  - %s", text);
	putchar('\n');
}

static void print_come_bucket(const char *text, void *data)
{
	(void)data;
	terminal_print(stdout, COLOUR_GREEN, "  + %s", text);
	putchar('\n');
}

static void add_bucket_json(const char *text, void *list)
{
	json_array_append_new(list, json_string(text));
}

static json_t *buckets_missing_json(const struct policy *policy, const struct policy *other)
{
	json_t *list = json_array();

	each_missing_bucket(policy, other, add_bucket_json, list);
	return list;
}

/* --- both --- */

/* The next rule, from index *at on, whose id is in the sorted list; NULL: there is none left. */
static const struct rule *next_common(const struct policy *policy, size_t *at, const uint32_t *ids,
				      size_t count)
{
	while (*at < policy->count) {
		const struct rule *rule = &policy->rules[(*at)++];

		if (bsearch(&rule->id, ids, count, sizeof(*ids), by_id))
			return rule;
	}
	return NULL;
}

/* Are the rules that both policies have in another order? */
static bool reordered(const struct policy *old, const struct policy *new)
{
	_cleanup_(freep) uint32_t *old_ids = sorted_ids(old), *new_ids = sorted_ids(new);
	const struct rule *a, *b;
	size_t i = 0, j = 0;

	if (!old_ids || !new_ids)
		return false;
	do {
		a = next_common(old, &i, new_ids, new->count);
		b = next_common(new, &j, old_ids, old->count);
	} while (a && b && a->id == b->id);
	return a && b;
}

static size_t print_defaults(const struct policy *old, const struct policy *new)
{
	size_t count = 0;

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		_cleanup_(freep) char *now = policy_default_print(new, d);
		_cleanup_(freep) char *before = policy_default_print(old, d);

		if (!now || !before || !strcmp(now, before))
			continue;
		printf("  %s, was %s\n", now,
		       before + strlen("default  ") + strlen(policy_direction_name(d)));
		count++;
	}
	return count;
}

static size_t print_resolvers(const struct policy *old, const struct policy *new)
{
	_cleanup_(freep) char *now = policy_resolvers_print(new);
	_cleanup_(freep) char *before = policy_resolvers_print(old);

	if (!now || !before || !strcmp(now, before))
		return 0;
	if (*before)
		terminal_print(stdout, COLOUR_RED, "  - %s", before);
	if (*now)
		terminal_print(stdout, COLOUR_GREEN, "  + %s", now);
	return 1;
}

/* Whether it is audited as a whole: the words show in the rules. */
static size_t print_audit(const struct policy *old, const struct policy *new)
{
	if (old->audit == new->audit)
		return 0;
	if (new->audit)
		terminal_print(stdout, COLOUR_YELLOW, "  audit: " ATTACHMENT_AUDITS);
	else
		printf("  no longer audited: what it denies is dropped");
	putchar('\n');
	return 1;
}

void difference_print(const struct policy *old, const struct policy *new)
{
	size_t count = each_changed_set(old, new, print_set, NULL);

	count += each_missing_bucket(old, new, print_gone_bucket, NULL);
	count += each_missing_bucket(new, old, print_come_bucket, NULL);
	count += each_missing(old, new, print_gone, NULL);
	count += each_missing(new, old, print_come, NULL);
	count += print_defaults(old, new);
	count += print_audit(old, new);
	if (!prefixes_equal(&old->own, &new->own) || !own_same(&old->own_found, &new->own_found))
		count += printf("  the container's own addresses\n") > 0;
	count += print_resolvers(old, new);
	if (reordered(old, new))
		printf("  the order of the rules\n");
	else if (!count)
		printf("  the order of the sets\n");
}

json_t *difference_json(const struct policy *old, const struct policy *new)
{
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:b, s:{s:s, s:s}}", "added",
			 rules_missing_json(new, old), "removed", rules_missing_json(old, new),
			 "reordered", reordered(old, new), "sets", sets_changed_json(old, new),
			 "rates_added", buckets_missing_json(new, old), "rates_removed",
			 buckets_missing_json(old, new), "audit", new->audit, "defaults", "from",
			 policy_default_words(new, PCTL_FROM), "to",
			 policy_default_words(new, PCTL_TO));
}
