/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "cleanup.h"
#include "decide.h"
#include "diagnostics.h"
#include "protocols.h"
#include "ranges.h"

/* Nobody reads further; how many more there are is said. */
#define MAX_HIDDEN 20

/* A rule may have thousands of ports: messages show its head. */
#define MAX_SHOWN 160

/* net.ipv4.ip_local_port_range: where what the container opens gets its answers. */
#define ANSWER_LOW 32768
#define ANSWER_HIGH 60999

struct checker {
	const struct policy *policy;
	const char *name;
	struct diagnostics *diagnostics;
	struct canvas *canvas;
	bool *reached; /* one per rule: it decides some packet of which everything is known */
	/* Per protocol (enum pctl_selected): the container may open it; its answers are dropped. */
	bool opens[PROTOCOL_SELECTED_COUNT];
	bool unanswered[PROTOCOL_SELECTED_COUNT];
};

static void look_at_answers(struct checker *checker, enum pctl_direction direction,
			    unsigned int which)
{
	const struct policy *policy = checker->policy;
	uint32_t outcome, slot;
	bool is_answer;

	for (unsigned int i = 0; i < SELECTORS; i++) {
		slot = checker->canvas->slots[i];
		outcome = slot_outcome(policy, direction, slot);
		is_answer = i >= ANSWER_LOW && i <= ANSWER_HIGH;
		if (direction == PCTL_FROM && !is_answer &&
		    PCTL_OUTCOME_ACTION(outcome) == PCTL_PASS)
			checker->opens[which] = true;
		if (direction == PCTL_TO && is_answer && slot == PCTL_SLOT_DEFAULT &&
		    PCTL_OUTCOME_ACTION(outcome) == PCTL_DROP)
			checker->unanswered[which] = true;
	}
}

/* Fills in what the checker knows of one direction. */
static void survey(struct checker *checker, enum pctl_direction direction)
{
	const struct policy *policy = checker->policy;
	uint32_t whole[256];

	decide_whole(policy, direction, whole);
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++) {
		canvas_decide(checker->canvas, policy, direction, protocol_selected[i],
			      checker->reached);
		whole[protocol_selected[i]] = PCTL_SLOT_DEFAULT; /* the canvas said it better */
		if (protocol_has_ports(protocol_selected[i]))
			look_at_answers(checker, direction, i);
	}
	for (unsigned int p = 0; p < 256; p++)
		if (whole[p] != PCTL_SLOT_DEFAULT)
			checker->reached[whole[p] - PCTL_SLOT_RULES] = true;
}

static bool overlaps(const struct rule *a, const struct rule *b)
{
	return a->directions & b->directions && ranges_overlap(&a->protocols, &b->protocols) &&
	       ranges_overlap(&a->dports, &b->dports) && ranges_overlap(&a->types, &b->types) &&
	       ranges_overlap(&a->codes, &b->codes);
}

static bool covers(const struct rule *outer, const struct rule *inner)
{
	return !(inner->directions & ~outer->directions) &&
	       ranges_cover(&outer->protocols, &inner->protocols) &&
	       ranges_cover(&outer->dports, &inner->dports) &&
	       ranges_cover(&outer->types, &inner->types) &&
	       ranges_cover(&outer->codes, &inner->codes);
}

/* The rule that hides this one: one that does it alone if there is one, else the first that takes
 * part; *alone says which. */
static size_t find_hider(const struct policy *policy, size_t hidden, bool *alone)
{
	*alone = true;
	for (size_t i = 0; i < hidden; i++)
		if (covers(&policy->rules[i], &policy->rules[hidden]))
			return i;
	*alone = false;
	for (size_t i = 0; i < hidden; i++)
		if (overlaps(&policy->rules[i], &policy->rules[hidden]))
			return i;
	return hidden; /* never: something hid it */
}

/* Whether packets that are not known well enough still meet this rule. */
static bool meets_unknown(const struct policy *policy, size_t index)
{
	uint32_t slot = PCTL_SLOT_RULES + (uint32_t)index;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		if (decide_frame(policy, i) == slot || decide_ip(policy, i) == slot)
			return true;
		for (unsigned int j = 0; j < PROTOCOL_SELECTED_COUNT; j++)
			if (decide_protocol(policy, i, protocol_selected[j]) == slot)
				return true;
	}
	return false;
}

/* `"deny tcp" (line 3)`: how messages call a rule. Malloc'd, NULL without memory. */
static char *describe(const struct policy *policy, size_t index)
{
	const struct rule *rule = &policy->rules[index];
	_cleanup_(freep) char *text = policy_rule_print(rule);
	char *description;
	int length;

	if (!text)
		return NULL;
	if (strlen(text) > MAX_SHOWN)
		memcpy(text + MAX_SHOWN - 3, "...", 4);
	if (rule->place.line)
		length = asprintf(&description, "\"%s\" (line %u)", text, rule->place.line);
	else if (rule->id)
		length = asprintf(&description, "\"%s\" (rule id %u)", text, rule->id);
	else
		length = asprintf(&description, "\"%s\" (rule %zu)", text, index + 1);
	return length < 0 ? NULL : description;
}

static int warn_hidden(struct checker *checker, size_t index)
{
	const struct policy *policy = checker->policy;
	bool alone;
	size_t hider = find_hider(policy, index, &alone);
	_cleanup_(freep) char *hidden_text = describe(policy, index);
	_cleanup_(freep) char *hider_text = describe(policy, hider);
	const char *rest = "";

	if (!hidden_text || !hider_text)
		return -ENOMEM;
	if (meets_unknown(policy, index))
		rest = "; it still drops what hides its port or protocol, fragments for example";
	return diagnostics_add(checker->diagnostics, SEVERITY_WARNING, checker->name,
			       policy->rules[index].place, 1, NULL,
			       alone ? "%s is never reached: %s comes before it and decides all "
				       "its packets%s"
				     : "%s is never reached: the rules before it together decide "
				       "all its packets, the first of them is %s%s",
			       hidden_text, hider_text, rest);
}

static int warn_all_hidden(struct checker *checker)
{
	size_t hidden = 0;

	for (size_t i = 0; i < checker->policy->count; i++) {
		if (checker->reached[i] || hidden++ >= MAX_HIDDEN)
			continue;
		if (warn_hidden(checker, i))
			return -ENOMEM;
	}
	if (hidden <= MAX_HIDDEN)
		return 0;
	return diagnostics_add(checker->diagnostics, SEVERITY_WARNING, checker->name,
			       (struct place){ 0 }, 1, NULL, "%zu more rules are never reached",
			       hidden - MAX_HIDDEN);
}

static int warn_unanswered(struct checker *checker)
{
	bool tcp = checker->opens[PCTL_SELECTED_TCP] && checker->unanswered[PCTL_SELECTED_TCP];
	bool udp = checker->opens[PCTL_SELECTED_UDP] && checker->unanswered[PCTL_SELECTED_UDP];
	const char *protocols = tcp && udp ? "{ tcp, udp }" : tcp ? "tcp" : "udp";

	if (!tcp && !udp)
		return 0;
	return diagnostics_add(
		checker->diagnostics, SEVERITY_WARNING, checker->name,
		checker->policy->default_places[PCTL_TO], 1, NULL,
		"`default to deny` also drops the answers to what the container opens itself (%s): "
		"its own connections will not work; `allow to %s dport %d-%d` lets answers in, and "
		"whatever else is sent to these ports",
		tcp && udp ? "tcp and udp" : protocols, protocols, ANSWER_LOW, ANSWER_HIGH);
}

int policy_check(const struct policy *policy, const char *name, struct diagnostics *diagnostics)
{
	_cleanup_(freep) struct canvas *canvas = malloc(sizeof(*canvas));
	_cleanup_(freep) bool *reached = calloc(policy->count + 1, sizeof(*reached));
	struct checker checker = {
		.policy = policy,
		.name = name,
		.diagnostics = diagnostics,
		.canvas = canvas,
		.reached = reached,
	};

	if (!canvas || !reached)
		return -ENOMEM;
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++)
		survey(&checker, i);
	return warn_all_hidden(&checker) || warn_unanswered(&checker) ? -ENOMEM : 0;
}
