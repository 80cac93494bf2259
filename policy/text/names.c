/* SPDX-License-Identifier: GPL-2.0-only */
#include "names.h"

#include <stdio.h>

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

static bool is_name(const struct word *word)
{
	for (size_t i = 0; i < word->length; i++)
		if (!is_name_char(word->text[i]))
			return false;
	return (word->text[0] >= 'a' && word->text[0] <= 'z') ||
	       (word->text[0] >= 'A' && word->text[0] <= 'Z');
}

int name_check(struct parser *parser, const char *what, int max)
{
	const struct word *word = &parser->token.word;
	char wanted[32];

	if (parser->token.kind != TOKEN_WORD) {
		snprintf(wanted, sizeof(wanted), "the name of the %s", what);
		return parser_expected(parser, wanted);
	}
	if (*word->text == '@')
		return source_error(&parser->source, word,
				    "the @ belongs where a %s is used: write its name alone here",
				    what);
	if (!is_name(word))
		return source_error(&parser->source, word,
				    "the name of a %s has letters, digits, '-' and '_', and "
				    "begins with a letter",
				    what);
	if (word->length > (size_t)max)
		return source_error(&parser->source, word,
				    "the name of a %s has at most %d letters", what, max);
	return 0;
}
