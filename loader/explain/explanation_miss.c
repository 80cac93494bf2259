// SPDX-License-Identifier: GPL-2.0-only
/* Why a rule does not match a packet, as far as one number tells it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explanation.h"
#include "packet_fields.h"
#include "ranges.h"

/* A number of the packet that a rule asks for. */
struct asked {
	const char *name;
	const struct ranges *ranges;
	unsigned int value;
};

/* Is the rule about this protocol at all? */
static bool is_about(const struct rule *rule, const struct explanation *explanation)
{
	const struct packet_fields *fields = &explanation->fields;

	if (!(rule->directions & 1u << explanation->direction) || !fields->is_ip ||
	    !rule_is_ip(rule))
		return false;
	return !fields->has_protocol || ranges_match(&rule->protocols, fields->protocol);
}

static char *words(const char *name, unsigned int value)
{
	char *text;

	return asprintf(&text, "its %s is %u", name, value) < 0 ? NULL : text;
}

static char *unknown(const char *name)
{
	char *text;

	return asprintf(&text, "its %s is unknown, which no allow rule matches", name) < 0 ? NULL
											   : text;
}

/* Whether the names of a rule match for certain. */
static bool asks_for_one(const struct rule *rule, const struct question *question)
{
	bool found = false;

	if (question->asking != ASKS_NAME)
		return question->asking == ASKS_NOTHING;
	for (size_t i = 0; i < rule->name_count && !found; i++)
		found = question_is_in(question, rule->names[i]);
	return found != rule->names_negated;
}

static char *miss_of_names(const struct rule *rule, const struct question *question)
{
	if (question->asking == ASKS_UNKNOWN)
		return rule->verdict == VERDICT_ALLOW ? unknown("question to DNS") : NULL;
	return strdup(rule->names_negated ? "it asks for one of these names"
					  : "it asks for none of these names");
}

char *explain_miss(const struct explanation *explanation, const struct rule *rule)
{
	const struct packet_fields *fields = &explanation->fields;
	const struct asked asked[] = {
		{ "dport", &rule->dports, fields->dport },
		{ "sport", &rule->sports, fields->sport },
		{ "type", &rule->types, fields->type },
		{ "code", &rule->codes, fields->code },
	};
	char *text;

	if (fields->is_foreign && rule->ethertypes.count &&
	    rule->directions & 1u << explanation->direction)
		return asprintf(&text, "its ethertype is 0x%04x", fields->ethertype) < 0 ? NULL
											 : text;
	if (rule->spoofed && explanation->direction == PCTL_FROM)
		return strdup("all that it claims is the container's own");
	if (!is_about(rule, explanation))
		return NULL;
	if (fields->has_vlan && !ranges_match(&rule->vlans, fields->vlan))
		return fields->vlan ? words("VLAN", fields->vlan) : strdup("it has no VLAN");
	if (rule->established && explanation->established == PCTL_ESTABLISHED_NO)
		return strdup("it is not established");
	if (rule->protocols.count && !fields->has_protocol)
		return rule->verdict == VERDICT_ALLOW ? unknown("protocol") : NULL;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!asked[i].ranges->count)
			continue;
		if (!fields->has_selector && rule->verdict == VERDICT_ALLOW)
			return unknown(asked[i].name);
		if (fields->has_selector && !ranges_match(asked[i].ranges, asked[i].value))
			return words(asked[i].name, asked[i].value);
	}
	if (rule->name_count && !asks_for_one(rule, &fields->question))
		return miss_of_names(rule, &fields->question);
	if (!peers_given(&rule->peers))
		return NULL;
	if (explanation->direction == PCTL_FROM && fields->source_routed)
		return rule->verdict == VERDICT_ALLOW ? unknown("peer") : NULL;
	return asprintf(&text, "its peer is %s",
			rule->peers.negated ? "one of these" : "none of these") < 0
		       ? NULL
		       : text;
}
