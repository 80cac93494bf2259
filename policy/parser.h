/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parser of statements (parse.c) and the parsers of fields (fields.c) share. */
#ifndef PCTL_PARSER_H
#define PCTL_PARSER_H

#include "lexer.h"

struct parser {
	struct source source;
	struct lexer lexer;
	struct token token; /* the next one, not taken yet */
};

/* Takes the next token. */
static inline void parser_advance(struct parser *parser)
{
	lexer_next(&parser->lexer, &parser->token);
}

static inline bool parser_at_word(const struct parser *parser, const char *word)
{
	return parser->token.kind == TOKEN_WORD && word_is(&parser->token.word, word);
}

/* Reports that something else stands where @wanted should. -EINVAL or -ENOMEM. */
int parser_expected(struct parser *parser, const char *wanted);

#endif
