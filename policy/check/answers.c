/* SPDX-License-Identifier: GPL-2.0-only */
#include "answers.h"

#include <errno.h>

#include "canvas.h"
#include "cleanup.h"

/* Whether a rule passes only answers: packets from a server's port open nothing. */
static bool opens_nothing(const struct rule *rule)
{
	const struct range answers = { ANSWER_LOW, ANSWER_HIGH };
	const struct ranges ports = { .items = (struct range *)&answers, .count = 1 };

	return !ranges_overlap(&rule->sports, &ports);
}

static bool counts(const struct traits *traits, size_t index, enum pctl_direction direction,
		   enum pctl_selected which)
{
	const struct trait *trait = &traits->rules[index];

	if (!trait_is_in(trait, direction) || !(trait->selected & 1u << which))
		return false;
	if (trait_is_plain(trait))
		return true;
	return !trait->deny &&
	       (direction == PCTL_TO || !opens_nothing(&traits->policy->rules[index]));
}

static void paint(struct canvas *canvas, const struct traits *traits, enum pctl_direction direction,
		  enum pctl_selected which)
{
	canvas_clear(canvas);
	for (size_t i = 0; i < traits->count; i++)
		if (counts(traits, i, direction, which))
			canvas_paint(canvas, &traits->policy->rules[i], traits->rules[i].outcome);
	canvas_paint_rest(canvas, traits, direction, which);
}

static bool is_dropped(struct canvas *canvas, const struct traits *traits, enum pctl_selected which)
{
	bool opens = false, dropped = false;

	paint(canvas, traits, PCTL_FROM, which);
	for (unsigned int i = 0; i < SELECTORS; i++)
		if (i < ANSWER_LOW || i > ANSWER_HIGH)
			opens |= PCTL_OUTCOME_ACTION(canvas->values[i]) == PCTL_PASS;
	paint(canvas, traits, PCTL_TO, which);
	for (unsigned int i = ANSWER_LOW; i <= ANSWER_HIGH; i++)
		dropped |= PCTL_OUTCOME_ARG(canvas->values[i]) == PCTL_SLOT_DEFAULT;
	return opens && dropped;
}

int answers_dropped(const struct traits *traits, bool *tcp, bool *udp)
{
	_cleanup_(freep) struct canvas *canvas = NULL;

	*tcp = *udp = false;
	if (traits->policy->defaults[PCTL_TO] != VERDICT_DENY)
		return 0;
	canvas = malloc(sizeof(*canvas));
	if (!canvas)
		return -ENOMEM;
	*tcp = is_dropped(canvas, traits, PCTL_SELECTED_TCP);
	*udp = is_dropped(canvas, traits, PCTL_SELECTED_UDP);
	return 0;
}
