// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "connection_json.h"
#include "connection_words.h"
#include "explanation_live_show.h"
#include "explanation_show.h"
#include "implicit.h"
#include "json_text.h"
#include "kernel_connection.h"
#include "packet_fields.h"
#include "print.h"
#include "reasons.h"
#include "terminal.h"
#include "util.h"

#define MISSES_MAX 4 /* rules in front of which it is said why they did not match */
#define LABEL "%-12s"

static const char *const hook_names[HOOK_COUNT] = {
	[HOOK_EGRESS] = "tc program",
	[HOOK_GUARD] = "guard",
	[HOOK_XDP] = "xdp program",
};

static const char *const hook_keys[HOOK_COUNT] = {
	[HOOK_EGRESS] = "tc",
	[HOOK_GUARD] = "guard",
	[HOOK_XDP] = "xdp",
};

static const char *const claim_words[] = {
	[CLAIM_UNKNOWN] = "whose it claims to be cannot be read, so it counts as spoofed",
	[CLAIM_MAC] = "its source MAC is not the container's",
	[CLAIM_SOURCE] = "its source address is not the container's",
	[CLAIM_ARP] = "as ARP it claims an address or a MAC that is not the container's",
	[CLAIM_DISCOVERY] = "as neighbour discovery it claims an address or a MAC that is not the "
			    "container's",
};

static const char *const claim_keys[] = {
	[CLAIM_UNKNOWN] = "unknown",	 [CLAIM_MAC] = "mac",
	[CLAIM_SOURCE] = "source",	 [CLAIM_ARP] = "arp",
	[CLAIM_DISCOVERY] = "discovery",
};

static uint32_t program_id(const struct explainer *explainer, enum hook hook)
{
	return explainer->attachment->current.programs[hook].id;
}

/* --- for people --- */

static void print_verdict(const struct decision *decision)
{
	printf("%s%s%s%s",
	       terminal_start(stdout, decision_passes(decision) ? COLOUR_GREEN : COLOUR_RED),
	       decision_words(decision), terminal_end(stdout), decision->log ? ", and logged" : "");
}

/* Rules in front of what decided that are about this protocol, the nearest last. */
static void print_misses(const struct explainer *explainer, const struct explanation *explanation)
{
	const struct policy *policy = explainer->policy;
	const struct rule *decided = explanation->decision.rule;
	size_t end = decided ? (size_t)(decided - policy->rules) : policy->count, shown = 0;

	if (explanation->as_ah)
		return; /* as that they would all have to be asked again */
	for (size_t i = 0; i < end && shown <= MISSES_MAX; i++) {
		_cleanup_(freep) char *why = explain_miss(explanation, &policy->rules[i]);
		_cleanup_(freep) char *text = why ? policy_rule_print(&policy->rules[i]) : NULL;

		if (!text)
			continue;
		printf(LABEL, shown ? "" : "before it");
		if (shown++ == MISSES_MAX)
			printf("and more\n");
		else
			printf("rule %zu does not match, %s: %.100s\n",
			       explainer->attachment ? policy->rules[i].id : i + 1, why, text);
	}
}

static void print_reason(const struct explanation *explanation)
{
	const struct packet_fields *fields = &explanation->fields;
	uint8_t reason = explanation->decision.reason;

	if (reason_name(reason))
		printf(LABEL "%s: %s; an unknown field matches every deny rule and no allow rule\n",
		       "unknown", reason_name(reason), reason_meaning(reason));
	if (explanation->claim != CLAIM_OWN)
		printf(LABEL "%s\n", "spoofed", claim_words[explanation->claim]);
	if (explanation->as_ah)
		printf(LABEL "it is denied as `ah`; what the AH protects would pass\n", "");
	if (fields->piece == PIECE_LATER && !decision_passes(&explanation->decision))
		printf(LABEL "if its first fragment was seen, and passed with all known, it passes "
			     "as that one did\n",
		       "");
	if (explanation->overruled)
		printf(LABEL "the implicit rule behind the others would let it pass: allow %s\n",
		       "", explanation->overruled->text);
}

/* Whether the attachment knows a connection with the packet's ends. */
static void print_connection(const struct explainer *explainer,
			     const struct explanation *explanation)
{
	const struct connection *connection = &explanation->connection;
	char age[CONNECTION_TIME_TEXT], idle[CONNECTION_TIME_TEXT];

	if (!explanation->is_known) {
		if (explainer->attachment && policy_tracks(explainer->policy))
			printf(LABEL "none with these ends is known\n", "connection");
		return;
	}
	connection_time_text(connection_age(connection, explanation->looked_at), age);
	connection_time_text(connection_idle(connection, explanation->looked_at), idle);
	printf(LABEL "one with these ends is known: %s, opened %s the container, %s old, silent "
		     "for %s\n",
	       "connection", connection_state_name(connection),
	       connection_direction(connection) == PCTL_FROM ? "by" : "to", age, idle);
}

/* The limit of what passes the packet; NULL: there is none. */
static const struct treatment *limiting_of(const struct explainer *explainer,
					   const struct explanation *explanation)
{
	const struct decision *decision = &explanation->decision;
	const struct treatment *treatment =
		decision->rule ? &decision->rule->treatment
			       : &explainer->policy->default_treatments[explanation->direction];

	if (decision->implicit || treatment->limiting == LIMITING_NOTHING)
		return NULL;
	return treatment;
}

static bool audits_rate(const struct explainer *explainer, const struct explanation *explanation)
{
	const struct rule *rule = explanation->decision.rule;

	return rule ? policy_audits_rate(explainer->policy, rule)
		    : policy_audits_default_rate(explainer->policy, explanation->direction);
}

/* In nanoseconds. */
static uint64_t burst_of(const struct treatment *treatment)
{
	const struct limit *limit = treatment_limit(treatment);

	return treatment->limiting == LIMITING_SHAPE ? limit_shape_burst_ns(limit)
						     : limit_burst_ns(limit);
}

/* What it means for the packet: it is not measured by asking. */
static void print_limit(const struct explainer *explainer, const struct explanation *explanation)
{
	const struct treatment *treatment = limiting_of(explainer, explanation);
	_cleanup_(freep) char *text = NULL;
	const struct limit *limit;

	if (!treatment)
		return;
	limit = treatment_limit(treatment);
	text = policy_limit_print(limit);
	printf(LABEL "%s%s", "limit", text ?: "", limit->each ? " peer" : "");
	if (limit->burst_unit == BURST_BY_DEFAULT && treatment->limiting == LIMITING_SHAPE)
		printf(", burst %.0f ms", (double)burst_of(treatment) / 1e6);
	else if (limit->burst_unit == BURST_BY_DEFAULT)
		printf(", burst %.1f s", (double)burst_of(treatment) / 1e9);
	if (treatment->bucket)
		printf(", shared by all with @%s", treatment->bucket->name);
	if (treatment->limiting == LIMITING_SHAPE)
		printf("; above it packets wait\n");
	else
		printf("; what is above it: %s\n",
		       policy_verdict_word(treatment->over, audits_rate(explainer, explanation)));
}

/* Which implicit rules there are, where none of them applied. */
static void print_implicit(const struct explanation *explanation)
{
	const struct decision *decision = &explanation->decision;

	if (!verdict_denies(decision->verdict) || decision->slot != PCTL_SLOT_DEFAULT)
		return;
	for (size_t i = 0; i < policy_implicit_rule_count; i++)
		printf(LABEL "allow %s\n", i ? "" : "implicit", policy_implicit_rules[i].text);
}

/* Where a copy goes, by what decided; NULL: none is made. */
static const struct mirror *mirror_of(const struct explainer *explainer,
				      const struct explanation *explanation)
{
	const struct decision *decision = &explanation->decision;
	const struct treatment *treatment = NULL;

	if (decision->rule)
		treatment = &decision->rule->treatment;
	else if (!decision->implicit)
		treatment = &explainer->policy->default_treatments[explanation->direction];
	return treatment && mirror_given(&treatment->mirror) ? &treatment->mirror : NULL;
}

static void print_mirror(const struct explainer *explainer, const struct explanation *explanation)
{
	const struct mirror *mirror = mirror_of(explainer, explanation);
	char mac[MIRROR_MAC_TEXT];

	if (!mirror)
		return;
	mirror_mac_print(mirror->mac, mac);
	printf(LABEL "a copy goes to %s%s%s\n", "mirror", mirror->name,
	       mirror->has_mac ? ", with the MAC " : "", mirror->has_mac ? mac : "");
}

static void print_audit(const struct explainer *explainer)
{
	if (explainer->attachment && explainer->attachment->current.meta.audit)
		printf(LABEL "nothing is enforced on %s, it only audits\n", "audit",
		       explainer->name);
}

static void print_asked(const struct explainer *explainer, const struct explanation *explanation)
{
	if (!explainer->attachment)
		return;
	printf(LABEL, "asked");
	for (size_t i = 0; i < explanation->asked_count; i++)
		if (!explanation->asked[i].error)
			printf("%s %u of %s%s, ", hook_names[explanation->asked[i].hook],
			       program_id(explainer, explanation->asked[i].hook), explainer->name,
			       explanation->asked[i].left ? " (leaves it to the guard)" : "");
	if (!explanation->answered)
		printf("the reference evaluator alone: the kernel gives programs no such frame "
		       "(BPF_PROG_TEST_RUN)\n");
	else
		printf("and the reference evaluator, which %s\n",
		       explanation->faulty ? "disagrees" : "agrees");
}

/* Words name the other end only. */
static enum container_end container_end(const struct explanation *explanation)
{
	return explanation->direction == PCTL_FROM ? CONTAINER_SOURCE : CONTAINER_DESTINATION;
}

void explanation_print(const struct explainer *explainer, const struct explanation *explanation)
{
	_cleanup_(freep) char *packet =
		packet_fields_text(&explanation->fields, container_end(explanation));
	_cleanup_(freep) char *decision =
		decision_text(explainer, explanation, &explanation->decision);

	printf(LABEL "%s the container: %s\n", "packet",
	       policy_direction_name(explanation->direction), packet ?: "");
	printf(LABEL, "verdict");
	print_verdict(&explanation->decision);
	printf("\n" LABEL "%s\n", "by", decision ?: "");
	print_mirror(explainer, explanation);
	print_limit(explainer, explanation);
	print_connection(explainer, explanation);
	explanation_print_live(explanation);
	print_reason(explanation);
	print_misses(explainer, explanation);
	print_implicit(explanation);
	print_audit(explainer);
	print_asked(explainer, explanation);
}

void explanation_print_answer(const struct explainer *explainer, const struct explanation *answer)
{
	_cleanup_(freep) char *packet = packet_fields_text(&answer->fields, container_end(answer));
	_cleanup_(freep) char *decision = decision_text(explainer, answer, &answer->decision);

	printf(LABEL "%s the container: %s\n", "answer", policy_direction_name(answer->direction),
	       packet ?: "");
	printf(LABEL, "");
	print_verdict(&answer->decision);
	printf(", by %s\n", decision ?: "");
}

void explanation_print_short(const struct explainer *explainer,
			     const struct explanation *explanation)
{
	_cleanup_(freep) char *packet = packet_fields_text(&explanation->fields, CONTAINER_ANY);
	_cleanup_(freep) char *decision =
		decision_text(explainer, explanation, &explanation->decision);
	const char *reason = reason_name(explanation->decision.reason);

	printf("%s %s ", policy_direction_name(explanation->direction), packet ?: "");
	print_verdict(&explanation->decision);
	if (reason)
		printf(" (unknown: %s)", reason);
	if (explanation->claim != CLAIM_OWN)
		printf(" (spoofed: %s)", claim_keys[explanation->claim]);
	printf(", %s", decision ?: "");
	if (explainer->attachment && !explanation->answered)
		printf(" (by the reference evaluator alone)");
}

/* --- JSON --- */

static json_t *json_decided_by(const struct explainer *explainer,
			       const struct explanation *explanation)
{
	const struct decision *decision = &explanation->decision;
	_cleanup_(freep) char *text = decision->rule ? policy_rule_print(decision->rule) : NULL;
	const struct rule *rule = decision->rule;
	json_t *by = json_object();

	json_object_set_new(by, "kind",
			    json_string(rule		     ? "rule"
					: decision->implicit ? "implicit"
							     : "default"));
	if (!rule) { /* the words of `stats` */
		const char *words = decision->implicit ? decision->implicit->text : "default";

		json_object_set_new(by, "text", json_string(words));
		return by;
	}
	json_object_set_new(by, "text", json_string(text ?: ""));
	json_object_set_new(by, "number", json_integer(rule - explainer->policy->rules + 1));
	if (explainer->attachment)
		json_object_set_new(by, "id", json_integer(rule->id));
	if (rule->baseline)
		json_object_set_new(by, "baseline", json_true());
	if (rule->place.line) {
		json_object_set_new(by, "line", json_integer(rule->place.line));
		json_object_set_new(by, "column", json_integer(rule->place.column));
	}
	return by;
}

static json_t *json_asked(const struct explainer *explainer, const struct explanation *explanation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < explanation->asked_count; i++) {
		const struct testimony *asked = &explanation->asked[i];

		json_array_append_new(array, json_pack("{s:s, s:i, s:b, s:b}", "hook",
						       hook_keys[asked->hook], "program",
						       (int)program_id(explainer, asked->hook),
						       "answered", !asked->error && !asked->left,
						       "agrees", asked->agrees));
	}
	return array;
}

/* As policyctl connections --json has it; null where none with the packet's ends is known. */
static json_t *json_connection(const struct explainer *explainer,
			       const struct explanation *explanation)
{
	_cleanup_(rule_texts_clear) struct rule_texts texts = {};
	const struct connections at = { .now = explanation->looked_at };
	const struct connections_view view = {
		explainer->attachment, &at, explainer->policy, &texts, NULL, NULL
	};

	if (!explanation->is_known || policy_rule_texts(explainer->policy, &texts))
		return json_null();
	return connection_json(&view, &explanation->connection);
}

/* null where what passes the packet has no limit. */
static json_t *json_limit(const struct explainer *explainer, const struct explanation *explanation)
{
	const struct treatment *treatment = limiting_of(explainer, explanation);
	const struct limit *limit = treatment ? treatment_limit(treatment) : NULL;
	_cleanup_(freep) char *text = limit ? policy_limit_print(limit) : NULL;
	json_t *object;

	if (!limit)
		return json_null();
	object = json_pack("{s:s, s:s, s:b, s:I}", "kind",
			   treatment->limiting == LIMITING_RATE ? "rate" : "shape", "text",
			   text ?: "", "each", limit->each, "burst_ms",
			   (json_int_t)(burst_of(treatment) / 1000000));
	json_object_set_new(object, "name",
			    treatment->bucket ? json_string(treatment->bucket->name) : json_null());
	if (treatment->limiting == LIMITING_RATE)
		json_object_set_new(object, "above",
				    json_string(policy_verdict_name(treatment->over)));
	return object;
}

static void add_established(json_t *object, const struct explainer *explainer,
			    const struct explanation *explanation)
{
	static const char *const words[] = {
		[PCTL_ESTABLISHED_NO] = "no",
		[PCTL_ESTABLISHED_YES] = "yes",
		[PCTL_ESTABLISHED_UNKNOWN] = "unknown",
	};
	bool tracks = policy_tracks(explainer->policy);

	json_object_set_new(object, "established",
			    tracks ? json_string(words[explanation->established]) : json_null());
	json_object_set_new(object, "connection", json_connection(explainer, explanation));
}

static json_t *json_mirror(const struct explainer *explainer, const struct explanation *explanation)
{
	const struct mirror *mirror = mirror_of(explainer, explanation);
	char mac[MIRROR_MAC_TEXT];

	if (!mirror)
		return json_null();
	mirror_mac_print(mirror->mac, mac);
	return json_pack("{s:o, s:s?}", "interface", json_text(mirror->name), "mac",
			 mirror->has_mac ? mac : NULL);
}

json_t *explanation_json(const struct explainer *explainer, const struct explanation *explanation)
{
	_cleanup_(freep) char *packet = packet_fields_text(&explanation->fields, CONTAINER_ANY);
	const struct decision *decision = &explanation->decision;
	json_t *object = json_object();

	json_object_set_new(object, explainer->attachment ? "interface" : "policy",
			    json_text(explainer->name));
	json_object_set_new(object, "direction",
			    json_string(policy_direction_name(explanation->direction)));
	json_object_set_new(object, "packet", json_text(packet ?: ""));
	json_object_set_new(object, "verdict", json_string(policy_verdict_name(decision->verdict)));
	json_object_set_new(object, "audit", json_boolean(decision->audit));
	json_object_set_new(object, "log", json_boolean(decision->log));
	json_object_set_new(object, "decided_by", json_decided_by(explainer, explanation));
	json_object_set_new(object, "mirror", json_mirror(explainer, explanation));
	json_object_set_new(object, "limit", json_limit(explainer, explanation));
	json_object_set_new(object, "live_sets", explanation_live_json(explanation));
	if (reason_name(decision->reason)) {
		json_object_set_new(object, "reason", json_string(reason_name(decision->reason)));
		json_object_set_new(object, "reason_meaning",
				    json_string(reason_meaning(decision->reason)));
	}
	json_object_set_new(object, "implicit_overruled",
			    explanation->overruled ? json_string(explanation->overruled->text)
						   : json_null());
	if (explanation->claim != CLAIM_OWN)
		json_object_set_new(object, "spoofed", json_string(claim_keys[explanation->claim]));
	json_object_set_new(object, "as_ah", json_boolean(explanation->as_ah));
	json_object_set_new(object, "fragment",
			    explanation->fields.piece == PIECE_WHOLE
				    ? json_null()
				    : json_string(explanation->fields.piece == PIECE_FIRST
							  ? "first"
							  : "later"));
	add_established(object, explainer, explanation);
	json_object_set_new(object, "programs", json_asked(explainer, explanation));
	json_object_set_new(object, "agree", json_boolean(!explanation->faulty));
	if (explainer->attachment)
		json_object_set_new(
			object, "audited",
			json_boolean(explainer->attachment->current.meta.audit != AUDIT_NONE));
	if (explainer->attachment)
		json_object_set_new(object, "live",
				    json_boolean(attachment_live(explainer->attachment)));
	return object;
}

/* --- faults --- */

static void write_said(FILE *out, const struct explainer *explainer,
		       const struct explanation *explanation, const struct decision *decision)
{
	_cleanup_(freep) char *text = decision_text(explainer, explanation, decision);

	fprintf(out, "%s%s, unknown: %s, by slot %u: %s\n", decision_words(decision),
		decision->log ? " and logged" : "", reason_name(decision->reason) ?: "nothing",
		decision->slot, text ?: "");
}

void explanation_write_fault(FILE *out, const struct explainer *explainer,
			     const struct explanation *explanation, const uint8_t *frame,
			     size_t length)
{
	fprintf(out,
		"policyctl: %s: %sFAULT: a loaded program and the reference evaluator disagree on "
		"this packet%s\n",
		explainer->name, terminal_start(out, COLOUR_RED), terminal_end(out));
	for (size_t i = 0; i < explanation->asked_count; i++) {
		if (explanation->asked[i].error || explanation->asked[i].left)
			continue;
		fprintf(out, "  %-20s ", hook_names[explanation->asked[i].hook]);
		write_said(out, explainer, explanation, &explanation->asked[i].decision);
	}
	fprintf(out, "  %-20s ", "reference evaluator");
	write_said(out, explainer, explanation, &explanation->evaluated);
	fprintf(out, "  %-20s ", "frame");
	for (size_t i = 0; i < length; i++)
		fprintf(out, "%02x", frame[i]);
	fprintf(out,
		"\n  One of the two is wrong: please report it, with what policyctl show "
		"%s prints.\n",
		explainer->name);
}
