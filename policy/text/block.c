/* SPDX-License-Identifier: GPL-2.0-only */
#include "block.h"

#include <string.h>

static void skip_newlines(struct parser *parser)
{
	while (parser->token.kind == TOKEN_NEWLINE)
		parser_advance(parser);
}

static const char *const starts[] = { "allow", "deny",	      "reject", "default", "set",
				      "own",   "connections", "rate",	"resolver" };

#define START_COUNT (sizeof(starts) / sizeof(starts[0]))

bool word_begins_statement(const char *word)
{
	for (size_t i = 0; i < START_COUNT; i++)
		if (!strcmp(word, starts[i]))
			return true;
	return false;
}

/* Whether the token is the first of its line and a word that begins a statement. */
static bool at_statement(const struct parser *parser)
{
	const char *text = parser->lexer.line_start;

	while (text < parser->token.word.text && (*text == ' ' || *text == '\t'))
		text++;
	if (text != parser->token.word.text)
		return false;
	for (size_t i = 0; i < START_COUNT; i++)
		if (parser_at_word(parser, starts[i]))
			return true;
	return false;
}

static int not_closed(struct parser *parser)
{
	return source_error(&parser->source, &parser->token.word,
			    "the list above is not closed: a '}' is missing");
}

int parse_block(struct parser *parser, int (*take)(struct parser *parser, void *data), void *data)
{
	bool first = true;
	int error;

	parser->in_braces = true;
	do {
		parser_advance(parser); /* the brace or the comma */
		skip_newlines(parser);
		if (parser->token.kind == TOKEN_CLOSE && first)
			return source_error(&parser->source, &parser->token.word,
					    "an empty list: it says nothing");
		if (at_statement(parser))
			return not_closed(parser);
		error = take(parser, data);
		if (error)
			return error;
		first = false;
		skip_newlines(parser);
	} while (parser->token.kind == TOKEN_COMMA);
	if (at_statement(parser))
		return not_closed(parser);
	if (parser->token.kind != TOKEN_CLOSE)
		return parser_expected(parser, "',' or '}'");
	parser->in_braces = false;
	parser_advance(parser);
	return 0;
}

void parser_leave_set(struct parser *parser)
{
	while (parser->token.kind != TOKEN_END) {
		if (parser->in_braces ? at_statement(parser) : parser->token.kind == TOKEN_NEWLINE)
			break;
		if (parser->token.kind == TOKEN_OPEN)
			parser->in_braces = true;
		if (parser->token.kind == TOKEN_CLOSE)
			parser->in_braces = false;
		parser_advance(parser);
	}
	parser->in_set = parser->in_braces = false;
}
