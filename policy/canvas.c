/* SPDX-License-Identifier: GPL-2.0-only */
#include "canvas.h"

#include "decide.h"

static void clear(struct canvas *canvas)
{
	for (uint32_t i = 0; i <= SELECTORS; i++)
		canvas->next[i] = i;
}

/* The first unpainted selector from @at on, SELECTORS if there is none. Halves the path it walks,
 * as in a union-find forest. */
static uint32_t unpainted(struct canvas *canvas, uint32_t at)
{
	uint32_t *next = canvas->next;

	while (next[at] != at) {
		next[at] = next[next[at]];
		at = next[at];
	}
	return at;
}

/* Returns whether anything was left to paint. */
static bool paint(struct canvas *canvas, uint32_t low, uint32_t high, uint32_t slot)
{
	bool painted = false;

	for (uint32_t i = unpainted(canvas, low); i <= high && i < SELECTORS;
	     i = unpainted(canvas, i + 1)) {
		canvas->slots[i] = slot;
		canvas->next[i] = i + 1;
		painted = true;
	}
	return painted;
}

/* One ICMP type with the codes of the rule. */
static bool paint_type(struct canvas *canvas, const struct rule *rule, uint32_t type, uint32_t slot)
{
	bool painted = false;

	for (size_t i = 0; i < rule->codes.count; i++)
		painted |= paint(canvas, type << 8 | rule->codes.items[i].low,
				 type << 8 | rule->codes.items[i].high, slot);
	return painted;
}

static bool paint_types(struct canvas *canvas, const struct rule *rule, uint32_t slot)
{
	bool painted = false;

	for (size_t i = 0; i < rule->types.count; i++) {
		uint32_t low = rule->types.items[i].low, high = rule->types.items[i].high;

		if (!rule->codes.count) {
			painted |= paint(canvas, low << 8, high << 8 | 0xff, slot);
			continue;
		}
		for (uint32_t type = low; type <= high; type++)
			painted |= paint_type(canvas, rule, type, slot);
	}
	return painted;
}

static bool paint_rule(struct canvas *canvas, const struct rule *rule, uint32_t slot)
{
	bool painted = false;

	if (rule->types.count)
		return paint_types(canvas, rule, slot);
	for (size_t i = 0; i < rule->dports.count; i++)
		painted |=
			paint(canvas, rule->dports.items[i].low, rule->dports.items[i].high, slot);
	if (!rule->dports.count)
		painted = paint(canvas, 0, SELECTORS - 1, slot);
	return painted;
}

static void paint_rest(struct canvas *canvas, const struct policy *policy,
		       enum pctl_direction direction, unsigned int protocol)
{
	const struct implicit_rule *implicit;

	for (size_t i = 0; i < policy_implicit_rule_count; i++) {
		implicit = &policy_implicit_rules[i];
		if (!implicit_covers(implicit, policy, direction, protocol))
			continue;
		for (size_t j = 0; j < implicit->selector_count; j++)
			paint(canvas, implicit->selectors[j].low, implicit->selectors[j].high,
			      implicit->slot);
	}
	paint(canvas, 0, SELECTORS - 1, PCTL_SLOT_DEFAULT);
}

void canvas_decide(struct canvas *canvas, const struct policy *policy,
		   enum pctl_direction direction, unsigned int protocol, bool *reached)
{
	const struct rule *rule;

	clear(canvas);
	for (size_t i = 0; i < policy->count; i++) {
		rule = &policy->rules[i];
		if (!rule_covers(rule, direction, protocol))
			continue;
		if (paint_rule(canvas, rule, PCTL_SLOT_RULES + (uint32_t)i) && reached)
			reached[i] = true;
		if (!rule_has_selectors(rule))
			return; /* nothing is left */
	}
	paint_rest(canvas, policy, direction, protocol);
}
