/* SPDX-License-Identifier: GPL-2.0-only */
#include "spec.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "diagnostics.h"
#include "fields.h"
#include "parse_rule.h"
#include "protocols.h"
#include "values.h"

#define ETHERTYPE "ethertype"
#define BLANKS " \t\n\r"

/* The parts of a short form; a missing part has length 0. */
struct parts {
	unsigned int directions;
	struct word first;
	struct word second; /* behind the slash */
	bool slash;
};

/* Splits *word at @separator: returns the part before it, or all of it; *word keeps the part
 * behind it. */
static struct word split(struct word *word, char separator)
{
	const char *found = memchr(word->text, separator, word->length);
	struct word piece = *word;
	size_t taken;

	if (found)
		piece.length = (size_t)(found - word->text);
	taken = found ? piece.length + 1 : piece.length;
	word->text += taken;
	word->length -= taken;
	word->place.column += (unsigned int)taken;
	return piece;
}

/* Takes `from:` or `to:` from the front of *rest. */
static int take_direction(struct source *source, struct word *rest, unsigned int *directions)
{
	struct word name;

	*directions = POLICY_BOTH;
	if (!memchr(rest->text, ':', rest->length))
		return 0;
	name = split(rest, ':');
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		if (word_is(&name, policy_direction_name(i))) {
			*directions = 1u << i;
			return 0;
		}
	}
	return source_error(source, &name,
			    "unknown direction '%.*s': `from:` is what the container "
			    "sends, `to:` what it receives",
			    WORD_ARGS(&name));
}

static int read_parts(struct source *source, struct word rest, struct parts *parts)
{
	int error = take_direction(source, &rest, &parts->directions);

	if (error)
		return error;
	parts->slash = memchr(rest.text, '/', rest.length);
	parts->first = split(&rest, '/');
	parts->second = rest;
	if (!parts->first.length)
		return source_error(
			source, &parts->first,
			"a rule is written PROTO or PROTO/PORTS, `tcp/443` for example");
	if (parts->slash && !rest.length)
		return source_error(source, &rest, "there is nothing behind the '/'");
	if (memchr(rest.text, '/', rest.length)) {
		split(&rest, '/');
		return source_error(source, &rest,
				    "a second '/' means nothing: PROTO/PORTS is all");
	}
	return 0;
}

static bool is_number(const struct word *word)
{
	for (size_t i = 0; i < word->length; i++)
		if (!strchr("0123456789,-", word->text[i]))
			return false;
	return true;
}

/* The protocol with this name, or -ENOENT. A number is no name. */
static int named_protocol(const struct word *word)
{
	char name[64];

	if (is_number(word) || !word_copy(word, name, sizeof(name)))
		return -ENOENT;
	return protocol_number(name);
}

/* Whether this word, in a pair with a slash, must be the protocol: values may follow its slash. */
static bool takes_values(const struct word *word)
{
	int protocol = named_protocol(word);

	return word_is(word, "any") || word_is(word, ETHERTYPE) ||
	       (protocol >= 0 && (protocol_has_ports((unsigned int)protocol) ||
				  protocol_is_icmp((unsigned int)protocol)));
}

/* Turns docker's order, `443/tcp`, into ours. */
static int order_parts(struct source *source, struct parts *parts)
{
	struct word protocol = parts->second;
	struct word whole = {
		.text = parts->first.text,
		.length = parts->first.length + 1 + parts->second.length,
		.place = parts->first.place,
	};

	if (takes_values(&parts->first))
		return 0;
	if (is_number(&parts->first) && is_number(&parts->second))
		return source_error(source, &whole,
				    "which of the two is the protocol? Write its "
				    "name, `tcp/443` for example");
	if (!takes_values(&protocol) && named_protocol(&parts->first) >= 0)
		return 0;
	if (!takes_values(&protocol) && named_protocol(&protocol) < 0)
		return 0;
	parts->second = parts->first;
	parts->first = protocol;
	return 0;
}

/* Whether this is a port without a protocol. */
static bool is_lone_port(const struct word *word)
{
	char name[64];

	if (!word_copy(word, name, sizeof(name)))
		return false;
	if (is_number(word))
		return strpbrk(name, ",-") || strtoul(name, NULL, 10) > 255;
	return protocol_number(name) < 0 && service_port(name, 0) >= 0;
}

/* By the grammar a number alone is a protocol; the author may have meant a port. */
static int warn_of_number(struct source *source, const struct parts *parts, unsigned int number)
{
	if (parts->slash || !is_number(&parts->first) || protocol_name(number))
		return 0;
	return source_warning(source, &parts->first,
			      "%u alone is the IP protocol %u; port %u is written `tcp/%u` or "
			      "`udp/%u`",
			      number, number, number, number, number);
}

static int read_protocol(struct source *source, const struct parts *parts, struct rule *rule)
{
	const struct word *word = &parts->first;
	size_t capacity = 0;
	struct range range;
	int error;

	rule->arp = word_is(word, "arp");
	rule->spoofed = word_is(word, FIELD_SPOOFED);
	rule->established = word_is(word, FIELD_ESTABLISHED);
	if (rule->spoofed &&
	    (parts->directions != 1u << PCTL_FROM || !verdict_denies(rule->verdict)))
		return source_error(source, word,
				    "`spoofed` is about what the container sends, and is denied: "
				    "write --deny from:spoofed");
	if (rule->arp || rule->spoofed || rule->established || word_is(word, "any"))
		return 0;
	if (word_is(word, ETHERTYPE) && parts->slash)
		return 0; /* read_second() reads it */
	if (word_is(word, ETHERTYPE))
		return source_error(source, word, "which one? Write `ethertype/0x88cc`");
	if (word_is(word, "ip"))
		return source_error(source, word, "every IP protocol is written `any`");
	if (!parts->slash && is_lone_port(word))
		return source_error(source, word, "a port needs its protocol: `tcp/%.*s`",
				    WORD_ARGS(word));
	error = value_read(&value_protocol, rule, source, word, &range);
	if (!error)
		error = value_check_protocol(source, word, range.low);
	if (!error)
		error = warn_of_number(source, parts, range.low);
	return error ? error : ranges_add(&rule->protocols, &capacity, range);
}

/* Ports or types, separated by commas. */
static int read_values(struct source *source, const struct value_kind *kind,
		       const struct rule *rule, struct word rest, struct ranges *ranges)
{
	size_t capacity = 0;
	struct range range;
	struct word word;
	int error;

	do {
		word = split(&rest, ',');
		if (!word.length)
			return source_error(source, &word, "a %s is missing here", kind->noun);
		error = value_read(kind, rule, source, &word, &range);
		if (!error)
			error = ranges_add(ranges, &capacity, range);
		if (error)
			return error;
	} while (rest.length || word.text + word.length < rest.text);
	ranges_normalise(ranges);
	return 0;
}

static int read_second(struct source *source, const struct parts *parts, struct rule *rule)
{
	int protocol = rule_single_protocol(rule);

	if (word_is(&parts->first, ETHERTYPE))
		return read_values(source, &value_ethertype, rule, parts->second,
				   &rule->ethertypes);
	if (protocol < 0 && !rule->arp && !rule->spoofed && !rule->established)
		return source_error(source, &parts->second,
				    "`any` has no ports: name the protocol, `tcp/%.*s` for example",
				    WORD_ARGS(&parts->second));
	if (protocol >= 0 && protocol_has_ports((unsigned int)protocol))
		return read_values(source, &value_port, rule, parts->second, &rule->dports);
	if (protocol >= 0 && protocol_is_icmp((unsigned int)protocol))
		return read_values(source, &value_type, rule, parts->second, &rule->types);
	return source_error(source, &parts->second,
			    "%.*s has no ports: tcp, udp, udplite, sctp and dccp have",
			    WORD_ARGS(&parts->first));
}

static struct source text_source(const char *name, const char *text,
				 struct diagnostics *diagnostics)
{
	return (struct source){
		.name = name,
		.text = text,
		.length = strlen(text),
		.diagnostics = diagnostics,
	};
}

/* PROTO/PORTS, with or without a direction. */
static int read_short(struct source *source, struct word word, struct rule *rule)
{
	struct parts parts;
	int error = read_parts(source, word, &parts);

	if (!error && parts.slash)
		error = order_parts(source, &parts);
	if (!error)
		error = read_protocol(source, &parts, rule);
	if (!error && parts.slash)
		error = read_second(source, &parts, rule);
	if (!error)
		rule->directions = parts.directions;
	return error;
}

/* The first word of a SPEC with blanks. */
static struct word first_word(const struct source *source)
{
	size_t before = strspn(source->text, BLANKS);
	struct word word = { source->text + before, 0, { 1, (unsigned int)before + 1 } };

	word.length = strcspn(word.text, BLANKS);
	return word;
}

/* The fields of a rule; its protocols and direction may be in the short form: `tcp/80 peer …`. */
static int read_fields(struct parser *parser, struct rule *rule)
{
	struct word first = first_word(&parser->source);
	bool is_short =
		memchr(first.text, '/', first.length) || memchr(first.text, ':', first.length);
	enum verdict verdict;
	int error = is_short ? read_short(&parser->source, first, rule) : 0;

	if (error)
		return error;
	if (is_short)
		parser->lexer.next = first.text + first.length;
	parser_advance(parser);
	if (!is_short && parse_verdict(parser, &verdict))
		return source_error(&parser->source, &first,
				    "`%.*s` is said by what the SPEC belongs to: leave it out",
				    WORD_ARGS(&first));
	error = is_short ? parse_fields(parser, rule) : parse_rule(parser, rule);
	if (!error && parser->token.kind != TOKEN_END)
		error = source_error(&parser->source, &parser->token.word,
				     "a SPEC is one rule, and ends here: `--rule` and the label "
				     "`policyctl.rules` take several");
	return error;
}

static int read_long(struct policy *policy, const struct source *source, struct rule *rule)
{
	struct parser parser = { .source = *source, .policy = policy, .more = true };
	int error = parser_start(&parser);

	error = error ? error : read_fields(&parser, rule);
	free(parser.definitions);
	return error;
}

int policy_add_spec(struct policy *policy, enum verdict verdict, const char *spec,
		    struct diagnostics *diagnostics)
{
	_cleanup_(rule_clear) struct rule rule = { .verdict = verdict };
	struct source source = text_source("SPEC", spec, diagnostics);
	const struct word whole = { source.text, source.length, { 1, 1 } };
	size_t capacity = policy->count;
	int error;

	if (strpbrk(spec, BLANKS))
		error = read_long(policy, &source, &rule);
	else
		error = read_short(&source, whole, &rule);
	return error ? error : policy_append(policy, &capacity, &rule);
}

int policy_set_default(struct policy *policy, const char *text, struct diagnostics *diagnostics)
{
	struct source source = text_source("DEFAULT", text, diagnostics);
	struct word rest = { text, source.length, { 1, 1 } };
	unsigned int directions;
	enum verdict verdict;
	int error = take_direction(&source, &rest, &directions);

	if (error)
		return error;
	for (verdict = VERDICT_ALLOW; verdict <= VERDICT_REJECT; verdict++)
		if (word_is(&rest, policy_verdict_name(verdict)))
			break;
	if (verdict > VERDICT_REJECT)
		return source_error(&source, &rest,
				    "expected `allow`, `deny` or `reject`, not '%.*s'",
				    WORD_ARGS(&rest));
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++) {
		if (!(directions & 1u << i))
			continue;
		policy->defaults[i] = verdict;
		policy->default_audits[i] = false;
		policy->default_places[i] = (struct place){ 0 };
	}
	return 0;
}
