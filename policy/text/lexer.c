/* SPDX-License-Identifier: GPL-2.0-only */
#include "lexer.h"

#include <string.h>

bool lexer_is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-_.+:/@*=", c));
}

void lexer_start(struct lexer *lexer, const struct source *source)
{
	*lexer = (struct lexer){
		.next = source->text,
		.end = source->text + source->length,
		.line_start = source->text,
		.line = 1,
	};
}

static const char *line_end(const struct lexer *lexer, const char *from)
{
	const char *newline = memchr(from, '\n', (size_t)(lexer->end - from));

	return newline ? newline : lexer->end;
}

size_t lexer_line_length(const struct lexer *lexer)
{
	return (size_t)(line_end(lexer, lexer->line_start) - lexer->line_start);
}

/* A NUL byte is not skipped: a reader of C strings would stop there and see another policy. */
static void skip_comment(struct lexer *lexer)
{
	const char *end = line_end(lexer, lexer->next);
	const char *nul = memchr(lexer->next, '\0', (size_t)(end - lexer->next));

	lexer->next = nul ? nul : end;
}

static void skip_blanks(struct lexer *lexer)
{
	while (lexer->next < lexer->end && *lexer->next && strchr(" \t\r", *lexer->next))
		lexer->next++;
	if (lexer->next < lexer->end && *lexer->next == '#')
		skip_comment(lexer);
}

static enum token_kind kind_of(char c)
{
	switch (c) {
	case '{':
		return TOKEN_OPEN;
	case '}':
		return TOKEN_CLOSE;
	case ',':
		return TOKEN_COMMA;
	case '\n':
		return TOKEN_NEWLINE;
	case ';':
		return TOKEN_SEMICOLON;
	case '"':
		return TOKEN_STRING;
	default:
		return lexer_is_word_char(c) ? TOKEN_WORD : TOKEN_STRAY;
	}
}

/* The rest of the token; its first character was taken. */
static void take_rest(struct lexer *lexer, struct token *token)
{
	const char *end = line_end(lexer, lexer->next), *quote;

	while (token->kind == TOKEN_WORD && lexer->next < end && lexer_is_word_char(*lexer->next))
		lexer->next++;
	if (token->kind != TOKEN_STRING)
		return;
	quote = memchr(lexer->next, '"', (size_t)(end - lexer->next));
	if (!quote || memchr(lexer->next, '\0', (size_t)(quote - lexer->next)))
		token->kind = TOKEN_STRAY;
	else
		lexer->next = quote + 1;
}

void lexer_next(struct lexer *lexer, struct token *token)
{
	const char *begin;

	skip_blanks(lexer);
	begin = lexer->next;
	token->word = (struct word){
		.text = begin,
		.place = { lexer->line, (unsigned int)(begin - lexer->line_start) + 1 },
	};
	if (begin == lexer->end) {
		token->kind = TOKEN_END;
		return;
	}
	token->kind = kind_of(*lexer->next++);
	if (token->kind == TOKEN_WORD || token->kind == TOKEN_STRING)
		take_rest(lexer, token);
	token->word.length = (size_t)(lexer->next - begin);
	if (token->kind == TOKEN_NEWLINE) {
		lexer->line++;
		lexer->line_start = lexer->next;
	}
}
