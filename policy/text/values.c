/* SPDX-License-Identifier: GPL-2.0-only */
#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "icmp.h"
#include "protocols.h"

/* The rule's ICMP type if it has exactly one; -1 otherwise. */
static int single_type(const struct rule *rule)
{
	if (rule->types.count != 1 || rule->types.items[0].low != rule->types.items[0].high)
		return -1;
	return rule->types.items[0].low;
}

static int read_protocol(const struct rule *rule, const char *name)
{
	(void)rule;
	return protocol_number(name);
}

static const char *print_protocol(const struct rule *rule, unsigned int number)
{
	(void)rule;
	return protocol_name(number);
}

static void suggest_protocol(const struct rule *rule, struct suggestion *suggestion)
{
	(void)rule;
	for (size_t i = 0; protocol_known(i); i++)
		suggestion_consider(suggestion, protocol_known(i));
	suggestion_consider(suggestion, "any");
	suggestion_consider(suggestion, "ethertype");
	suggestion_consider(suggestion, "from"); /* a direction that is misspelt */
	suggestion_consider(suggestion, "to");
}

/* A service that is listed for only some of the rule's protocols has the same port for the
 * others. */
static int read_port(const struct rule *rule, const char *name)
{
	int port = -ENOENT, other;

	for (size_t i = 0; i < PROTOCOL_SELECTED_COUNT; i++) {
		if (!protocol_has_ports(protocol_selected[i]) ||
		    !ranges_match(&rule->protocols, protocol_selected[i]))
			continue;
		other = service_port(name, protocol_selected[i]);
		if (other >= 0 && port >= 0 && other != port)
			return -ENOTUNIQ;
		if (other >= 0)
			port = other;
	}
	return port >= 0 ? port : service_port(name, 0);
}

static int read_type(const struct rule *rule, const char *name)
{
	return icmp_type_number((unsigned int)rule_single_protocol(rule), name);
}

static const char *print_type(const struct rule *rule, unsigned int number)
{
	return icmp_type_name((unsigned int)rule_single_protocol(rule), number);
}

static void suggest_type(const struct rule *rule, struct suggestion *suggestion)
{
	unsigned int protocol = (unsigned int)rule_single_protocol(rule);
	const char *name;

	for (size_t i = 0; (name = icmp_type_known(protocol, i)); i++)
		suggestion_consider(suggestion, name);
}

static int read_code(const struct rule *rule, const char *name)
{
	return icmp_code_number((unsigned int)rule_single_protocol(rule),
				(unsigned int)single_type(rule), name);
}

static const char *print_code(const struct rule *rule, unsigned int number)
{
	return icmp_code_name((unsigned int)rule_single_protocol(rule),
			      (unsigned int)single_type(rule), number);
}

static void suggest_code(const struct rule *rule, struct suggestion *suggestion)
{
	unsigned int protocol = (unsigned int)rule_single_protocol(rule);
	const char *name;

	for (size_t i = 0; (name = icmp_code_known(protocol, (unsigned int)single_type(rule), i));
	     i++)
		suggestion_consider(suggestion, name);
}

const struct value_kind value_protocol = {
	.noun = "protocol",
	.max = 255,
	.number = read_protocol,
	.name = print_protocol,
	.suggest = suggest_protocol,
};

/* Ports are printed as numbers: names of services differ between hosts. */
const struct value_kind value_port = {
	.noun = "port",
	.max = 65535,
	.has_ranges = true,
	.number = read_port,
};

const struct value_kind value_type = {
	.noun = "type",
	.max = 255,
	.has_ranges = true,
	.number = read_type,
	.name = print_type,
	.suggest = suggest_type,
};

const struct value_kind value_code = {
	.noun = "code",
	.max = 255,
	.has_ranges = true,
	.number = read_code,
	.name = print_code,
	.suggest = suggest_code,
};

/* None has a name. */
static int read_nameless(const struct rule *rule, const char *name)
{
	(void)rule;
	(void)name;
	return -ENOENT;
}

const struct value_kind value_ethertype = {
	.noun = "ethertype",
	.max = 65535,
	.is_hexadecimal = true,
	.number = read_nameless,
};

/* Complements, which are never written, have 0: no VLAN. */
const struct value_kind value_vlan = {
	.noun = "VLAN",
	.min = 1,
	.max = 4095,
	.has_ranges = true,
	.number = read_nameless,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool only_of(const struct word *word, const char *characters)
{
	for (size_t i = 0; i < word->length; i++)
		if (!word->text[i] || !strchr(characters, word->text[i]))
			return false;
	return true;
}

/* Reads the digits at the start of @text. A number that is too large stays too large, without
 * overflow. */
static size_t read_digits(const char *text, size_t length, unsigned long *number)
{
	size_t i;

	*number = 0;
	for (i = 0; i < length && is_digit(text[i]); i++)
		if (*number < 1000000)
			*number = *number * 10 + (unsigned long)(text[i] - '0');
	return i;
}

static int read_numeric(const struct value_kind *kind, struct source *source,
			const struct word *word, struct range *range)
{
	unsigned long low, high;
	size_t length = read_digits(word->text, word->length, &low), tail;

	high = low;
	if (length < word->length) {
		tail = word->length - length - 1;
		if (!length || !tail || read_digits(word->text + length + 1, tail, &high) != tail)
			return source_error(source, word, "'%.*s' is not a range: write 8000-8100",
					    WORD_ARGS(word));
		if (!kind->has_ranges)
			return source_error(source, word, "a %s has no ranges: name each in a list",
					    kind->noun);
	}
	if (low > kind->max || high > kind->max)
		return source_error(source, word, "%s %.*s is larger than %u", kind->noun,
				    WORD_ARGS(word), kind->max);
	if (low < kind->min)
		return source_error(
			source, word,
			"the id 0 is of no VLAN, such a tag has only a priority; what has no "
			"VLAN is `vlan not 1-4095`");
	if (low > high)
		return source_error(source, word, "the range %lu-%lu is empty: write %lu-%lu", low,
				    high, high, low);
	*range = (struct range){ (uint16_t)low, (uint16_t)high };
	return 0;
}

/* What to write in place of an ethertype that a rule cannot match; NULL: it can. */
static const char *ethertype_refusal(unsigned long number)
{
	switch (number) {
	case 0x0800:
		return "this is IPv4: `any` is every IP protocol, `any peer 0.0.0.0/0` all of IPv4";
	case 0x86dd:
		return "this is IPv6: `any` is every IP protocol, `any peer ::/0` all of IPv6";
	case 0x0806:
		return "this is ARP: write `arp`";
	case 0x8100:
	case 0x88a8:
		return "this is a VLAN tag: rules look through it, to the ethertype behind it";
	}
	if (number < 0x0600)
		return "numbers below 0x0600 are lengths (IEEE 802.3), and such a frame has no "
		       "ethertype";
	return NULL;
}

static int read_hexadecimal(const struct value_kind *kind, struct source *source,
			    const struct word *word, struct range *range)
{
	unsigned long number;
	char text[16], *end;

	if (!word_copy(word, text, sizeof(text)) || text[0] != '0' || text[1] != 'x' ||
	    !only_of(word, "x0123456789abcdefABCDEF"))
		return source_error(source, word,
				    "an %s is written as a hexadecimal number, 0x88cc for LLDP; "
				    "several are a list",
				    kind->noun);
	number = strtoul(text + 2, &end, 16);
	if (*end || end == text + 2 || number > kind->max)
		return source_error(source, word, "%s %.*s is not a number up to 0x%x", kind->noun,
				    WORD_ARGS(word), kind->max);
	if (ethertype_refusal(number))
		return source_error(source, word, "%s %.*s: %s", kind->noun, WORD_ARGS(word),
				    ethertype_refusal(number));
	*range = (struct range){ (uint16_t)number, (uint16_t)number };
	return 0;
}

static int unknown_name(const struct value_kind *kind, const struct rule *rule,
			struct source *source, const struct word *word)
{
	struct suggestion suggestion;

	if (kind == &value_protocol && foreign_hint(word))
		return source_error(source, word, "unknown word '%.*s': %s", WORD_ARGS(word),
				    foreign_hint(word));
	suggestion_start(&suggestion, word);
	if (kind->suggest)
		kind->suggest(rule, &suggestion);
	return source_error(source, word, "unknown %s '%.*s'%s%s%s", kind->noun, WORD_ARGS(word),
			    SUGGESTION_ARGS(&suggestion));
}

int value_read(const struct value_kind *kind, const struct rule *rule, struct source *source,
	       const struct word *word, struct range *range)
{
	char name[64];
	int number;

	if (kind->is_hexadecimal)
		return read_hexadecimal(kind, source, word, range);
	if (only_of(word, "0123456789-"))
		return read_numeric(kind, source, word, range);
	if (!word_copy(word, name, sizeof(name)))
		return unknown_name(kind, rule, source, word);
	number = kind->number(rule, name);
	if (number == -ENOTUNIQ)
		return source_error(source, word,
				    "%s '%s' is another number for each of these protocols: "
				    "write the number",
				    kind->noun, name);
	if (number < 0)
		return unknown_name(kind, rule, source, word);
	*range = (struct range){ (uint16_t)number, (uint16_t)number };
	return 0;
}

int value_check_protocol(struct source *source, const struct word *word, unsigned int number)
{
	const char *header = protocol_looked_through(number);

	if (!header)
		return 0;
	return source_error(source, word,
			    "protocol %u (%s) is an IPv6 extension header: it is looked through to "
			    "the protocol behind it, so this rule could never match",
			    number, header);
}

/* A range is printed as a list of names if all its numbers have one. A range of names could not
 * be read back, since names contain hyphens. */
static bool has_names(const struct value_kind *kind, const struct rule *rule,
		      const struct range *range)
{
	if (!kind->has_ranges)
		return true;
	for (unsigned int i = range->low; kind->name && i <= range->high; i++)
		if (!kind->name(rule, i))
			return false;
	return kind->name;
}

static void print_one(FILE *out, const struct value_kind *kind, const struct rule *rule,
		      unsigned int number)
{
	const char *name = kind->name ? kind->name(rule, number) : NULL;

	if (name)
		fputs(name, out);
	else
		fprintf(out, kind->is_hexadecimal ? "0x%04x" : "%u", number);
}

static void print_range(FILE *out, const struct value_kind *kind, const struct rule *rule,
			const struct range *range)
{
	if (range->low != range->high && !has_names(kind, rule, range)) {
		fprintf(out, "%u-%u", range->low, range->high);
		return;
	}
	for (unsigned int i = range->low; i <= range->high; i++) {
		fputs(i > range->low ? ", " : "", out);
		print_one(out, kind, rule, i);
	}
}

void values_print(FILE *out, const struct value_kind *kind, const struct rule *rule,
		  const struct ranges *ranges)
{
	const struct range *first = ranges->items;
	bool list =
		ranges->count > 1 || (first->low != first->high && has_names(kind, rule, first));

	fputs(list ? "{ " : "", out);
	for (size_t i = 0; i < ranges->count; i++) {
		fputs(i ? ", " : "", out);
		print_range(out, kind, rule, &ranges->items[i]);
	}
	fputs(list ? " }" : "", out);
}
