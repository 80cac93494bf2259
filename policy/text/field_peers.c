/* SPDX-License-Identifier: GPL-2.0-only */
#include "field_peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "definitions.h"
#include "reserved_sets.h"

/* A longer list belongs in a set, which may have several lines. */
#define MAX_ADDRESSES 4096

/* State while one `peer` is read. */
struct reading {
	struct peers peers;
	size_t capacity; /* of its prefixes */
	int family; /* enum pctl_family; -1: the rule's protocols exist in both */
	const char *protocol; /* the protocol that exists only in this family */
};

static const char *const family_names[PCTL_FAMILIES] = {
	[PCTL_IPV4] = "IPv4",
	[PCTL_IPV6] = "IPv6",
};

bool field_peers_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return peers_given(&rule->peers);
}

/* ICMP is the only protocol that differs between the families. */
static void find_family(struct reading *reading, const struct rule *rule)
{
	int protocol = rule_single_protocol(rule);

	reading->family = -1;
	if (protocol == IPPROTO_ICMP) {
		reading->family = PCTL_IPV4;
		reading->protocol = "icmp";
	}
	if (protocol == IPPROTO_ICMPV6) {
		reading->family = PCTL_IPV6;
		reading->protocol = "icmpv6";
	}
}

static int parse_address(struct parser *parser, struct reading *reading)
{
	const struct word *word = &parser->token.word;
	struct prefixes *prefixes = &reading->peers.prefixes;
	struct prefix prefix;
	int error;

	if (policy_find_set(parser->policy, word->text, word->length) < parser->policy->set_count ||
	    set_name_is_reserved(word->text, word->length))
		return source_error(&parser->source, word, "a set is written with an @: @%.*s",
				    WORD_ARGS(word));
	error = address_read(&parser->source, word, &prefix);
	if (error)
		return error;
	if (reading->family >= 0 && prefix.family != reading->family)
		return source_error(&parser->source, word,
				    "`%s` is only in %s, so its peer never has the %s address %.*s",
				    reading->protocol, family_names[reading->family],
				    family_names[prefix.family], WORD_ARGS(word));
	if (prefixes->count >= MAX_ADDRESSES)
		return source_error(&parser->source, word,
				    "more than %d addresses: define a set of them", MAX_ADDRESSES);
	return prefixes_add(prefixes, &reading->capacity, prefix);
}

/* A warning only: the content of a file may change from day to day, so this is no mistake in the
 * policy. */
static int check_family(struct parser *parser, const struct reading *reading, size_t number)
{
	const struct set *set = parser->policy->sets[number];
	const char *family = reading->family < 0 ? NULL : family_names[reading->family];

	if (!family || set->live || parser->definitions[number].broken ||
	    set->counts[reading->family])
		return 0;
	if (!set->path)
		return source_error(&parser->source, &parser->token.word,
				    "set '%s' has no %s address, and `%s` is only in %s", set->name,
				    family, reading->protocol, family);
	return source_warning(&parser->source, &parser->token.word,
			      "the file of set '%s' has no %s address now, and `%s` is only in %s",
			      set->name, family, reading->protocol, family);
}

/* `@NAME` */
static int parse_set_name(struct parser *parser, struct reading *reading)
{
	struct peers *peers = &reading->peers;
	size_t number;
	int error = parser_find_set(parser, &number);

	if (!error)
		error = check_family(parser, reading, number);
	if (error)
		return error;
	return sets_add(parser->policy, &peers->sets, &peers->set_count,
			parser->policy->sets[number]);
}

static int parse_peer(struct parser *parser, void *data)
{
	struct reading *reading = data;
	int error;

	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "an address or a set");
	error = *parser->token.word.text == '@' ? parse_set_name(parser, reading)
						: parse_address(parser, reading);
	if (!error)
		parser_advance(parser);
	return error;
}

static int parse_peers(struct parser *parser, struct reading *reading)
{
	int error = parser_list(parser, parse_peer, reading);

	if (!error)
		prefixes_normalise(&reading->peers.prefixes);
	return error;
}

/* The block with this address, among those that are written in the policy. Files and live sets do
 * not count, since their content may change. */
static const struct prefix *find_block(const struct peers *peers, const struct prefix *address)
{
	const struct prefix *block = prefixes_find(&peers->prefixes, address);

	for (size_t i = 0; !block && i < peers->set_count; i++)
		if (!set_has_map(peers->sets[i]))
			block = prefixes_find(&peers->sets[i]->prefixes, address);
	return block;
}

/* Walks from block to block, and mostly ends at the first address. Sets are large, and many
 * rules name them. */
static bool are_all(const struct peers *peers, int family)
{
	struct prefix address = { .family = (uint8_t)family };
	const struct prefix *block;

	address.length = (uint8_t)family_bits(address.family);
	do {
		block = find_block(peers, &address);
		if (!block)
			return false;
	} while (prefix_next(block, &address));
	return true;
}

/* `not` of everything would match nothing. */
static int check_not(struct parser *parser, const struct reading *reading, const struct word *word)
{
	if (!reading->peers.negated)
		return 0;
	for (int family = 0; family < PCTL_FAMILIES; family++)
		if ((reading->family < 0 || reading->family == family) &&
		    !are_all(&reading->peers, family))
			return 0;
	return source_error(&parser->source, word,
			    "`not` of every address: this rule could never match");
}

int field_parse_peers(const struct field *field, struct parser *parser, struct rule *rule)
{
	struct reading reading = { 0 };
	struct word word = parser->token.word;
	int error;

	(void)field;
	find_family(&reading, rule);
	reading.peers.negated = parser_take_not(parser);
	error = parse_peers(parser, &reading);
	if (!error)
		error = check_not(parser, &reading, &word);
	if (error)
		peers_clear(&reading.peers);
	else
		rule->peers = reading.peers;
	return error;
}

static void print_address(FILE *out, const struct prefix *prefix)
{
	char text[ADDRESS_TEXT];

	address_print(prefix, text);
	fputs(text, out);
}

int field_print_peers(const struct field *field, const struct rule *rule, FILE *out)
{
	const struct peers *peers = &rule->peers;
	bool list = peers->prefixes.count + peers->set_count > 1;
	const char *separator = "";

	(void)field;
	fputs(peers->negated ? " not " : " ", out);
	fputs(list ? "{ " : "", out);
	for (size_t i = 0; i < peers->prefixes.count; i++) {
		fputs(separator, out);
		print_address(out, &peers->prefixes.items[i]);
		separator = ", ";
	}
	for (size_t i = 0; i < peers->set_count; i++) {
		fprintf(out, "%s@%s", separator, peers->sets[i]->name);
		separator = ", ";
	}
	fputs(list ? " }" : "", out);
	return 0;
}
