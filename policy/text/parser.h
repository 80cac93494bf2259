/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parsers of statements (policy_parse.c, parse_set.c) and of fields (fields.c,
 * field_peers.c) share. */
#ifndef PCTL_PARSER_H
#define PCTL_PARSER_H

#include "lexer.h"
#include "policy.h"

/* A `set` statement that was read. */
struct definition {
	struct word name;
	bool used;
	bool broken; /* there was an error in it: what it holds is not known */
};

struct policy_files;

struct parser {
	struct source source;
	struct lexer lexer;
	struct token token; /* the next one, not taken yet */
	struct policy *policy; /* what was read so far */
	const struct policy_files *files;
	struct definition *definitions; /* parallel to the policy's sets */
	bool in_set; /* the statement is a `set`, which may have several lines, */
	bool in_braces; /* and this is inside of its list */
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

/* Takes `not`, if it stands there. */
static inline bool parser_take_not(struct parser *parser)
{
	bool stands = parser_at_word(parser, "not");

	if (stands)
		parser_advance(parser);
	return stands;
}

/* Reports that something else stands where @wanted should. -EINVAL or -ENOMEM. */
int parser_expected(struct parser *parser, const char *wanted);

/* Reads one item with @take, or a list of them in braces, one or more. What @take returns, or
 * -EINVAL, reported. */
int parser_list(struct parser *parser, int (*take)(struct parser *parser, void *data), void *data);

/* Reports a word that is a piece of the short form, `tcp/80` or `from:tcp`. 0: it is none; -EINVAL;
 * -ENOMEM. */
int parser_refuse_short_form(struct parser *parser);

#endif
