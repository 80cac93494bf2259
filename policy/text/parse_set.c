/* SPDX-License-Identifier: GPL-2.0-only */
#include "parse_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "block.h"
#include "cleanup.h"
#include "diagnostics.h"
#include "definitions.h"
#include "names.h"
#include "parse_live.h"
#include "policy_files.h"
#include "reserved_sets.h"

#define MAX_NAME 63

static int check_name(struct parser *parser)
{
	const struct word *word = &parser->token.word;
	const struct policy *policy = parser->policy;
	int error = name_check(parser, "set", MAX_NAME);
	size_t other;

	if (error)
		return error;
	if (set_name_is_reserved(word->text, word->length))
		return source_error(&parser->source, word,
				    "@%.*s is there by itself: give this set another name",
				    WORD_ARGS(word));
	other = policy_find_set(policy, word->text, word->length);
	if (other < policy->set_count && !parser->definitions[other].name.text)
		return source_error(&parser->source, word,
				    "set '%.*s' is defined already, in another text",
				    WORD_ARGS(word));
	if (other < policy->set_count)
		return source_error(&parser->source, word,
				    "set '%.*s' was defined in line %u already", WORD_ARGS(word),
				    policy->sets[other]->place.line);
	return 0;
}

/* Addresses of a `set`, of `own` or of `resolver`. */
struct addresses {
	struct prefixes *prefixes;
	size_t capacity;
};

static int parse_address(struct parser *parser, void *data)
{
	const struct word *word = &parser->token.word;
	struct addresses *addresses = data;
	struct prefix prefix;
	int error;

	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "an address");
	if (*word->text == '@')
		return source_error(&parser->source, word,
				    "this list holds addresses, not other sets: a rule can name "
				    "several sets in a list");
	error = address_read(&parser->source, word, &prefix);
	if (!error)
		error = prefixes_add(addresses->prefixes, &addresses->capacity, prefix);
	if (!error)
		parser_advance(parser);
	return error;
}

static int parse_addresses(struct parser *parser, struct prefixes *prefixes)
{
	struct addresses addresses = { .prefixes = prefixes };

	return parse_block(parser, parse_address, &addresses);
}

static int parse_set_list(struct parser *parser, struct set *set)
{
	int error = parse_addresses(parser, &set->prefixes);

	prefixes_normalise(&set->prefixes);
	if (!error)
		prefixes_count(&set->prefixes, set->counts);
	return error;
}

/* Whether a path can be printed in quotes: it has neither quotes nor control characters. */
static bool is_printable_path(const char *path)
{
	for (; *path; path++)
		if ((unsigned char)*path < ' ' || *path == '"' || *path == 0x7f)
			return false;
	return true;
}

/* Has the caller read the set's file. @word: its path. */
static int load(struct parser *parser, struct set *set, const struct word *word)
{
	const struct policy_files *files = parser->files;
	struct source *source = &parser->source;
	int error;

	if (!files)
		return source_error(source, word, "sets from files cannot be read here");
	error = files->load(files->data, source->name, set, source->diagnostics);
	if (error == -EINVAL) {
		source->errors++; /* the callback reported it */
		return error;
	}
	if (error == -ENOMEM)
		return error;
	if (error)
		return source_error(source, word, "cannot read %.*s: %s", WORD_ARGS(word),
				    error == -ESPIPE ? "it is not a regular file"
						     : strerror(-error));
	if (!is_printable_path(set->path))
		return source_error(source, word,
				    "the path of the file, made absolute, has a quote or a control "
				    "character in it: '%s'",
				    set->path);
	return 0;
}

/* `file "PATH"` */
static int parse_file(struct parser *parser, struct set *set)
{
	struct word word;

	parser_advance(parser);
	word = parser->token.word;
	if (parser->token.kind != TOKEN_STRING)
		return parser_expected(parser, "a path in quotes, \"feed.txt\"");
	if (word.length == 2)
		return source_error(&parser->source, &word, "the path of the file is empty");
	set->path = strndup(word.text + 1, word.length - 2);
	if (!set->path)
		return -ENOMEM;
	if (!is_printable_path(set->path))
		return source_error(&parser->source, &word, "a path has no control characters");
	parser_advance(parser);
	return load(parser, set, &word);
}

static int parse_contents(struct parser *parser, struct set *set)
{
	if (parser->token.kind == TOKEN_OPEN)
		return parse_set_list(parser, set);
	if (parser_at_word(parser, "file"))
		return parse_file(parser, set);
	return parse_live(parser, set);
}

int parse_set(struct parser *parser)
{
	_cleanup_(set_freep) struct set *set = calloc(1, sizeof(*set));
	struct word name = parser->token.word;
	int error;

	if (!set)
		return -ENOMEM;
	parser->in_set = true;
	error = check_name(parser);
	if (error)
		return error;
	set->name = strndup(name.text, name.length);
	if (!set->name)
		return -ENOMEM;
	set->place = name.place;
	parser_advance(parser);
	error = parse_contents(parser, set);
	if (error && error != -EINVAL)
		return error;
	if (parser_define(parser, &set, &name, error))
		return -ENOMEM;
	parser->in_set = error;
	return error;
}

static int check_own(struct parser *parser, const struct word *word)
{
	uint64_t counts[PCTL_FAMILIES];

	prefixes_count(&parser->policy->own, counts);
	/* One place is kept for the link-local address. */
	if (counts[PCTL_IPV4] < PCTL_OWN_MAX && counts[PCTL_IPV6] < PCTL_OWN_MAX)
		return 0;
	return source_error(&parser->source, word,
			    "`own` has more than %d blocks of one family: take larger ones",
			    PCTL_OWN_MAX - 1);
}

int parse_own(struct parser *parser, const struct word *word)
{
	struct policy *policy = parser->policy;
	int error;

	parser->in_set = true;
	if (policy->own_place.line)
		return source_error(&parser->source, word, "`own` was given in line %u already",
				    policy->own_place.line);
	if (parser->token.kind != TOKEN_OPEN)
		return parser_expected(parser, "'{' and the container's addresses");
	policy->own_place = word->place;
	error = parse_addresses(parser, &policy->own);
	prefixes_normalise(&policy->own);
	if (!error)
		error = check_own(parser, word);
	parser->in_set = error;
	return error;
}

static int by_address(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* Each once. Not prefixes_normalise(), which makes one block of two neighbours. */
static void sort_resolvers(struct prefixes *resolvers)
{
	size_t kept = 0;

	qsort(resolvers->items, resolvers->count, sizeof(*resolvers->items), by_address);
	for (size_t i = 1; i < resolvers->count; i++)
		if (prefix_compare(&resolvers->items[kept], &resolvers->items[i]) != 0)
			resolvers->items[++kept] = resolvers->items[i];
	resolvers->count = kept + 1;
}

static int check_resolvers(struct parser *parser, const struct word *word)
{
	struct prefixes *resolvers = &parser->policy->resolvers;
	char text[ADDRESS_TEXT];

	sort_resolvers(resolvers);
	for (size_t i = 0; i < resolvers->count; i++) {
		const struct prefix *prefix = &resolvers->items[i];

		address_print(prefix, text);
		if (prefix->length < family_bits(prefix->family))
			return source_error(&parser->source, word,
					    "`resolver` has single addresses, not blocks: %s",
					    text);
	}
	if (resolvers->count <= POLICY_RESOLVERS_MAX)
		return 0;
	return source_error(&parser->source, word, "`resolver` has more than %d addresses",
			    POLICY_RESOLVERS_MAX);
}

int parse_resolver(struct parser *parser, const struct word *word)
{
	struct policy *policy = parser->policy;
	int error;

	parser->in_set = true;
	if (policy->resolvers_place.line)
		return source_error(&parser->source, word,
				    "`resolver` was given in line %u already",
				    policy->resolvers_place.line);
	if (parser->token.kind != TOKEN_OPEN)
		return parser_expected(parser, "'{' and the addresses of DNS servers");
	policy->resolvers_place = word->place;
	parser->resolver = *word;
	error = parse_addresses(parser, &policy->resolvers);
	if (!error)
		error = check_resolvers(parser, word);
	parser->in_set = error;
	return error;
}

static int warn_of_empty_file(struct parser *parser, const struct set *set,
			      const struct definition *definition)
{
	if (!set->path || set_size(set))
		return 0;
	return source_warning(&parser->source, &definition->name,
			      "the file of the set '%.*s' has no address: rules with this set "
			      "match no packet, and with `not` every one",
			      WORD_ARGS(&definition->name));
}

int parser_warn_of_sets(struct parser *parser)
{
	const struct definition *definition;
	int error = 0;

	for (size_t i = 0; !error && i < parser->policy->set_count; i++) {
		definition = &parser->definitions[i];
		if (!definition->name.text)
			continue;
		error = definition->used || parser->more
				? warn_of_empty_file(parser, parser->policy->sets[i], definition)
				: source_warning(&parser->source, &definition->name,
						 "no rule names the set '%.*s'",
						 WORD_ARGS(&definition->name));
	}
	return error;
}
