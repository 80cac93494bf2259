/* SPDX-License-Identifier: GPL-2.0-only */
#include "parse_live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "cleanup.h"
#include "needs.h"
#include "live_words.h"
#include "suggest.h"

#define MAX_WORDS 256

/* State while the words of a set are read. */
struct reading {
	struct set *set;
	size_t capacity;
};

static int check_ascii(struct parser *parser, const struct set *set)
{
	if (parser->token.kind != TOKEN_STRAY || set->live != PCTL_LIVE_DNS ||
	    (unsigned char)*parser->token.word.text < 0x80)
		return 0;
	return source_error(&parser->source, &parser->token.word,
			    "DNS names have ASCII letters alone: write the form that is asked for, "
			    "xn--");
}

/* The token as a word of a set, without its quotes. */
static int check_token(struct parser *parser, const struct set *set, struct word *word)
{
	const struct token *token = &parser->token;

	*word = token->word;
	if (token->kind == TOKEN_STRING && set->live != PCTL_LIVE_DNS) {
		word->text++;
		word->length -= 2;
		return 0;
	}
	if (token->kind != TOKEN_WORD)
		return check_ascii(parser, set)
			       ?: parser_expected(parser, live_word_noun(set->live));
	return 0;
}

static int add_word(struct reading *reading, char *text)
{
	struct set *set = reading->set;
	char **words = set->words;

	if (set->word_count == reading->capacity) {
		reading->capacity = reading->capacity ? reading->capacity * 2 : 8;
		words = reallocarray(words, reading->capacity, sizeof(*words));
		if (!words)
			return -ENOMEM;
		set->words = words;
	}
	words[set->word_count++] = text;
	return 0;
}

static int parse_word(struct parser *parser, void *data)
{
	_cleanup_(freep) char *text = NULL;
	struct reading *reading = data;
	struct word word;
	const char *fault;
	int error = check_token(parser, reading->set, &word);

	if (error)
		return error;
	if (reading->set->word_count == MAX_WORDS)
		return source_error(&parser->source, &word,
				    "more than %d words: define a second set", MAX_WORDS);
	text = strndup(word.text, word.length);
	if (!text)
		return -ENOMEM;
	fault = live_word_check(reading->set->live, text);
	if (fault)
		return source_error(&parser->source, &word, "'%.*s' %s", WORD_ARGS(&word), fault);
	if (add_word(reading, text))
		return -ENOMEM;
	text = NULL;
	parser_advance(parser);
	return check_ascii(parser, reading->set);
}

static int unknown_kind(struct parser *parser)
{
	struct suggestion suggestion;

	if (parser->token.kind == TOKEN_WORD) {
		suggestion_start(&suggestion, &parser->token.word);
		suggestion_consider(&suggestion, "file");
		for (int kind = PCTL_LIVE_DNS; kind <= PCTL_LIVE_NETWORK; kind++)
			suggestion_consider(&suggestion, set_kind_name(kind));
		if (suggestion.nearest)
			return source_error(&parser->source, &parser->token.word,
					    "unknown word '%.*s', did you mean '%s'?",
					    WORD_ARGS(&parser->token.word), suggestion.nearest);
	}
	return parser_expected(parser,
			       "'{', `file`, `dns`, `container`, `compose`, `label` or `network`");
}

int parse_live(struct parser *parser, struct set *set)
{
	struct reading reading = { .set = set };
	char wanted[64];
	int error, kind = PCTL_LIVE_DNS;

	while (kind <= PCTL_LIVE_NETWORK && !parser_at_word(parser, set_kind_name(kind)))
		kind++;
	if (kind > PCTL_LIVE_NETWORK)
		return unknown_kind(parser);
	set->live = kind;
	parser_advance(parser);
	if (parser->token.kind != TOKEN_OPEN) {
		snprintf(wanted, sizeof(wanted), "'{' and %s", live_word_noun(kind));
		return parser_expected(parser, wanted);
	}
	error = parse_block(parser, parse_word, &reading);
	set_normalise_words(set);
	return error;
}

void live_print(const struct set *set, bool lines, FILE *out)
{
	fprintf(out, "%s {", set_kind_name(set->live));
	for (size_t i = 0; i < set->word_count; i++) {
		const char *quote = live_word_is_plain(set->words[i]) ? "" : "\"";

		fprintf(out, "%s%s%s%s%s", i ? "," : "", lines ? "\n\t" : " ", quote, set->words[i],
			quote);
	}
	fputs(lines ? "\n}" : " }", out);
}

int parser_check_resolvers(struct parser *parser)
{
	const struct policy *policy = parser->policy;
	int error = 0;

	for (size_t i = 0; i < policy->set_count && !policy->resolvers.count && !error; i++) {
		const struct set *set = policy->sets[i];

		if (set->live == PCTL_LIVE_DNS && policy_has_peer(policy, set))
			error = source_error(
				&parser->source, &parser->definitions[i].name,
				"the addresses of '%s' come from DNS answers: write whose are "
				"believed, resolver { 198.51.100.53 }",
				set->name);
	}
	if (error || parser->source.errors || !policy->resolvers.count || policy_learns(policy))
		return error;
	return source_warning(&parser->source, &parser->resolver,
			      "no rule has a set of DNS names as peer: nothing is learnt from what "
			      "`resolver` answers");
}
