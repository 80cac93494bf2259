/* SPDX-License-Identifier: GPL-2.0-only */
#include "parse_treatments.h"

#include <errno.h>
#include <string.h>

#include "limit_words.h"
#include "mirror_words.h"
#include "names.h"

/* --- limits --- */

/* Takes `each`, `burst …` or `else …`, in any order. */
static int parse_limit_words(struct parser *parser, struct limit *limit, enum verdict *over)
{
	bool burst = false, other = false;
	int error = 0;

	while (!error) {
		if (limit && !limit->each && parser_at_word(parser, "each")) {
			parser_advance(parser);
			limit->each = true;
		} else if (limit && !burst && parser_at_word(parser, "burst")) {
			burst = true;
			parser_advance(parser);
			if (parser->token.kind != TOKEN_WORD)
				return parser_expected(parser, "a burst, `1s` for example,");
			error = limit_read_burst(&parser->source, &parser->token.word, limit);
			if (!error)
				parser_advance(parser);
		} else if (over && !other && parser_at_word(parser, "else")) {
			other = true;
			parser_advance(parser);
			if (!parser_at_word(parser, "deny") && !parser_at_word(parser, "reject"))
				return parser_expected(parser, "`deny` or `reject`");
			*over = parser_at_word(parser, "reject") ? VERDICT_REJECT : VERDICT_DENY;
			parser_advance(parser);
		} else {
			break;
		}
	}
	return error;
}

static int parse_rate(struct parser *parser, struct limit *limit)
{
	int error;

	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "a rate, `10mbit` for example,");
	error = limit_read_rate(&parser->source, &parser->token.word, limit);
	if (!error)
		parser_advance(parser);
	return error;
}

/* `@NAME` */
static int parse_bucket_name(struct parser *parser, struct treatment *treatment)
{
	const struct policy *policy = parser->policy;
	struct word name = parser->token.word;
	size_t number;

	name.text++;
	name.length--;
	number = policy_find_bucket(policy, name.text, name.length);
	if (number == policy->bucket_count)
		return source_error(&parser->source, &parser->token.word,
				    "there is no rate '%.*s': write `rate %.*s 10mbit` for "
				    "example, above this line",
				    WORD_ARGS(&name), WORD_ARGS(&name));
	treatment->bucket = policy->buckets[number];
	parser_advance(parser);
	return 0;
}

static int check_shape(struct parser *parser, const struct word *word,
		       const struct treatment *treatment)
{
	const struct limit *limit = treatment_limit(treatment);

	if (treatment->limiting != LIMITING_SHAPE)
		return 0;
	if (limit->packets)
		return source_error(&parser->source, word,
				    "`shape` has no rate in packets: packets wait by their bytes");
	if (limit->each)
		return source_error(&parser->source, word,
				    "`shape` does not go with `each`: all its packets wait in one "
				    "queue");
	return 0;
}

int treatment_parse_limit(struct parser *parser, enum limiting limiting,
			  struct treatment *treatment)
{
	struct treatment new = *treatment;
	struct word word = parser->token.word;
	bool named = parser->token.kind == TOKEN_WORD && *word.text == '@';
	int error;

	new.limiting = limiting;
	new.over = VERDICT_DENY;
	error = named ? parse_bucket_name(parser, &new) : parse_rate(parser, &new.limit);
	if (!error)
		error = parse_limit_words(parser, named ? NULL : &new.limit,
					  limiting == LIMITING_RATE ? &new.over : NULL);
	if (!error)
		error = check_shape(parser, &word, &new);
	if (!error)
		*treatment = new;
	return error;
}

void treatment_print_limit(const struct treatment *treatment, FILE *out)
{
	fputc(' ', out);
	if (treatment->bucket)
		fprintf(out, "@%s", treatment->bucket->name);
	else
		limit_print(&treatment->limit, out);
	if (treatment->limiting == LIMITING_RATE && treatment->over == VERDICT_REJECT)
		fputs(" else reject", out);
}

/* --- defaults --- */

static enum limiting limiting_at(const struct parser *parser)
{
	if (parser_at_word(parser, WORD_RATE))
		return LIMITING_RATE;
	return parser_at_word(parser, WORD_SHAPE) ? LIMITING_SHAPE : LIMITING_NOTHING;
}

int treatment_parse_default(struct parser *parser, enum verdict verdict,
			    struct treatment *treatment)
{
	enum limiting limiting = limiting_at(parser);
	int error = 0;

	*treatment = (struct treatment){ 0 };
	if (limiting != LIMITING_NOTHING && verdict_denies(verdict))
		return source_error(&parser->source, &parser->token.word,
				    "`%.*s` does not fit here: what is denied does not "
				    "pass at any rate",
				    WORD_ARGS(&parser->token.word));
	if (limiting != LIMITING_NOTHING) {
		parser_advance(parser);
		error = treatment_parse_limit(parser, limiting, treatment);
	}
	if (!error && parser_at_word(parser, WORD_MIRROR)) {
		parser_advance(parser);
		error = mirror_parse(parser, &treatment->mirror);
	}
	return error;
}

void treatment_print_default(const struct treatment *treatment, FILE *out)
{
	if (treatment->limiting != LIMITING_NOTHING) {
		fprintf(out, " %s", treatment->limiting == LIMITING_RATE ? WORD_RATE : WORD_SHAPE);
		treatment_print_limit(treatment, out);
	}
	if (mirror_given(&treatment->mirror)) {
		fputs(" " WORD_MIRROR, out);
		mirror_print(&treatment->mirror, out);
	}
}

/* --- buckets --- */

static int check_bucket_name(struct parser *parser)
{
	const struct word *word = &parser->token.word;
	const struct policy *policy = parser->policy;
	int error = name_check(parser, "rate", BUCKET_NAME_MAX);
	size_t other;

	if (error)
		return error;
	other = policy_find_bucket(policy, word->text, word->length);
	if (other < parser->bucket_count)
		return source_error(&parser->source, word,
				    "rate '%.*s' is defined already, in another text",
				    WORD_ARGS(word));
	if (other < policy->bucket_count)
		return source_error(&parser->source, word,
				    "rate '%.*s' was defined in line %u already", WORD_ARGS(word),
				    policy->buckets[other]->place.line);
	return 0;
}

int parse_bucket(struct parser *parser)
{
	struct word name = parser->token.word;
	struct bucket bucket = { .place = name.place, .limit.rate = LIMIT_BITS_MIN };
	int error = check_bucket_name(parser);

	if (error)
		return error;
	memcpy(bucket.name, name.text, name.length);
	parser_advance(parser);
	error = parse_rate(parser, &bucket.limit);
	if (!error)
		error = parse_limit_words(parser, &bucket.limit, NULL);
	/* Its name is known even if the rest is wrong: what names it is no error then. */
	if (error == -ENOMEM || policy_add_bucket(parser->policy, &bucket))
		return -ENOMEM;
	return error;
}

void bucket_print(const struct bucket *bucket, FILE *out)
{
	fprintf(out, WORD_RATE " %s ", bucket->name);
	limit_print(&bucket->limit, out);
}

static bool is_used(const struct policy *policy, const struct bucket *bucket)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].treatment.bucket == bucket)
			return true;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		if (policy->default_treatments[i].bucket == bucket)
			return true;
	return false;
}

int parser_warn_of_buckets(struct parser *parser)
{
	const struct policy *policy = parser->policy;
	int error = 0;

	for (size_t i = 0; i < policy->bucket_count && !error; i++) {
		const struct bucket *bucket = policy->buckets[i];
		const struct word name =
			source_word(&parser->source, bucket->place, strlen(bucket->name));

		if (!is_used(policy, bucket))
			error = source_warning(&parser->source, &name,
					       "no rule names the rate '%s'", bucket->name);
	}
	return error;
}
