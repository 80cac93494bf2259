// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of the policy language does most of the work. The words of a rule become the text of a
 * deny rule, and a diagnostic about that text is moved back to the words that were given.
 */
#include <errno.h>
#include <string.h>

#include "diagnostics.h"
#include "fields.h"
#include "packet_filter_parse.h"
#include "policy_parse.h"
#include "protocols.h"
#include "reasons.h"
#include "util.h"

#define SOURCE "FILTER"
#define VERDICT_WORD "deny "
#define WITH_PORTS "{ tcp, udp, udplite, sctp, dccp } "
#define EVERYTHING "any "

/* A text that is made of another one, with the origin of each byte. */
struct derived {
	char *text;
	unsigned int *origin; /* offset in the other text */
	size_t length, capacity;
};

struct filter_parser {
	struct source source;
	struct lexer lexer;
	struct token token; /* the next one */
	struct word own; /* the word of own_words whose value is being read */
	struct packet_filter *filter;
	struct derived rule; /* the text of the rule, behind its direction */
	struct word direction, port,
		host; /* not given: without a text; of the last two, the value */
	bool has_ports; /* `dport` or `sport` was given */
};

/* --- texts --- */

static void derived_clear(struct derived *derived)
{
	free(derived->text);
	free(derived->origin);
	*derived = (struct derived){};
}

static int derived_add(struct derived *derived, const char *text, size_t length,
		       unsigned int origin, bool moves)
{
	size_t wanted = derived->length + length;

	if (wanted > derived->capacity) {
		size_t capacity = 2 * wanted + 64;
		char *bytes = realloc(derived->text, capacity);
		unsigned int *origins;

		if (!bytes)
			return -ENOMEM;
		derived->text = bytes;
		origins = reallocarray(derived->origin, capacity, sizeof(*origins));
		if (!origins)
			return -ENOMEM;
		derived->origin = origins;
		derived->capacity = capacity;
	}
	for (size_t i = 0; i < length; i++) {
		derived->text[derived->length] = text[i];
		derived->origin[derived->length++] = moves ? origin + i : origin;
	}
	return 0;
}

/* Adds a word that was not given, with the origin of the one that it stands for. */
static int derived_insert(struct derived *derived, const char *text, unsigned int origin)
{
	return derived_add(derived, text, strlen(text), origin, false);
}

static unsigned int offset_of(const struct word *word)
{
	return word->place.column - 1;
}

/* Adds a word that was given, and a blank. */
static int derived_copy(struct derived *derived, const struct word *word)
{
	int error = derived_add(derived, word->text, word->length, offset_of(word), true);

	return error ?: derived_insert(derived, " ", offset_of(word) + word->length);
}

static int derived_append(struct derived *derived, const struct derived *other)
{
	int error = 0;

	for (size_t i = 0; i < other->length && !error; i++)
		error = derived_add(derived, &other->text[i], 1, other->origin[i], false);
	return error;
}

/* --- words of our own --- */

static void advance(struct filter_parser *parser)
{
	lexer_next(&parser->lexer, &parser->token);
}

static bool at_word(const struct filter_parser *parser, const char *word)
{
	return parser->token.kind == TOKEN_WORD && word_is(&parser->token.word, word);
}

static int expected(struct filter_parser *parser, const char *wanted)
{
	const struct word *word = &parser->token.word;

	if (parser->token.kind == TOKEN_END)
		return source_error(&parser->source, word, "the filter ends where %s should be",
				    wanted);
	return source_error(&parser->source, word, "expected %s, not '%.*s'", wanted,
			    WORD_ARGS(word));
}

/* Takes a value or a list in braces, as the parser of rules will read it. */
static int take_value(struct filter_parser *parser, struct word *value, const char *wanted)
{
	const char *begin = parser->token.word.text;

	*value = parser->token.word;
	if (at_word(parser, "not"))
		return source_error(&parser->source, value,
				    "no `not` here: it would leave out one end and ask for the "
				    "other");
	if (parser->token.kind == TOKEN_OPEN)
		while (parser->token.kind != TOKEN_CLOSE && parser->token.kind != TOKEN_END)
			advance(parser);
	if (parser->token.kind != TOKEN_CLOSE && parser->token.kind != TOKEN_WORD)
		return expected(parser, wanted);
	value->length = parser->token.word.text + parser->token.word.length - begin;
	advance(parser);
	return 0;
}

static int take_port(struct filter_parser *parser)
{
	return take_value(parser, &parser->port, "a port");
}

static int take_host(struct filter_parser *parser)
{
	return take_value(parser, &parser->host, "an address");
}

static int take_verdict(struct filter_parser *parser)
{
	static const struct {
		const char *word;
		enum filter_verdict verdict;
	} words[] = {
		{ "pass", FILTER_PASS }, { "allow", FILTER_PASS },    { "drop", FILTER_DROP },
		{ "deny", FILTER_DROP }, { "reject", FILTER_REJECT }, { "audit", FILTER_AUDIT },
	};
	struct packet_filter *filter = parser->filter;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!at_word(parser, words[i].word))
			continue;
		filter->has_verdict = true;
		filter->verdict = words[i].verdict;
		advance(parser);
		return 0;
	}
	return expected(parser, "`drop`, `reject`, `audit` or `pass`");
}

static int take_audit(struct filter_parser *parser)
{
	parser->filter->has_verdict = true;
	parser->filter->verdict = FILTER_AUDIT;
	return 0;
}

static int take_decider(struct filter_parser *parser, enum decided_by by)
{
	if (parser->filter->has_decider)
		return source_error(&parser->source, &parser->own,
				    "one thing decides a packet: `rule ID`, `default` or "
				    "`implicit`");
	parser->filter->has_decider = true;
	parser->filter->decided_by = by;
	return 0;
}

static int take_rule(struct filter_parser *parser)
{
	char text[16] = "", *end = text;
	unsigned long id = 0;
	int error = take_decider(parser, DECIDED_BY_RULE);

	if (error)
		return error;
	if (parser->token.kind == TOKEN_WORD &&
	    word_copy(&parser->token.word, text, sizeof(text)) && *text >= '0' && *text <= '9')
		id = strtoul(text, &end, 10);
	if (!id || *end || id > UINT32_MAX)
		return expected(parser, "the id of a rule (a number, as `show` prints it)");
	parser->filter->rule = id;
	advance(parser);
	return 0;
}

static int take_reason(struct filter_parser *parser)
{
	for (int reason = -1; reason < PCTL_REASON_MAX; reason++) {
		if (!at_word(parser, reason < 0 ? "any" : reason_name(reason)))
			continue;
		parser->filter->unknown = true;
		parser->filter->reason = reason;
		advance(parser);
		return 0;
	}
	if (at_word(parser, reason_name(PCTL_REASON_RATE))) {
		parser->filter->unknown = true;
		parser->filter->reason = PCTL_REASON_RATE;
		advance(parser);
		return 0;
	}
	return expected(parser, "`any` or the name of a reason (`fragment`, as `stats` prints it)");
}

static int take_log(struct filter_parser *parser)
{
	parser->filter->log = true;
	return 0;
}

static int take_default(struct filter_parser *parser)
{
	return take_decider(parser, DECIDED_BY_DEFAULT);
}

static int take_implicit(struct filter_parser *parser)
{
	return take_decider(parser, DECIDED_BY_IMPLICIT);
}

static int take_device(struct filter_parser *parser)
{
	return source_error(&parser->source, &parser->own,
			    "`dev IFACE` comes before the filter, and once");
}

static const struct own_word {
	const char *name;
	int (*take)(struct filter_parser *parser); /* takes the value behind the word */
} own_words[] = {
	{ "port", take_port },	     { "host", take_host },	    { "verdict", take_verdict },
	{ "audit", take_audit },     { "rule", take_rule },	    { "reason", take_reason },
	{ "default", take_default }, { "implicit", take_implicit }, { "log", take_log },
	{ "dev", take_device },
};

#define OWN_WORDS ARRAY_SIZE(own_words)

static size_t find_own_word(const struct word *word)
{
	size_t i = 0;

	while (i < OWN_WORDS && !word_is(word, own_words[i].name))
		i++;
	return i;
}

/* --- reading --- */

/* Refuses characters that would end the text of the rule, or hide a part of it. */
static int refuse_signs(struct filter_parser *parser)
{
	const struct source *source = &parser->source;

	for (size_t i = 0; i < source->length; i++) {
		struct word word = { source->text + i, 1, { 1, i + 1 } };

		if (strchr("#;", source->text[i]) ||
		    (source->text[i] >= 0 && source->text[i] < ' '))
			return source_error(&parser->source, &word,
					    "a filter is one line, without comments and ';'");
	}
	return 0;
}

static int take_of_rule(struct filter_parser *parser, int *depth)
{
	const struct token *token = &parser->token;
	bool may_be_direction = !*depth && !parser->direction.text;
	int error;

	*depth += (token->kind == TOKEN_OPEN) - (token->kind == TOKEN_CLOSE);
	parser->has_ports |= at_word(parser, "dport") || at_word(parser, "sport");
	if (may_be_direction && (at_word(parser, "from") || at_word(parser, "to"))) {
		parser->direction = token->word;
		error = 0;
	} else {
		error = derived_copy(&parser->rule, &token->word);
	}
	advance(parser);
	return error;
}

static int take_all(struct filter_parser *parser)
{
	bool given[OWN_WORDS] = {};
	int depth = 0, error = refuse_signs(parser);

	lexer_start(&parser->lexer, &parser->source);
	advance(parser);
	while (!error && parser->token.kind != TOKEN_END) {
		const struct word word = parser->token.word;
		size_t own = depth ? OWN_WORDS : find_own_word(&word);

		if (own == OWN_WORDS) {
			error = take_of_rule(parser, &depth);
			continue;
		}
		if (given[own])
			return source_error(&parser->source, &word, "`%s` is given twice",
					    own_words[own].name);
		given[own] = true;
		parser->own = word;
		advance(parser);
		error = own_words[own].take(parser);
	}
	return error;
}

/* --- the rules --- */

static bool begins_with_field(const struct derived *rule)
{
	struct word word = { .text = rule->text,
			     .length = rule->length ? (size_t)((char *)memchr(rule->text, ' ',
									      rule->length) -
							       rule->text)
						    : 0 };

	return field_find(&word) && !word_is(&word, "type") && !word_is(&word, "code");
}

/* Makes `deny [from|to] PROTOCOLS …`. Without protocols: of all protocols that have the fields. */
static int write_rule(const struct filter_parser *parser, const char *field, struct derived *text)
{
	unsigned int at = parser->rule.length ? *parser->rule.origin : parser->source.length;
	int error = derived_insert(text, VERDICT_WORD, 0);

	if (!error && parser->direction.text)
		error = derived_copy(text, &parser->direction);
	if (!error && (!parser->rule.length || begins_with_field(&parser->rule)))
		error = derived_insert(text, field || parser->has_ports ? WITH_PORTS : EVERYTHING,
				       at);
	error = error ?: derived_append(text, &parser->rule);
	if (error || !field)
		return error;
	error = derived_insert(text, field, offset_of(&parser->port));
	return error ?: derived_copy(text, &parser->port);
}

/* Moves a diagnostic about the derived text to the words that were given. */
static int move_diagnostic(const struct filter_parser *parser, const struct derived *text,
			   const struct diagnostic *item, struct diagnostics *diagnostics)
{
	size_t column = item->place.column ? item->place.column - 1 : 0;
	unsigned int offset = column < text->length ? text->origin[column] : parser->source.length;
	struct place place = { .line = 1, .column = offset + 1 };

	return diagnostics_add(diagnostics, item->severity, SOURCE, place, item->width,
			       parser->source.text, "%s", item->message);
}

static int parse_text(const struct filter_parser *parser, const struct derived *text,
		      struct policy **policy, struct diagnostics *diagnostics)
{
	_cleanup_(diagnostics_clear) struct diagnostics found = {};
	int error = policy_parse(SOURCE, text->text, text->length, NULL, policy, &found);

	for (size_t i = 0; i < found.count; i++)
		if (found.items[i].severity == SEVERITY_ERROR &&
		    move_diagnostic(parser, text, &found.items[i], diagnostics))
			return -ENOMEM;
	return error;
}

static int make_rule(const struct filter_parser *parser, const char *field, struct policy **policy,
		     struct diagnostics *diagnostics)
{
	_cleanup_(derived_clear) struct derived text = {};
	int error = write_rule(parser, field, &text);

	return error ?: parse_text(parser, &text, policy, diagnostics);
}

static int make_host(const struct filter_parser *parser, struct policy **policy,
		     struct diagnostics *diagnostics)
{
	_cleanup_(derived_clear) struct derived text = {};
	int error = derived_insert(&text, "deny any peer ", offset_of(&parser->host));

	error = error ?: derived_copy(&text, &parser->host);
	return error ?: parse_text(parser, &text, policy, diagnostics);
}

static int make_rules(struct filter_parser *parser, struct diagnostics *diagnostics)
{
	struct packet_filter *filter = parser->filter;
	int error = 0;

	if (parser->port.text && parser->has_ports)
		return source_error(&parser->source, &parser->port,
				    "`port` asks for the port of either end: not beside `dport` or "
				    "`sport`");
	if (parser->port.text) {
		error = make_rule(parser, "dport ", &filter->rules[0], diagnostics);
		error = error ?: make_rule(parser, "sport ", &filter->rules[1], diagnostics);
	} else if (parser->rule.length || parser->direction.text) {
		error = make_rule(parser, NULL, &filter->rules[0], diagnostics);
	}
	if (!error && parser->host.text)
		error = make_host(parser, &filter->host, diagnostics);
	return error;
}

/* --- from outside --- */

bool packet_filter_begins(const char *operand)
{
	static const char *const starts[] = { "from", "to",    "any", "arp",
					      "ip",   "proto", "not", "ethertype" };
	struct word word = { .text = operand, .length = strcspn(operand, " {},") };
	char name[64];

	if (!*operand)
		return false; /* an empty $IFACE is a bad name: it does not mean all interfaces */
	if (operand[word.length] || !word.length)
		return true; /* this is no name of an interface */
	if (strspn(operand, "0123456789") == word.length)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (word_is(&word, starts[i]))
			return true;
	return find_own_word(&word) != OWN_WORDS || field_find(&word) ||
	       (word_copy(&word, name, sizeof(name)) && protocol_number(name) >= 0);
}

/* All operands with blanks between them; malloc'd, NULL without memory. */
static char *join(char *const *operands, size_t count)
{
	size_t length = 1;
	char *text, *end;

	for (size_t i = 0; i < count; i++)
		length += strlen(operands[i]) + 1;
	text = end = calloc(1, length);
	for (size_t i = 0; text && i < count; i++) {
		end = stpcpy(end, operands[i]);
		if (i + 1 < count)
			*end++ = ' ';
	}
	return text;
}

int packet_filter_parse(char *const *operands, size_t count, struct packet_filter **filter,
			struct diagnostics *diagnostics)
{
	_cleanup_(packet_filter_freep) struct packet_filter *new = calloc(1, sizeof(*new));
	_cleanup_(freep) char *text = join(operands, count);
	struct filter_parser parser = {
		.source = { .name = SOURCE, .text = text, .diagnostics = diagnostics },
		.filter = new,
	};
	int error;

	if (!new || !text)
		return -ENOMEM;
	parser.source.length = strlen(text);
	error = take_all(&parser);
	error = error ?: make_rules(&parser, diagnostics);
	derived_clear(&parser.rule);
	if (!error)
		*filter = TAKE_PTR(new);
	return error;
}
