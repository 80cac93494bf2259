/* SPDX-License-Identifier: GPL-2.0-only */
#include "policy_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "block.h"
#include "cleanup.h"
#include "diagnostics.h"
#include "fields.h"
#include "foreign.h"
#include "parse_live.h"
#include "parse_set.h"
#include "parse_treatments.h"
#include "protocols.h"
#include "suggest.h"

/* More errors are not reported: a binary file has one in each line. */
#define MAX_ERRORS 20
/* Far above the longest rule that policy_print() writes: every second port in one list. */
#define MAX_LINE (1 << 20)

struct statements {
	struct parser parser;
	size_t capacity; /* of the policy's rules */
	bool statements; /* there is one */
};

/* Reports a word that should be one of @known, which ends with NULL, and is not. */
static int unknown_word(struct parser *parser, const char *const *known)
{
	const struct word *word = &parser->token.word;
	struct suggestion suggestion;
	char list[256] = "";
	size_t length = 0;
	int error;

	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "a word");
	error = parser_refuse_short_form(parser);
	if (error)
		return error;
	if (foreign_hint(word))
		return source_error(&parser->source, word, "unknown word '%.*s': %s",
				    WORD_ARGS(word), foreign_hint(word));
	suggestion_start(&suggestion, word);
	for (; *known; known++) {
		suggestion_consider(&suggestion, *known);
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s`%s`",
					   length ? ", " : "", *known);
	}
	if (suggestion.nearest)
		return source_error(&parser->source, word,
				    "unknown word '%.*s', did you mean '%s'?", WORD_ARGS(word),
				    suggestion.nearest);
	return source_error(&parser->source, word, "unknown word '%.*s', known here: %s",
			    WORD_ARGS(word), list);
}

/* Takes `from` or `to`, if it is the next token; else returns both. */
static unsigned int parse_directions(struct parser *parser)
{
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++) {
		if (parser_at_word(parser, policy_direction_name(i))) {
			parser_advance(parser);
			return 1u << i;
		}
	}
	return POLICY_BOTH;
}

/* Takes a verdict, if it is the next token. */
static bool parse_verdict(struct parser *parser, enum verdict *verdict)
{
	for (enum verdict v = VERDICT_ALLOW; v <= VERDICT_REJECT; v++) {
		if (parser_at_word(parser, policy_verdict_name(v))) {
			*verdict = v;
			parser_advance(parser);
			return true;
		}
	}
	return false;
}

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
		return unknown_word(parser,
				    directions == POLICY_BOTH ? after_default : after_direction);
	}
	error = treatment_parse_default(parser, verdict, &treatment);
	if (error)
		return error;
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

static bool names_protocol(const struct word *word)
{
	char name[64];

	return word_copy(word, name, sizeof(name)) && protocol_number(name) >= 0;
}

static int behind_audit(struct parser *parser, const struct field *field)
{
	const struct word *word = &parser->token.word;

	if (!strcmp(field->name, FIELD_AUDIT))
		return source_error(&parser->source, word, "`audit` is given twice");
	return source_error(&parser->source, word,
			    "only `log` follows `audit`: write `%s` before it", field->name);
}

static int behind_log(struct parser *parser, const struct field *field)
{
	const struct word *word = &parser->token.word;

	if (field && strcmp(field->name, FIELD_LOG))
		return source_error(&parser->source, word,
				    "`log` is the last word of a rule: write `%s` before it",
				    field->name);
	return source_error(&parser->source, word,
			    "`log` is the last word of a rule: nothing may follow it");
}

static bool is_number(const struct word *word)
{
	return *word->text >= '0' && *word->text <= '9';
}

static bool values_given(const struct rule *rule)
{
	return rule->dports.count || rule->sports.count || rule->types.count;
}

/* `tcp 80`, `tcp port 80` */
static bool port_is_meant(const struct word *word, const char *const *known)
{
	bool fits = false;

	for (; *known; known++)
		fits |= !strcmp(*known, "dport");
	return fits && (is_number(word) || word_is(word, "port"));
}

/* Reports a token that is no field, where a field could be. */
static int unknown_field(struct parser *parser, const struct rule *rule)
{
	const struct word *word = &parser->token.word;
	const char *known[16] = { NULL };
	size_t count = 0;

	for (size_t i = 0; i < field_count; i++)
		if (fields[i].fits(rule) && !fields[i].given(&fields[i], rule))
			known[count++] = fields[i].name;
	if (parser->token.kind == TOKEN_COMMA)
		return source_error(&parser->source, word,
				    "several values are written as a list in braces, { 80, 443 }");
	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "the end of the line");
	if (*word->text == '@' || address_is_meant(word))
		return source_error(&parser->source, word,
				    "write `peer` before an address or a set: peer %.*s",
				    WORD_ARGS(word));
	if (is_number(word) && values_given(rule))
		return source_error(&parser->source, word,
				    "several values are written as a list in braces, { 80, 443 }");
	if (port_is_meant(word, known))
		return source_error(
			&parser->source, word,
			"write `dport` (destination) or `sport` (source) before a port");
	if (!foreign_hint(word) && names_protocol(word))
		return source_error(&parser->source, word,
				    "several protocols are written as a list: { tcp, %.*s }",
				    WORD_ARGS(word));
	if (count || foreign_hint(word))
		return unknown_word(parser, known);
	return source_error(&parser->source, word,
			    "unknown word '%.*s': only the end of the line is known here",
			    WORD_ARGS(word));
}

static int parse_field(struct parser *parser, struct rule *rule)
{
	const struct field *field = NULL;
	const struct word *word = &parser->token.word;

	if (parser->token.kind == TOKEN_WORD)
		field = field_find(word);
	if (rule->log)
		return behind_log(parser, field);
	if (!field)
		return unknown_field(parser, rule);
	if (rule->audit && strcmp(field->name, FIELD_LOG) != 0)
		return behind_audit(parser, field);
	if (!field->fits(rule))
		return source_error(&parser->source, word, "`%s` does not fit here: %s",
				    field->name, field->refusal);
	if (field->given(field, rule))
		return source_error(&parser->source, word,
				    "`%s` is given twice: several values are written as a list, "
				    "{ 80, 443 }",
				    field->name);
	parser_advance(parser);
	return field->parse(field, parser, rule);
}

static bool at_line_end(const struct parser *parser)
{
	return parser->token.kind == TOKEN_NEWLINE || parser->token.kind == TOKEN_END;
}

/* `allow|deny [from|to] PROTOCOLS FIELD...`, from its second word on. */
static int parse_rule(struct statements *all, enum verdict verdict, struct place place)
{
	_cleanup_(rule_clear) struct rule rule = { .verdict = verdict, .place = place };
	struct parser *parser = &all->parser;
	int error;

	rule.directions = parse_directions(parser);
	error = field_parse_protocols(parser, &rule);
	while (!error && !at_line_end(parser))
		error = parse_field(parser, &rule);
	if (error)
		return error;
	return policy_append(parser->policy, &all->capacity, &rule);
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
	if (parser->token.kind == TOKEN_WORD && is_number(value) &&
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
		return parse_rule(all, verdict, first.place);
	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser,
				       "`allow`, `deny`, `reject`, `default`, `set`, `own`, "
				       "`resolver`, `connections` or `rate`");
	if (!is_one_of(&first, starts))
		return unknown_word(parser, starts);
	parser_advance(parser);
	error = parse_other(parser, &first);
	if (!error && !at_line_end(parser))
		error = parser_expected(parser, "the end of the line");
	return error;
}

static int too_many_errors(struct parser *parser)
{
	return source_error(&parser->source, &parser->token.word,
			    "more than %d errors: from here on the text was not read", MAX_ERRORS);
}

/* After an error the rest of the line is skipped; parsing goes on with the next line. */
static void leave_statement(struct parser *parser)
{
	if (parser->in_set) {
		parser_leave_set(parser);
	} else if (!at_line_end(parser)) {
		lexer_skip_line(&parser->lexer);
		parser_advance(parser);
	}
}

static int parse_statements(struct statements *all)
{
	struct parser *parser = &all->parser;
	struct word whole = { .text = parser->source.text };
	int error;

	parser_advance(parser);
	while (parser->token.kind != TOKEN_END) {
		if (parser->token.kind == TOKEN_NEWLINE) {
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
	error = parser_check_resolvers(parser);
	if (error == -ENOMEM)
		return error;
	if (parser->source.errors)
		return -EINVAL;
	if (!all->statements)
		return source_warning(&parser->source, &whole,
				      "this policy says nothing, so everything passes: write "
				      "`default allow` if that is meant");
	return parser_warn_of_sets(parser) ?: parser_warn_of_buckets(parser);
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
	int error;

	if (!new)
		return -ENOMEM;
	lexer_start(&all.parser.lexer, &all.parser.source);
	error = parse_statements(&all);
	free(all.parser.definitions);
	if (error)
		return error;
	*policy = TAKE_PTR(new);
	return 0;
}
