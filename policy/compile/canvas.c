/* SPDX-License-Identifier: GPL-2.0-only */
#include "canvas.h"

#include "decide.h"
#include "protocols.h"
#include "selectors.h"

struct brush {
	struct canvas *canvas;
	uint32_t value;
};

void canvas_clear(struct canvas *canvas)
{
	for (uint32_t i = 0; i <= SELECTORS; i++)
		canvas->next[i] = i;
}

/* The first unpainted selector from @at on; SELECTORS if there is none. Halves the path that it
 * walks, as in a union-find forest. */
static uint32_t unpainted(struct canvas *canvas, uint32_t at)
{
	uint32_t *next = canvas->next;

	while (next[at] != at) {
		next[at] = next[next[at]];
		at = next[at];
	}
	return at;
}

static int paint(void *data, uint32_t low, uint32_t high)
{
	const struct brush *brush = data;
	struct canvas *canvas = brush->canvas;

	for (uint32_t i = unpainted(canvas, low); i <= high && i < SELECTORS;
	     i = unpainted(canvas, i + 1)) {
		canvas->values[i] = brush->value;
		canvas->next[i] = i + 1;
	}
	return 0;
}

void canvas_paint(struct canvas *canvas, const struct rule *rule, uint32_t value)
{
	struct brush brush = { canvas, value };

	selectors_each(rule, paint, &brush);
}

bool canvas_paint_rules(struct canvas *canvas, const struct traits *traits,
			enum pctl_direction direction, enum pctl_selected which)
{
	const struct trait *trait;

	for (size_t i = 0; i < traits->count; i++) {
		trait = &traits->rules[i];
		if (!(trait->selected & 1u << which) || !trait_is_in(trait, direction) ||
		    !trait_is_plain(trait))
			continue;
		canvas_paint(canvas, &traits->policy->rules[i], trait->outcome);
		if (!trait->selectors)
			return true;
	}
	return false;
}

void canvas_paint_rest(struct canvas *canvas, const struct traits *traits,
		       enum pctl_direction direction, enum pctl_selected which)
{
	struct brush brush = { .canvas = canvas };
	const struct implicit_rule *implicit;

	for (size_t i = 0; i < policy_implicit_rule_count; i++) {
		implicit = &policy_implicit_rules[i];
		if (!implicit_covers(implicit, traits->policy, direction, protocol_selected[which]))
			continue;
		brush.value = PCTL_OUTCOME(PCTL_PASS, implicit->slot);
		for (size_t j = 0; j < implicit->selector_count; j++)
			paint(&brush, implicit->selectors[j].low, implicit->selectors[j].high);
	}
	brush.value = decide_default(traits, direction);
	paint(&brush, 0, SELECTORS - 1);
}

void canvas_decide(struct canvas *canvas, const struct traits *traits,
		   enum pctl_direction direction, enum pctl_selected which)
{
	canvas_clear(canvas);
	if (!canvas_paint_rules(canvas, traits, direction, which))
		canvas_paint_rest(canvas, traits, direction, which);
}
