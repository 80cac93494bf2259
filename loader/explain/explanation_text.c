// SPDX-License-Identifier: GPL-2.0-only
/* The words for packets and decisions. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "explanation_show.h"
#include "icmp.h"
#include "packet_fields.h"
#include "print.h"
#include "protocols.h"
#include "util.h"

/* --- packets --- */

/* @address: NULL: the container's, which no rule asks for */
static void put_end(FILE *out, const struct packet_fields *fields, const uint8_t *address,
		    uint16_t port)
{
	bool with_port = fields->with_ports && fields->has_selector;
	bool bracket = address && with_port && fields->family == PCTL_IPV6;
	char text[INET6_ADDRSTRLEN] = "container";

	if (address)
		inet_ntop(fields->family == PCTL_IPV4 ? AF_INET : AF_INET6, address, text,
			  sizeof(text));
	fprintf(out, "%s%s%s", bracket ? "[" : "", text, bracket ? "]" : "");
	if (with_port)
		fprintf(out, ":%u", port);
}

static void put_protocol(FILE *out, const struct packet_fields *fields)
{
	const char *name = fields->has_protocol ? protocol_name(fields->protocol) : NULL;

	if (name)
		fputs(name, out);
	else if (fields->has_protocol)
		fprintf(out, "proto %u", fields->protocol);
	else
		fprintf(out, "%s of unknown protocol",
			fields->family == PCTL_IPV4 ? "IPv4" : "IPv6");
}

static void put_type(FILE *out, const struct packet_fields *fields)
{
	const char *type = icmp_type_name(fields->protocol, fields->type);
	const char *code = icmp_code_name(fields->protocol, fields->type, fields->code);

	if (type)
		fprintf(out, " type %s", type);
	else
		fprintf(out, " type %u", fields->type);
	if (code)
		fprintf(out, " code %s", code);
	else if (fields->code)
		fprintf(out, " code %u", fields->code);
}

static void put_ip(FILE *out, const struct packet_fields *fields, enum container_end container)
{
	put_protocol(out, fields);
	fputc(' ', out);
	put_end(out, fields, container == CONTAINER_SOURCE ? NULL : fields->source, fields->sport);
	fputs(" > ", out);
	put_end(out, fields, container == CONTAINER_DESTINATION ? NULL : fields->destination,
		fields->dport);
	if (fields->with_types && fields->has_selector)
		put_type(out, fields);
	if (fields->piece != PIECE_WHOLE)
		fprintf(out, ", %s fragment", fields->piece == PIECE_FIRST ? "first" : "later");
	if (fields->behind_ah)
		fputs(", behind an AH", out);
	if (fields->source_routed)
		fputs(fields->has_protocol ? ", source routed" : ", perhaps source routed", out);
}

char *packet_fields_text(const struct packet_fields *fields, enum container_end container)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (fields->vlan_tags)
		fputs("vlan ", out);
	if (fields->vlan)
		fprintf(out, "%u ", fields->vlan);
	if (fields->vlan_tags > 1)
		fputs("vlan ", out);
	if (fields->is_arp)
		fputs("arp", out);
	else if (fields->is_foreign)
		fprintf(out, "a frame of ethertype 0x%04x", fields->ethertype);
	else if (!fields->is_ip)
		fputs("a frame that is not known to be IP or ARP", out);
	else
		put_ip(out, fields, container);
	return fclose(out) ? NULL : text;
}

/* --- decisions --- */

const char *decision_words(const struct decision *decision)
{
	static const char *const words[][2] = {
		[VERDICT_ALLOW] = { "passes", "passes" },
		[VERDICT_DENY] = { "dropped", "passes: would be dropped (audit)" },
		[VERDICT_REJECT] = { "rejected", "passes: would be rejected (audit)" },
	};

	return words[decision->verdict][decision->audit];
}

/* The line that a rule begins on, as it stands in its file; NULL: there is none to show. */
static char *line_of(const struct explainer *explainer, const struct rule *rule)
{
	const char *line = explainer->text;

	if (!line || !rule->place.line)
		return NULL;
	for (unsigned int i = 1; i < rule->place.line && line; i++) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return NULL;
	line += strspn(line, " \t");
	return strndup(line, strcspn(line, "\r\n"));
}

static char *rule_words(const struct explainer *explainer, const struct rule *rule)
{
	_cleanup_(freep) char *line = line_of(explainer, rule);
	_cleanup_(freep) char *printed = line ? NULL : policy_rule_print(rule);
	size_t number = rule - explainer->policy->rules + 1;
	char *text = NULL;
	int failed;

	if (explainer->attachment)
		failed = asprintf(&text, "rule %u (%zu of %zu%s): %s", rule->id, number,
				  explainer->policy->count,
				  rule->baseline ? ", of the baseline" : "", printed ?: "");
	else if (line)
		failed = asprintf(&text, "%s:%u:%u: %s", explainer->name, rule->place.line,
				  rule->place.column, line);
	else
		failed = asprintf(&text, "rule %zu of %zu: %s", number, explainer->policy->count,
				  printed ?: "");
	return failed < 0 ? NULL : text;
}

char *decision_text(const struct explainer *explainer, const struct explanation *explanation,
		    const struct decision *decision)
{
	const char *direction = policy_direction_name(explanation->direction);
	enum verdict verdict = explainer->policy->defaults[explanation->direction];
	_cleanup_(freep) char *words =
		policy_default_print(explainer->policy, explanation->direction);
	char *text = NULL;
	int failed;

	if (decision->rule)
		return rule_words(explainer, decision->rule);
	if (decision->slot >= PCTL_SLOT_RULES)
		failed = asprintf(&text, "slot %u, which no rule has", decision->slot);
	else if (decision->implicit)
		failed = asprintf(&text, "implicit allow %s: no rule matched, and default %s %s",
				  decision->implicit->text, direction,
				  policy_default_words(explainer->policy, explanation->direction));
	else if (verdict_denies(verdict))
		failed = asprintf(&text, "default %s %s: no rule matched, nor an implicit one",
				  direction,
				  policy_default_words(explainer->policy, explanation->direction));
	else
		failed = asprintf(&text, "%s: no rule matched", words ?: "default");
	return failed < 0 ? NULL : text;
}
