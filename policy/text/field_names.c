/* SPDX-License-Identifier: GPL-2.0-only */
#include "field_names.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "definitions.h"

#define DNS_PORT 53

/* Sets of a rule, while they are read. */
struct reading {
	const struct set **sets;
	size_t count;
};

/* Only packets that the container sends to port 53 can ask, whichever server: so nothing else
 * depends on what is read as a question. */
bool field_fits_names(const struct rule *rule)
{
	const struct ranges *protocols = &rule->protocols, *ports = &rule->dports;

	if (rule->directions != 1u << PCTL_FROM || !protocols->count || ports->count != 1 ||
	    ports->items[0].low != DNS_PORT || ports->items[0].high != DNS_PORT)
		return false;
	for (size_t i = 0; i < protocols->count; i++)
		for (unsigned int p = protocols->items[i].low; p <= protocols->items[i].high; p++)
			if (p != IPPROTO_TCP && p != IPPROTO_UDP)
				return false;
	return true;
}

bool field_names_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return rule->name_count;
}

static int parse_name_set(struct parser *parser, void *data)
{
	const struct word *word = &parser->token.word;
	struct reading *reading = data;
	const struct set *set;
	size_t number;
	int error;

	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "a set of DNS names");
	if (*word->text != '@')
		return source_error(
			&parser->source, word,
			"`dns` wants a set, @NAME: define it by set NAME dns { NAMES }");
	error = parser_find_set(parser, &number);
	if (error)
		return error;
	set = parser->policy->sets[number];
	if (set->live != PCTL_LIVE_DNS && !parser->definitions[number].broken)
		return source_error(&parser->source, word,
				    "set '%s' has no DNS names: `dns` wants "
				    "one that is defined by set NAME dns { NAMES }",
				    set->name);
	error = sets_add(parser->policy, &reading->sets, &reading->count, set);
	if (!error)
		parser_advance(parser);
	return error;
}

int field_parse_names(const struct field *field, struct parser *parser, struct rule *rule)
{
	struct reading reading = { 0 };
	bool negated = parser_take_not(parser);
	int error = parser_list(parser, parse_name_set, &reading);

	(void)field;
	if (error) {
		free(reading.sets);
		return error;
	}
	rule->names = reading.sets;
	rule->name_count = reading.count;
	rule->names_negated = negated;
	return 0;
}

int field_print_names(const struct field *field, const struct rule *rule, FILE *out)
{
	bool list = rule->name_count > 1;

	(void)field;
	fprintf(out, " %s%s", rule->names_negated ? "not " : "", list ? "{ " : "");
	for (size_t i = 0; i < rule->name_count; i++)
		fprintf(out, "%s@%s", i ? ", " : "", rule->names[i]->name);
	fputs(list ? " }" : "", out);
	return 0;
}
