/* SPDX-License-Identifier: GPL-2.0-only */
#include "parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int parser_start(struct parser *parser)
{
	size_t count = parser->policy->set_count;

	parser->definitions = calloc(count + 1, sizeof(*parser->definitions));
	parser->bucket_count = parser->policy->bucket_count;
	lexer_start(&parser->lexer, &parser->source);
	return parser->definitions ? 0 : -ENOMEM;
}

int parser_refuse_in_label(struct parser *parser, const struct word *word)
{
	return source_error(&parser->source, word,
			    "a label cannot say `%.*s`: a policy file can, which the operator "
			    "of the host writes",
			    WORD_ARGS(word));
}

int parser_expected(struct parser *parser, const char *wanted)
{
	const struct word *word = &parser->token.word;
	enum token_kind kind = parser->token.kind;

	if (kind == TOKEN_NEWLINE || kind == TOKEN_END)
		return source_error(&parser->source, word, "the line ends where %s should be",
				    wanted);
	if (kind == TOKEN_SEMICOLON)
		return source_error(&parser->source, word,
				    "a ';' ends the statement where %s should be", wanted);
	if (kind == TOKEN_STRAY && !*word->text)
		return source_error(&parser->source, word, "a NUL byte: this is not a text");
	if (kind == TOKEN_STRAY && *word->text == '"')
		return source_error(&parser->source, word,
				    "a quote that is not closed in its line");
	return source_error(&parser->source, word, "expected %s, not '%.*s'", wanted,
			    WORD_ARGS(word));
}

int parser_refuse_short_form(struct parser *parser)
{
	const struct word *word = &parser->token.word;
	const char *slash = memchr(word->text, '/', word->length);
	const char *colon = memchr(word->text, ':', word->length);
	const char *found = colon ? colon : slash;
	struct word sign = { found, 1, word->place };

	if (!found)
		return 0;
	sign.place.column += (unsigned int)(found - word->text);
	return source_error(
		&parser->source, &sign,
		colon ? "':' belongs to the short form: in a policy, the direction is a "
			"word of its own, `from tcp`"
		      : "'/' belongs to the short form: in a policy, ports are written "
			"`dport 80` and ICMP types `type 8`");
}

int parser_list(struct parser *parser, int (*take)(struct parser *parser, void *data), void *data)
{
	bool list = parser->token.kind == TOKEN_OPEN;
	int error;

	do {
		if (list)
			parser_advance(parser); /* the brace or the comma */
		error = take(parser, data);
		if (error)
			return error;
	} while (list && parser->token.kind == TOKEN_COMMA);
	if (list && parser->token.kind != TOKEN_CLOSE)
		return parser_expected(parser, "',' or '}'");
	if (list)
		parser_advance(parser);
	return 0;
}
