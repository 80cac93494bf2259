/* SPDX-License-Identifier: GPL-2.0-only */
/* policy_merge(): two policies become one. */
#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "reserved_sets.h"

static int twice(struct diagnostics *diagnostics, const char *what, const char *name)
{
	if (diagnostics_add(diagnostics, SEVERITY_ERROR, "policy", (struct place){ 0 }, 1, NULL,
			    "the %s '%s' is defined in two of the policies that are put together: "
			    "give one of them another name",
			    what, name))
		return -ENOMEM;
	return -EINVAL;
}

/* -EINVAL: a set or a bucket of @from has the name of one of @into. */
static int check_names(const struct policy *into, const struct policy *from,
		       struct diagnostics *diagnostics)
{
	int error = 0;

	for (size_t i = 0; i < from->set_count && error != -ENOMEM; i++) {
		const char *name = from->sets[i]->name;

		if (!set_is_reserved(from->sets[i]) &&
		    policy_find_set(into, name, strlen(name)) < into->set_count)
			error = twice(diagnostics, "set", name);
	}
	for (size_t i = 0; i < from->bucket_count && error != -ENOMEM; i++) {
		const char *name = from->buckets[i]->name;

		if (policy_find_bucket(into, name, strlen(name)) < into->bucket_count)
			error = twice(diagnostics, "rate", name);
	}
	return error;
}

/* Makes room for the rules, sets and buckets of @from. */
static int reserve(struct policy *into, const struct policy *from)
{
	struct bucket **buckets;
	struct rule *rules;
	struct set **sets;

	rules = reallocarray(into->rules, into->count + from->count + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	into->rules = rules;
	sets = reallocarray(into->sets, into->set_count + from->set_count + 1, sizeof(*sets));
	if (!sets)
		return -ENOMEM;
	into->sets = sets;
	buckets = reallocarray(into->buckets, into->bucket_count + from->bucket_count + 1,
			       sizeof(*buckets));
	if (!buckets)
		return -ENOMEM;
	into->buckets = buckets;
	return 0;
}

static void point_at(const struct set **sets, size_t count, const struct set *old,
		     const struct set *new)
{
	for (size_t i = 0; i < count; i++)
		if (sets[i] == old)
			sets[i] = new;
}

/* A reserved set that both policies name is one. */
static void move_sets(struct policy *into, struct policy *from)
{
	for (size_t i = 0; i < from->set_count; i++) {
		struct set *set = from->sets[i];
		size_t same = policy_find_set(into, set->name, strlen(set->name));

		if (same == into->set_count) {
			into->sets[into->set_count++] = set;
			continue;
		}
		for (size_t j = 0; j < from->count; j++)
			point_at(from->rules[j].peers.sets, from->rules[j].peers.set_count, set,
				 into->sets[same]);
		set_free(set);
	}
}

/* Takes the blocks of @from, if there are any. */
static void take_blocks(struct prefixes *into, struct place *into_place, struct prefixes *from,
			struct place from_place)
{
	if (!from->count)
		return;
	prefixes_clear(into);
	*into = *from;
	*into_place = from_place;
	*from = (struct prefixes){ 0 };
}

int policy_merge(struct policy *into, struct policy *from, struct diagnostics *diagnostics)
{
	int error = check_names(into, from, diagnostics);

	if (error)
		return error;
	if (reserve(into, from))
		return -ENOMEM;
	move_sets(into, from);
	for (size_t i = 0; i < from->count; i++)
		into->rules[into->count++] = from->rules[i];
	for (size_t i = 0; i < from->bucket_count; i++)
		into->buckets[into->bucket_count++] = from->buckets[i];
	from->count = from->set_count = from->bucket_count = 0;
	take_blocks(&into->own, &into->own_place, &from->own, from->own_place);
	take_blocks(&into->resolvers, &into->resolvers_place, &from->resolvers,
		    from->resolvers_place);
	if (from->connections) {
		into->connections = from->connections;
		into->connections_place = from->connections_place;
	}
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++) {
		if (!from->default_places[i].line)
			continue;
		into->defaults[i] = from->defaults[i];
		into->default_audits[i] = from->default_audits[i];
		into->default_treatments[i] = from->default_treatments[i];
		into->default_places[i] = from->default_places[i];
	}
	return 0;
}
