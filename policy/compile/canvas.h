/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 65536 selectors of one protocol in one direction, painted rule by rule. A painted selector
 * keeps its value, so the first match decides. Each selector is painted once and painted stretches
 * are skipped, so all rules together cost little more than the canvas itself.
 */
#ifndef PCTL_CANVAS_H
#define PCTL_CANVAS_H

#include "traits.h"

#define SELECTORS 65536

struct canvas {
	uint32_t values[SELECTORS]; /* outcomes */
	/* Unpainted: its own number. Painted: a larger one, at most that of the next unpainted
	 * selector. */
	uint32_t next[SELECTORS + 1];
};

void canvas_clear(struct canvas *canvas);

/* Paints the selectors of a rule. */
void canvas_paint(struct canvas *canvas, const struct rule *rule, uint32_t value);

/* Paints what plain rules decide. True: everything is painted. */
bool canvas_paint_rules(struct canvas *canvas, const struct traits *traits,
			enum pctl_direction direction, enum pctl_selected which);

/* Paints the rest: implicit rules, default. */
void canvas_paint_rest(struct canvas *canvas, const struct traits *traits,
		       enum pctl_direction direction, enum pctl_selected which);

/* All of it: what plain rules, implicit rules and the default decide. */
void canvas_decide(struct canvas *canvas, const struct traits *traits,
		   enum pctl_direction direction, enum pctl_selected which);

#endif
