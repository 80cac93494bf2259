/* SPDX-License-Identifier: GPL-2.0-only */
#include "fields.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "field_names.h"
#include "field_peers.h"
#include "field_treatments.h"
#include "mirror_words.h"
#include "parse_treatments.h"
#include "protocols.h"
#include "values.h"

/* State while the values of one field are read. */
struct reading {
	const struct value_kind *kind;
	const struct rule *rule; /* the rule, as far as it was read */
	struct ranges ranges;
	size_t capacity;
};

static int parse_value(struct parser *parser, void *data)
{
	struct reading *reading = data;
	const struct value_kind *kind = reading->kind;
	struct range range;
	int error;

	if (parser->token.kind != TOKEN_WORD) {
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "%s %s", strchr("aeiou", *kind->noun) ? "an" : "a",
			 kind->noun);
		return parser_expected(parser, wanted);
	}
	error = parser_refuse_short_form(parser);
	if (error)
		return error;
	if (kind == &value_protocol && parser_at_word(parser, "any"))
		return source_error(&parser->source, &parser->token.word,
				    "`any` is every protocol: it stands alone, not in a list");
	if (kind == &value_protocol && parser_at_word(parser, "arp"))
		return source_error(&parser->source, &parser->token.word,
				    "`arp` is not an IP protocol: it stands alone, not in a list");
	if (kind == &value_protocol && parser_at_word(parser, "ethertype"))
		return source_error(&parser->source, &parser->token.word,
				    "an ethertype is not an IP protocol: it has a rule of its own");
	error = value_read(kind, reading->rule, &parser->source, &parser->token.word, &range);
	if (!error && kind == &value_protocol)
		error = value_check_protocol(&parser->source, &parser->token.word, range.low);
	if (!error)
		error = ranges_add(&reading->ranges, &reading->capacity, range);
	if (!error)
		parser_advance(parser);
	return error;
}

/* One value, or a list of them in braces. */
static int parse_values(const struct value_kind *kind, struct parser *parser,
			const struct rule *rule, struct ranges *result)
{
	struct reading reading = { .kind = kind, .rule = rule };
	int error = parser_list(parser, parse_value, &reading);

	if (error) {
		ranges_clear(&reading.ranges);
		return error;
	}
	ranges_normalise(&reading.ranges);
	*result = reading.ranges;
	return 0;
}

static struct ranges *ranges_of(const struct field *field, const struct rule *rule)
{
	return (struct ranges *)((char *)rule + field->offset);
}

static bool numbers_given(const struct field *field, const struct rule *rule)
{
	return ranges_of(field, rule)->count;
}

static bool *negated_of(const struct field *field, const struct rule *rule)
{
	return (bool *)((char *)rule + field->negated);
}

/* Replaces the values behind `not` by their complement, which is what matches. @word: where they
 * begin. */
static int negate(const struct field *field, struct parser *parser, struct ranges *ranges,
		  const struct word *word)
{
	struct ranges others;

	if (ranges_complement(ranges, field->kind->max, &others))
		return -ENOMEM;
	if (!others.count)
		return source_error(&parser->source, word,
				    "`not` of every %s: this rule could never match",
				    field->kind->noun);
	ranges_clear(ranges);
	*ranges = others;
	return 0;
}

static int numbers_parse(const struct field *field, struct parser *parser, struct rule *rule)
{
	_cleanup_(ranges_clear) struct ranges ranges = { 0 };
	struct word word = parser->token.word;
	bool negated = field->negated && parser_take_not(parser);
	int error;

	error = parse_values(field->kind, parser, rule, &ranges);
	if (!error && negated)
		error = negate(field, parser, &ranges, &word);
	if (error)
		return error;
	if (negated)
		*negated_of(field, rule) = true;
	*ranges_of(field, rule) = ranges;
	ranges = (struct ranges){ 0 };
	return 0;
}

static int numbers_print(const struct field *field, const struct rule *rule, FILE *out)
{
	_cleanup_(ranges_clear) struct ranges others = { 0 };
	const struct ranges *ranges = ranges_of(field, rule);

	fputc(' ', out);
	if (field->negated && *negated_of(field, rule)) {
		if (ranges_complement(ranges, field->kind->max, &others))
			return -ENOMEM;
		ranges = &others;
		fputs("not ", out);
	}
	values_print(out, field->kind, rule, ranges);
	return 0;
}

static bool log_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return rule->log;
}

/* A word without anything behind it. */
static int log_parse(const struct field *field, struct parser *parser, struct rule *rule)
{
	(void)field;
	(void)parser;
	rule->log = true;
	return 0;
}

static bool audit_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return rule->audit;
}

static int audit_parse(const struct field *field, struct parser *parser, struct rule *rule)
{
	(void)field;
	(void)parser;
	rule->audit = true;
	return 0;
}

/* Its packets, or those above its rate, would be dropped. */
static bool may_drop(const struct rule *rule)
{
	return verdict_denies(rule->verdict) || rule->treatment.limiting == LIMITING_RATE;
}

static int word_print(const struct field *field, const struct rule *rule, FILE *out)
{
	(void)field;
	(void)rule;
	(void)out;
	return 0;
}

static bool is_ip(const struct rule *rule)
{
	return rule_is_ip(rule);
}

static bool established_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return rule->established;
}

static int established_parse(const struct field *field, struct parser *parser, struct rule *rule)
{
	(void)field;
	(void)parser;
	rule->established = true;
	return 0;
}

/* Connections are known of some protocols; a list may have others beside these. */
static bool can_be_established(const struct rule *rule)
{
	if (!rule_is_ip(rule) || rule->spoofed)
		return false;
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		if (!rule->protocols.count || ranges_match(&rule->protocols, protocol_selected[i]))
			return true;
	return false;
}

static bool spoofed_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return rule->spoofed;
}

static int spoofed_parse(const struct field *field, struct parser *parser, struct rule *rule)
{
	(void)field;
	(void)parser;
	rule->spoofed = true;
	return 0;
}

/* Packets that may be spoofed are denied, whatever else they are: so the programs need one look at
 * them, and no rule can let some of them through by mistake. */
static bool can_be_spoofed(const struct rule *rule)
{
	return verdict_denies(rule->verdict) && rule->directions == 1u << PCTL_FROM && !rule->arp &&
	       !rule->ethertypes.count && !rule->vlans.count && !rule->vlans_negated &&
	       !rule->protocols.count && !peers_given(&rule->peers) && !rule->established;
}

static bool may_have_vlan(const struct rule *rule)
{
	return !rule->spoofed;
}

static bool is_any_rule(const struct rule *rule)
{
	(void)rule;
	return true;
}

static bool all_have_ports(const struct rule *rule)
{
	for (size_t i = 0; i < rule->protocols.count; i++)
		for (unsigned int p = rule->protocols.items[i].low;
		     p <= rule->protocols.items[i].high; p++)
			if (!protocol_has_ports(p))
				return false;
	return rule->protocols.count;
}

static bool is_one_icmp(const struct rule *rule)
{
	int protocol = rule_single_protocol(rule);

	return protocol >= 0 && protocol_is_icmp((unsigned int)protocol);
}

static bool has_types(const struct rule *rule)
{
	return rule->types.count;
}

#define PORTS_REFUSAL                                                                     \
	"only tcp, udp, udplite, sctp and dccp have ports: name one of them, or several " \
	"as a list"

#define LIMIT_REFUSAL                                                                           \
	"a rule that allows has one of `rate` and `shape`, once; what is denied does not pass " \
	"at any rate"

const struct field fields[] = {
	{
		.name = "sport",
		.fits = all_have_ports,
		.refusal = PORTS_REFUSAL,
		.given = numbers_given,
		.parse = numbers_parse,
		.print = numbers_print,
		.kind = &value_port,
		.offset = offsetof(struct rule, sports),
		.negated = offsetof(struct rule, sports_negated),
	},
	{
		.name = "dport",
		.fits = all_have_ports,
		.refusal = PORTS_REFUSAL,
		.given = numbers_given,
		.parse = numbers_parse,
		.print = numbers_print,
		.kind = &value_port,
		.offset = offsetof(struct rule, dports),
		.negated = offsetof(struct rule, dports_negated),
	},
	{
		.name = "type",
		.fits = is_one_icmp,
		.refusal = "only icmp and icmpv6 have types, each its own: name one of the two",
		.given = numbers_given,
		.parse = numbers_parse,
		.print = numbers_print,
		.kind = &value_type,
		.offset = offsetof(struct rule, types),
	},
	{
		.name = "code",
		.fits = has_types,
		.refusal = "a code means something only within a type: give `type` before it",
		.given = numbers_given,
		.parse = numbers_parse,
		.print = numbers_print,
		.kind = &value_code,
		.offset = offsetof(struct rule, codes),
	},
	{
		.name = "peer",
		.fits = is_ip,
		.refusal = "a rule for `arp`, `ethertype` or `spoofed` has no addresses",
		.given = field_peers_given,
		.parse = field_parse_peers,
		.print = field_print_peers,
	},
	{
		.name = "vlan",
		.fits = may_have_vlan,
		.refusal = "a rule for `spoofed` has no other fields",
		.given = numbers_given,
		.parse = numbers_parse,
		.print = numbers_print,
		.kind = &value_vlan,
		.offset = offsetof(struct rule, vlans),
		.negated = offsetof(struct rule, vlans_negated),
	},
	{
		.name = "dns",
		.fits = field_fits_names,
		.refusal = "only questions that the container sends to port 53 ask DNS: write "
			   "`from`, udp or tcp and `dport 53` before it",
		.given = field_names_given,
		.parse = field_parse_names,
		.print = field_print_names,
	},
	{
		.name = FIELD_ESTABLISHED,
		.fits = can_be_established,
		.refusal = "only tcp, udp, udplite, sctp, dccp, icmp and icmpv6 have connections",
		.given = established_given,
		.parse = established_parse,
		.print = word_print,
	},
	{
		.name = FIELD_SPOOFED,
		.fits = can_be_spoofed,
		.refusal = "it is written `deny from spoofed`, with `mirror`, `audit` and `log` at "
			   "most; what "
			   "else the container may use as its own is named by `own { ADDRESSES }`",
		.given = spoofed_given,
		.parse = spoofed_parse,
		.print = word_print,
	},
	{
		.name = WORD_RATE,
		.fits = field_fits_limit,
		.refusal = LIMIT_REFUSAL,
		.given = field_limit_given,
		.parse = field_parse_limit,
		.print = field_print_limit,
	},
	{
		.name = WORD_SHAPE,
		.fits = field_fits_limit,
		.refusal = LIMIT_REFUSAL,
		.given = field_limit_given,
		.parse = field_parse_limit,
		.print = field_print_limit,
	},
	{
		.name = WORD_MIRROR,
		.fits = field_fits_mirror,
		.refusal = "a rule has one, and copies go to one interface",
		.given = field_mirror_given,
		.parse = field_parse_mirror,
		.print = field_print_mirror,
	},
	{
		.name = FIELD_AUDIT,
		.fits = may_drop,
		.refusal = "a rule that allows passes its packets anyway",
		.given = audit_given,
		.parse = audit_parse,
		.print = word_print,
	},
	{
		.name = FIELD_LOG,
		.fits = is_any_rule,
		.given = log_given,
		.parse = log_parse,
		.print = word_print,
	},
};

const size_t field_count = sizeof(fields) / sizeof(fields[0]);

const struct field *field_find(const struct word *word)
{
	for (size_t i = 0; i < field_count; i++)
		if (word_is(word, fields[i].name))
			return &fields[i];
	return NULL;
}

int field_parse_protocols(struct parser *parser, struct rule *rule)
{
	if (parser_at_word(parser, "proto"))
		parser_advance(parser);
	if (parser_at_word(parser, "any")) {
		parser_advance(parser);
		return 0;
	}
	if (parser_at_word(parser, "arp")) {
		parser_advance(parser);
		rule->arp = true;
		return 0;
	}
	if (parser_at_word(parser, "ethertype")) {
		parser_advance(parser);
		return parse_values(&value_ethertype, parser, rule, &rule->ethertypes);
	}
	/* Short for `any spoofed`, `any established`. */
	if (parser_at_word(parser, FIELD_SPOOFED) || parser_at_word(parser, FIELD_ESTABLISHED))
		return 0;
	if (parser_at_word(parser, "ip"))
		return source_error(&parser->source, &parser->token.word,
				    "every IP protocol is written `any`");
	if (parser->token.kind != TOKEN_WORD && parser->token.kind != TOKEN_OPEN)
		return parser_expected(parser, "a protocol, a list of them or `any`");
	if (parser->token.kind == TOKEN_WORD && field_find(&parser->token.word))
		return source_error(&parser->source, &parser->token.word,
				    "write a protocol before `%.*s`; `any` is every protocol",
				    WORD_ARGS(&parser->token.word));
	return parse_values(&value_protocol, parser, rule, &rule->protocols);
}

void field_print_protocols(const struct rule *rule, FILE *out)
{
	int single = rule_single_protocol(rule);

	if (rule->ethertypes.count) {
		fputs("ethertype ", out);
		values_print(out, &value_ethertype, rule, &rule->ethertypes);
		return;
	}
	if (!rule->protocols.count) {
		fputs(rule->arp ? "arp" : "any", out);
		return;
	}
	if (single >= 0 && !protocol_name((unsigned int)single))
		fputs("proto ", out);
	values_print(out, &value_protocol, rule, &rule->protocols);
}
