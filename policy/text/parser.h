/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parsers of statements (policy_parse.c, parse_set.c) and of fields (fields.c,
 * field_peers.c) share. */
#ifndef PCTL_PARSER_H
#define PCTL_PARSER_H

#include "lexer.h"
#include "policy.h"

/* A `set` statement that was read. */
struct definition {
	struct word name; /* its text is NULL: the policy had the set before this text */
	bool used;
	bool broken; /* it had an error: its addresses are not known */
};

struct policy_files;

struct parser {
	struct source source;
	struct lexer lexer;
	struct token token; /* the next one, not taken yet */
	struct policy *policy; /* the policy, as far as it was read */
	const struct policy_files *files;
	struct definition *definitions; /* parallel to the policy's sets */
	struct word resolver; /* the word of that statement, if it was read */
	size_t bucket_count; /* how many buckets the policy had before this text */
	bool more; /* the policy is not of this text alone: what it defines may be used elsewhere */
	bool of_label; /* what the operator alone may say is refused */
	bool in_set; /* the statement is a `set`, which may have several lines */
	bool in_braces; /* inside the list of that `set` */
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

/* At the end of a statement? */
static inline bool parser_at_end(const struct parser *parser)
{
	return parser->token.kind == TOKEN_NEWLINE || parser->token.kind == TOKEN_SEMICOLON ||
	       parser->token.kind == TOKEN_END;
}

/* Takes `not`, if it is the next token. */
static inline bool parser_take_not(struct parser *parser)
{
	bool stands = parser_at_word(parser, "not");

	if (stands)
		parser_advance(parser);
	return stands;
}

/* Begins to read the text of @parser->source; its token is not taken yet. The caller frees
 * @parser->definitions. 0 or -ENOMEM. */
int parser_start(struct parser *parser);

/* Reports that a label cannot say this. -EINVAL or -ENOMEM. */
int parser_refuse_in_label(struct parser *parser, const struct word *word);

/* Reports that the next token is not @wanted. -EINVAL or -ENOMEM. */
int parser_expected(struct parser *parser, const char *wanted);

/* Reads one item with @take, or a list of one or more in braces. Returns what @take returns, or
 * -EINVAL, reported. */
int parser_list(struct parser *parser, int (*take)(struct parser *parser, void *data), void *data);

/* Reports a word in the short form, such as `tcp/80` or `from:tcp`. 0: it is none; -EINVAL;
 * -ENOMEM. */
int parser_refuse_short_form(struct parser *parser);

#endif
