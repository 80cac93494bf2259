/* SPDX-License-Identifier: GPL-2.0-only */
/* Splits a policy text into words and signs, each with its place. */
#ifndef PCTL_LEXER_H
#define PCTL_LEXER_H

#include "source.h"

enum token_kind {
	TOKEN_WORD, /* a name, number, address or @set */
	TOKEN_STRING, /* quoted text, its quotes included */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_NEWLINE,
	TOKEN_SEMICOLON,
	TOKEN_END,
	TOKEN_STRAY, /* a character that the language does not use, or a quote without its end */
};

struct token {
	enum token_kind kind;
	struct word word;
};

struct lexer {
	const char *next, *end, *line_start;
	unsigned int line;
};

/* Not isalnum(), which depends on the locale. */
bool lexer_is_word_char(char c);

void lexer_start(struct lexer *lexer, const struct source *source);
void lexer_next(struct lexer *lexer, struct token *token);

/* Bytes from the next token's line start to its end. */
size_t lexer_line_length(const struct lexer *lexer);

#endif
