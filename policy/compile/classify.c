/* SPDX-License-Identifier: GPL-2.0-only */
#include "classify.h"

#include <string.h>

#include "budget.h"
#include "cleanup.h"
#include "decide.h"
#include "selectors.h"
#include "sweep.h"

/* Units of work to note one stretch of selectors of a rule. */
#define NOTE_STEPS 32

struct classifier {
	struct classification *out;
	struct budget *budget;
	classify_fn fn;
	void *data;
	struct canvas *canvas;
	struct sweep *sweep; /* over selectors; its things are rules */
	struct words rules; /* the active rules, in their order */
	uint32_t noting; /* the rule that is being noted */
};

/* Whether a rule comes before the rule of an outcome. */
static bool is_before(const struct trait *trait, uint32_t outcome)
{
	return PCTL_OUTCOME_RANK(trait->outcome) < PCTL_OUTCOME_RANK(outcome);
}

/* Whether services have to look at this rule. */
static bool is_asked(const struct classifier *classifier, const struct trait *trait, uint32_t plain)
{
	return trait->asked && trait_is_in(trait, classifier->out->direction) &&
	       is_before(trait, plain);
}

/* How many of the rules collected come before @outcome. */
static size_t count_before(const struct classifier *classifier, const uint32_t *rules, size_t count,
			   uint32_t outcome)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (is_before(&classifier->out->traits->rules[rules[middle]], outcome))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int find_outcome(struct classifier *classifier, uint32_t plain, unsigned int protocol,
			const struct words *rules, bool known, uint32_t *outcome)
{
	struct content content = {
		.plain = plain,
		.row = classifier->out->rows.of_protocol[protocol],
		.rules = rules->items,
		.count = count_before(classifier, rules->items, rules->count, plain),
	};

	return services_outcome(&classifier->out->services, &content, known, outcome);
}

/* --- what is not known --- */

static int classify_ip(struct classifier *classifier)
{
	struct classification *out = classifier->out;
	const struct traits *traits = out->traits;
	uint32_t plain = decide_ip(traits, out->direction);

	classifier->rules.count = 0;
	for (size_t i = 0; i < traits->count; i++)
		if (is_asked(classifier, &traits->rules[i], plain) &&
		    traits->rules[i].peers != TRAIT_NONE &&
		    matches_unknown_protocol(&traits->rules[i]) &&
		    words_add(&classifier->rules, (uint32_t)i))
			return -ENOMEM;
	return find_outcome(classifier, plain, PROTOCOL_UNKNOWN, &classifier->rules, false,
			    &out->ip);
}

static int classify_unknown(struct classifier *classifier, enum pctl_selected which,
			    uint32_t *outcome)
{
	struct classification *out = classifier->out;
	const struct traits *traits = out->traits;
	uint32_t plain = decide_protocol(traits, out->direction, which);

	classifier->rules.count = 0;
	for (size_t i = 0; i < traits->count; i++)
		if (is_asked(classifier, &traits->rules[i], plain) &&
		    traits->rules[i].peers != TRAIT_NONE &&
		    matches_unknown_selector(&traits->rules[i], which) &&
		    words_add(&classifier->rules, (uint32_t)i))
			return -ENOMEM;
	return find_outcome(classifier, plain, protocol_selected[which], &classifier->rules, false,
			    outcome);
}

/* --- protocols without selectors --- */

/* Collects listed rules that match on protocols and a peer alone. */
static int collect_listed(struct classifier *classifier)
{
	const struct traits *traits = classifier->out->traits;
	const struct trait *trait;

	classifier->rules.count = 0;
	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (trait_is_in(trait, classifier->out->direction) && trait->listed &&
		    !trait->selectors && trait->sources == TRAIT_NONE &&
		    words_add(&classifier->rules, (uint32_t)i))
			return -ENOMEM;
	}
	return 0;
}

static int classify_protocol(struct classifier *classifier, unsigned int protocol)
{
	struct classification *out = classifier->out;
	_cleanup_(words_clear) struct words covering = { 0 };
	const struct words *listed = &classifier->rules;

	for (size_t i = 0; i < listed->count; i++)
		if (trait_covers(out->traits, listed->items[i], protocol) &&
		    words_add(&covering, listed->items[i]))
			return -ENOMEM;
	return find_outcome(classifier, out->plain[protocol], protocol, &covering, true,
			    &out->by_protocol[protocol]);
}

static bool is_selected(unsigned int protocol)
{
	return memchr(protocol_selected, (int)protocol, sizeof(protocol_selected));
}

static int classify_protocols(struct classifier *classifier)
{
	int error = collect_listed(classifier);

	for (unsigned int p = 0; !error && p < 256; p++)
		if (!is_selected(p))
			error = classify_protocol(classifier, p);
	return error;
}

/* --- protocols with selectors --- */

/* Whether a rule matches on a selector or a source port before a rule decides the whole
 * protocol. */
static bool needs_selectors(const struct classifier *classifier, enum pctl_selected which)
{
	const struct traits *traits = classifier->out->traits;
	enum pctl_direction direction = classifier->out->direction;
	uint32_t plain = classifier->out->plain[protocol_selected[which]];
	const struct trait *trait;

	for (size_t i = 0; i < traits->count && is_before(&traits->rules[i], plain); i++) {
		trait = &traits->rules[i];
		if (trait->selected & 1u << which && trait_is_in(trait, direction) &&
		    (trait->selectors || trait->sources != TRAIT_NONE))
			return true;
	}
	for (size_t i = 0; i < policy_implicit_rule_count; i++)
		if (PCTL_OUTCOME_ARG(plain) == PCTL_SLOT_DEFAULT &&
		    implicit_covers(&policy_implicit_rules[i], traits->policy, direction,
				    protocol_selected[which]))
			return true;
	return false;
}

static int note_selectors(void *data, uint32_t low, uint32_t high)
{
	struct classifier *classifier = data;

	if (budget_spend(classifier->budget, NOTE_STEPS))
		return -E2BIG;
	return sweep_note(classifier->sweep, low, high, classifier->noting);
}

/* Notes the selectors of all rules that services of this protocol may have to look at. */
static int note_rules(struct classifier *classifier, enum pctl_selected which)
{
	const struct traits *traits = classifier->out->traits;
	uint32_t plain = classifier->out->plain[protocol_selected[which]];
	int error = 0;

	sweep_clear(classifier->sweep);
	for (size_t i = 0; !error && i < traits->count; i++) {
		if (!(traits->rules[i].selected & 1u << which) ||
		    !is_asked(classifier, &traits->rules[i], plain))
			continue;
		classifier->noting = (uint32_t)i;
		error = selectors_each(&traits->policy->rules[i], note_selectors, classifier);
		if (error == -E2BIG)
			budget_blame(classifier->budget, i, UINT32_MAX / 2);
	}
	return error;
}

/* Replaces the outcomes by plain rules on the canvas by the complete outcomes, selector by
 * selector. */
static int sweep_selectors(struct classifier *classifier, enum pctl_selected which)
{
	uint32_t *outcomes = classifier->canvas->values, plain = PCTL_NONE, outcome = PCTL_NONE;
	int changed, error;

	if (!classifier->sweep->things.count &&
	    classifier->out->rows.of_protocol[protocol_selected[which]] == ROW_NONE)
		return 0; /* the outcomes by plain rules are complete */
	for (uint32_t i = 0; i < SELECTORS; i++) {
		changed = sweep_step(classifier->sweep, i);
		if (changed < 0)
			return changed;
		if (changed || outcomes[i] != plain) {
			plain = outcomes[i];
			error = budget_spend(classifier->budget, 16);
			if (!error)
				error = find_outcome(classifier, plain, protocol_selected[which],
						     &classifier->sweep->active, true, &outcome);
			if (error)
				return error;
		}
		outcomes[i] = outcome;
	}
	return 0;
}

/* Whether all packets of a protocol have one outcome, also those with an unknown selector. */
static bool is_uniform(const struct canvas *canvas, uint32_t unknown)
{
	return canvas->values[0] == unknown &&
	       !memcmp(canvas->values, canvas->values + 1, (SELECTORS - 1) * sizeof(uint32_t));
}

static int classify_selected(struct classifier *classifier, enum pctl_selected which)
{
	struct classification *out = classifier->out;
	unsigned int protocol = protocol_selected[which];
	uint32_t unknown;
	int error;

	error = classify_unknown(classifier, which, &unknown);
	if (error)
		return error;
	if (!needs_selectors(classifier,
			     which)) /* then all packets have the outcome of an unknown selector */
		return find_outcome(classifier, out->plain[protocol], protocol, &classifier->rules,
				    true, &out->by_protocol[protocol]);
	canvas_decide(classifier->canvas, out->traits, out->direction, which);
	error = note_rules(classifier, which);
	if (!error)
		error = sweep_selectors(classifier, which);
	if (error)
		return error;
	if (is_uniform(classifier->canvas, unknown)) {
		out->by_protocol[protocol] = unknown;
		return 0;
	}
	out->by_protocol[protocol] = PCTL_OUTCOME(PCTL_SELECT, which);
	out->selector_unknown[which] = unknown;
	return classifier->fn(classifier->data, out, which, classifier->canvas->values);
}

/* --- all of it --- */

static int build_classes(struct classification *out, uint32_t services_before,
			 struct budget *budget)
{
	int error;

	error = peer_classes_build(&out->peers, out->traits, out->direction, budget);
	if (!error)
		error = by_class_init(&out->by_class, out->traits, &out->peers, budget);
	if (!error)
		error = rows_build(&out->rows, &out->by_class, out->direction, budget);
	if (!error)
		error = source_classes_build(&out->sources, out->traits, out->direction, budget);
	services_init(&out->services, out->traits, &out->rows, &out->sources, budget,
		      services_before);
	return error;
}

static int classify_all(struct classifier *classifier)
{
	struct classification *out = classifier->out;
	int error;

	decide_whole(out->traits, out->direction, out->plain);
	budget_begin(classifier->budget, true);
	error = classify_protocols(classifier);
	if (!error)
		error = classify_ip(classifier);
	for (unsigned int i = 0; !error && i < PROTOCOL_SELECTED_COUNT; i++)
		error = classify_selected(classifier, i);
	return error;
}

int classify(struct classification *classification, const struct traits *traits,
	     enum pctl_direction direction, uint32_t services_before, struct budget *budget,
	     classify_fn fn, void *data)
{
	_cleanup_(freep) struct canvas *canvas = malloc(sizeof(*canvas));
	_cleanup_(sweep_freep) struct sweep *sweep = sweep_new();
	struct classifier classifier = {
		.out = classification,
		.budget = budget,
		.fn = fn,
		.data = data,
		.canvas = canvas,
		.sweep = sweep,
	};
	int error = -ENOMEM;

	*classification = (struct classification){ .traits = traits, .direction = direction };
	if (canvas && sweep)
		error = build_classes(classification, services_before, budget);
	if (!error)
		error = classify_all(&classifier);
	words_clear(&classifier.rules);
	if (error)
		classification_clear(classification);
	return error;
}

void classification_clear(struct classification *classification)
{
	services_clear(&classification->services);
	source_classes_clear(&classification->sources);
	rows_clear(&classification->rows);
	by_class_clear(&classification->by_class);
	peer_classes_clear(&classification->peers);
}
