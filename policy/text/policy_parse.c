/* SPDX-License-Identifier: GPL-2.0-only */
#include "policy_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "cleanup.h"
#include "diagnostics.h"
#include "fields.h"
#include "needs.h"
#include "parse_live.h"
#include "parse_rule.h"
#include "parse_set.h"
#include "parse_treatments.h"

/* More errors are not reported: a binary file has one in each line. */
#define MAX_ERRORS 20
/* Far above the longest rule that policy_print() writes: every second port in one list. */
#define MAX_LINE (1 << 20)

struct statements {
	struct parser parser;
	size_t capacity; /* of the policy's rules */
	bool statements; /* there is one */
};

/* `default [from|to] allow|deny|reject …`, from its second word on; @word is the first. */
static int parse_default(struct parser *parser, const struct word *word)
{
	static const char *const after_default[] = {
		"from", "to", "allow", "deny", "reject", NULL
	};
	static const char *const after_direction[] = { "allow", "deny", "reject", NULL };
	unsigned int directions = parse_directions(parser);
	struct treatment treatment;
	enum verdict verdict;
	bool audit;
	int error;

	if (!parse_verdict(parser, &verdict)) {
		if (parser->token.kind != TOKEN_WORD)
			return parser_expected(parser, "`allow`, `deny` or `reject`");
		return parser_unknown_word(parser, directions == POLICY_BOTH ? after_default
									     : after_direction);
	}
	error = treatment_parse_default(parser, verdict, &treatment);
	if (error)
		return error;
	if (parser->of_label && mirror_given(&treatment.mirror))
		return source_error(&parser->source, word,
				    "a label cannot say `mirror`: a policy file can, which the "
				    "operator of the host writes");
	audit = parser_at_word(parser, FIELD_AUDIT);
	if (audit && verdict == VERDICT_ALLOW && treatment.limiting != LIMITING_RATE)
		return source_error(&parser->source, &parser->token.word,
				    "`audit` does not fit here: what is allowed passes anyway");
	if (audit)
		parser_advance(parser);
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++) {
		struct place *place = &parser->policy->default_places[i];

		if (!(directions & 1u << i))
			continue;
		if (place->line)
			return source_error(&parser->source, word,
					    "the default of `%s` was set in line %u already",
					    policy_direction_name(i), place->line);
		*place = word->place;
		parser->policy->defaults[i] = verdict;
		parser->policy->default_audits[i] = audit;
		parser->policy->default_treatments[i] = treatment;
	}
	return 0;
}

/* `allow|deny|reject …`, from its second word on. */
static int parse_rule_statement(struct statements *all, enum verdict verdict, struct place place)
{
	_cleanup_(rule_clear) struct rule rule = { .verdict = verdict, .place = place };
	int error = parse_rule(&all->parser, &rule);

	return error ? error : policy_append(all->parser.policy, &all->capacity, &rule);
}

static bool is_one_of(const struct word *word, const char *const *words)
{
	while (*words && !word_is(word, *words))
		words++;
	return *words != NULL;
}

/* `connections N`, from its second word on; @word is the first. */
static int parse_connections(struct parser *parser, const struct word *word)
{
	struct policy *policy = parser->policy;
	const struct word *value = &parser->token.word;
	unsigned long number = 0;
	char text[16], *end = text;

	if (policy->connections_place.line)
		return source_error(&parser->source, word,
				    "`connections` was given in line %u already",
				    policy->connections_place.line);
	if (parser->token.kind == TOKEN_WORD && word_is_number(value) &&
	    word_copy(value, text, sizeof(text)))
		number = strtoul(text, &end, 10);
	if (end == text || *end || number < POLICY_CONNECTIONS_MIN ||
	    number > POLICY_CONNECTIONS_MAX)
		return parser_expected(
			parser, "the number of connections that there is room for, 64 to 1048576");
	policy->connections = (uint32_t)number;
	policy->connections_place = word->place;
	parser_advance(parser);
	return 0;
}

/* What begins with a word of its own, that is no verdict. */
static int parse_other(struct parser *parser, const struct word *first)
{
	if (word_is(first, "default"))
		return parse_default(parser, first);
	if (word_is(first, "set"))
		return parse_set(parser);
	if (word_is(first, WORD_RATE))
		return parse_bucket(parser);
	if (parser->of_label)
		return parser_refuse_in_label(parser, first);
	if (word_is(first, "resolver"))
		return parse_resolver(parser, first);
	return word_is(first, "own") ? parse_own(parser, first) : parse_connections(parser, first);
}

static int parse_statement(struct statements *all)
{
	static const char *const starts[] = { "allow", "deny",	   "reject",	  "default", "set",
					      "own",   "resolver", "connections", "rate",    NULL };
	struct parser *parser = &all->parser;
	struct word first = parser->token.word;
	enum verdict verdict;
	int error;

	if (lexer_line_length(&parser->lexer) > MAX_LINE)
		return source_error(&parser->source, &first, "the line is longer than %d bytes",
				    MAX_LINE);
	if (parse_verdict(parser, &verdict))
		return parse_rule_statement(all, verdict, first.place);
	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser,
				       "`allow`, `deny`, `reject`, `default`, `set`, `own`, "
				       "`resolver`, `connections` or `rate`");
	if (!is_one_of(&first, starts))
		return parser_unknown_word(parser, starts);
	parser_advance(parser);
	error = parse_other(parser, &first);
	if (!error && !parser_at_end(parser))
		error = parser_expected(parser, "the end of the line");
	return error;
}

static int too_many_errors(struct parser *parser)
{
	return source_error(&parser->source, &parser->token.word,
			    "more than %d errors: from here on the text was not read", MAX_ERRORS);
}

/* After an error the rest of the statement is skipped; parsing goes on with the next one. */
static void leave_statement(struct parser *parser)
{
	if (parser->in_set) {
		parser_leave_set(parser);
		return;
	}
	while (!parser_at_end(parser))
		parser_advance(parser);
}

static int parse_statements(struct statements *all)
{
	struct parser *parser = &all->parser;
	struct word whole = { .text = parser->source.text };
	int error;

	parser_advance(parser);
	while (parser->token.kind != TOKEN_END) {
		if (parser_at_end(parser)) {
			parser_advance(parser);
			continue;
		}
		if (parser->source.errors == MAX_ERRORS)
			return too_many_errors(parser);
		all->statements = true;
		error = parse_statement(all);
		if (error && error != -EINVAL)
			return error;
		if (error)
			leave_statement(parser);
	}
	error = parser->more ? 0 : parser_check_resolvers(parser);
	if (error == -ENOMEM)
		return error;
	if (parser->source.errors)
		return -EINVAL;
	if (!all->statements && parser->more)
		return source_error(&parser->source, &whole, "there is no rule in it");
	if (!all->statements)
		return source_warning(&parser->source, &whole,
				      "this policy says nothing, so everything passes: write "
				      "`default allow` if that is meant");
	if (parser->more)
		return parser_warn_of_sets(parser);
	return parser_warn_of_sets(parser) ?: parser_warn_of_buckets(parser);
}

/* Reads a text into a policy; with an error, as far as it can be read. */
static int read_text(struct statements *all)
{
	int error = parser_start(&all->parser);

	all->capacity = all->parser.policy->count;
	error = error ? error : parse_statements(all);
	free(all->parser.definitions);
	return error;
}

int policy_parse(const char *name, const char *text, size_t length,
		 const struct policy_files *files, struct policy **policy,
		 struct diagnostics *diagnostics)
{
	_cleanup_(policy_freep) struct policy *new = policy_new();
	struct statements all = {
		.parser.source = {
			.name = name,
			.text = text,
			.length = length,
			.diagnostics = diagnostics,
		},
		.parser.policy = new,
		.parser.files = files,
	};
	int error = new ? read_text(&all) : -ENOMEM;

	if (error)
		return error;
	*policy = TAKE_PTR(new);
	return 0;
}

/* --- more rules --- */

/* What each text may say once. */
struct once {
	struct place default_places[PCTL_DIRECTIONS];
	struct prefixes own, resolvers;
	struct place own_place, resolvers_place, connections_place;
};

static void put_aside(struct policy *policy, struct once *once)
{
	memcpy(once->default_places, policy->default_places, sizeof(once->default_places));
	memset(policy->default_places, 0, sizeof(policy->default_places));
	once->own = policy->own;
	once->own_place = policy->own_place;
	once->resolvers = policy->resolvers;
	once->resolvers_place = policy->resolvers_place;
	once->connections_place = policy->connections_place;
	policy->own = policy->resolvers = (struct prefixes){ 0 };
	policy->resolvers_place = (struct place){ 0 };
	policy->own_place = policy->connections_place = (struct place){ 0 };
}

static struct place place_behind(struct place new, struct place old)
{
	return new.line ? (struct place){ 0 } : old;
}

/* @old: what was there; it goes where the text has another. */
static void replace_prefixes(struct prefixes *prefixes, struct place given, struct prefixes *old)
{
	if (given.line) {
		prefixes_clear(old);
		return;
	}
	prefixes_clear(prefixes);
	*prefixes = *old;
}

/* What the text did not say stays as it was. What it said has no place: the policy is of several
 * texts. */
static void put_back(struct policy *policy, struct once *once)
{
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++)
		policy->default_places[i] =
			place_behind(policy->default_places[i], once->default_places[i]);
	policy->connections_place =
		place_behind(policy->connections_place, once->connections_place);
	replace_prefixes(&policy->own, policy->own_place, &once->own);
	replace_prefixes(&policy->resolvers, policy->resolvers_place, &once->resolvers);
	policy->resolvers_place = place_behind(policy->resolvers_place, once->resolvers_place);
	policy->own_place = place_behind(policy->own_place, once->own_place);
}

/* The resolvers may be of an earlier text. */
static int check_names(struct source *source, const struct policy *policy)
{
	struct word whole = { .text = source->text };

	for (size_t i = 0; i < policy->set_count && !policy->resolvers.count; i++)
		if (policy->sets[i]->live == PCTL_LIVE_DNS &&
		    policy_has_peer(policy, policy->sets[i]))
			return source_error(source, &whole,
					    "the addresses of '%s' come from DNS answers: write "
					    "whose are believed, resolver { 198.51.100.53 }",
					    policy->sets[i]->name);
	return 0;
}

/* Those behind the first ones. */
static void forget_places(struct policy *policy, size_t rules, size_t sets, size_t buckets)
{
	for (size_t i = rules; i < policy->count; i++)
		policy->rules[i].place = (struct place){ 0 };
	for (size_t i = sets; i < policy->set_count; i++)
		policy->sets[i]->place = (struct place){ 0 };
	for (size_t i = buckets; i < policy->bucket_count; i++)
		policy->buckets[i]->place = (struct place){ 0 };
}

int policy_add_text(struct policy *policy, const struct policy_text *text,
		    struct diagnostics *diagnostics)
{
	struct statements all = {
		.parser.source = {
			.name = text->name,
			.text = text->text,
			.length = strlen(text->text),
			.diagnostics = diagnostics,
		},
		.parser.policy = policy,
		.parser.files = text->files,
		.parser.more = true,
		.parser.of_label = text->of_label,
	};
	const size_t rules = policy->count, sets = policy->set_count,
		     buckets = policy->bucket_count;
	struct once once;
	int error;

	put_aside(policy, &once);
	error = read_text(&all);
	put_back(policy, &once);
	forget_places(policy, rules, sets, buckets);
	return error ? error : check_names(&all.parser.source, policy);
}
