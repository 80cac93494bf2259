/* SPDX-License-Identifier: GPL-2.0-only */
#include "parse_rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "addresses.h"
#include "cleanup.h"
#include "fields.h"
#include "foreign.h"
#include "mirror_words.h"
#include "protocols.h"
#include "suggest.h"

int parser_unknown_word(struct parser *parser, const char *const *known)
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

unsigned int parse_directions(struct parser *parser)
{
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++) {
		if (parser_at_word(parser, policy_direction_name(i))) {
			parser_advance(parser);
			return 1u << i;
		}
	}
	return POLICY_BOTH;
}

bool parse_verdict(struct parser *parser, enum verdict *verdict)
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
	return fits && (word_is_number(word) || word_is(word, "port"));
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
	if (word_is_number(word) && values_given(rule))
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
		return parser_unknown_word(parser, known);
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
	if (parser->of_label && !strcmp(field->name, WORD_MIRROR))
		return parser_refuse_in_label(parser, word);
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

int parse_fields(struct parser *parser, struct rule *rule)
{
	int error = 0;

	while (!error && !parser_at_end(parser))
		error = parse_field(parser, rule);
	return error;
}

int parse_rule(struct parser *parser, struct rule *rule)
{
	int error;

	rule->directions = parse_directions(parser);
	error = field_parse_protocols(parser, rule);
	return error ? error : parse_fields(parser, rule);
}
