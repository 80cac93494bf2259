/* SPDX-License-Identifier: GPL-2.0-only */
#include "definitions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "reserved_sets.h"
#include "suggest.h"

int parser_define(struct parser *parser, struct set **set, const struct word *name, bool broken)
{
	struct definition *definitions = reallocarray(
		parser->definitions, parser->policy->set_count + 1, sizeof(*definitions));

	if (!definitions)
		return -ENOMEM;
	parser->definitions = definitions;
	definitions[parser->policy->set_count] =
		(struct definition){ .name = *name, .broken = broken };
	if (policy_add_set(parser->policy, *set))
		return -ENOMEM;
	*set = NULL;
	return 0;
}

static int unknown_set(struct parser *parser, const struct word *bare)
{
	const struct word *name = &parser->token.word;
	struct suggestion suggestion;

	suggestion_start(&suggestion, bare);
	for (size_t i = 0; i < parser->policy->set_count; i++)
		suggestion_consider(&suggestion, parser->policy->sets[i]->name);
	for (size_t i = 0; reserved_set_names[i]; i++)
		suggestion_consider(&suggestion, reserved_set_names[i]);
	if (suggestion.nearest)
		return source_error(&parser->source, name,
				    "unknown set '%.*s', did you mean '@%s'?", WORD_ARGS(name),
				    suggestion.nearest);
	return source_error(&parser->source, name,
			    "unknown set '%.*s': a set is defined above the rules that name it",
			    WORD_ARGS(name));
}

static int define_reserved(struct parser *parser, const struct word *name)
{
	_cleanup_(set_freep) struct set *set = reserved_set_new(name->text, name->length);

	return set ? parser_define(parser, &set, name, false) : -ENOMEM;
}

int parser_find_set(struct parser *parser, size_t *number)
{
	struct word name = parser->token.word;

	name.text++;
	name.length--;
	*number = policy_find_set(parser->policy, name.text, name.length);
	if (*number == parser->policy->set_count) {
		if (!set_name_is_reserved(name.text, name.length))
			return unknown_set(parser, &name);
		if (define_reserved(parser, &name))
			return -ENOMEM;
	}
	parser->definitions[*number].used = true;
	return 0;
}

static size_t number_of(const struct policy *policy, const struct set *set)
{
	size_t number = 0;

	while (policy->sets[number] != set)
		number++;
	return number;
}

/* Sets that need no definition come first, by their names. The lines of the others do not tell
 * their order: they may be of several texts. */
static int compare(const struct policy *policy, const struct set *a, const struct set *b)
{
	bool reserved = set_name_is_reserved(a->name, strlen(a->name));

	if (reserved != set_name_is_reserved(b->name, strlen(b->name)))
		return reserved ? -1 : 1;
	if (reserved)
		return strcmp(a->name, b->name);
	return a == b ? 0 : number_of(policy, a) < number_of(policy, b) ? -1 : 1;
}

int sets_add(const struct policy *policy, const struct set ***sets, size_t *count,
	     const struct set *set)
{
	const struct set **grown;
	size_t at = *count;

	while (at && compare(policy, (*sets)[at - 1], set) >= 0) {
		at--;
		if ((*sets)[at] == set)
			return 0;
	}
	grown = reallocarray(*sets, *count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*sets = grown;
	memmove(grown + at + 1, grown + at, ((*count)++ - at) * sizeof(*grown));
	grown[at] = set;
	return 0;
}
