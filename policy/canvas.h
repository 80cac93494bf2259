/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 65536 selectors of one protocol in one direction, painted rule by rule: what is painted
 * stays, so the first match decides. Each selector is painted once, and painted stretches are
 * skipped, so that all rules together cost little more than the canvas itself.
 */
#ifndef PCTL_CANVAS_H
#define PCTL_CANVAS_H

#include "policy.h"

#define SELECTORS 65536

struct canvas {
	uint32_t slots[SELECTORS]; /* who decides; as in decide.h */
	/* Unpainted: itself. Painted: one further on, at or before the next unpainted one. */
	uint32_t next[SELECTORS + 1];
};

/*
 * Paints what decides each selector: rules, implicit rules, default.
 * @reached: NULL, or one flag per rule, set for those that decide some selector
 */
void canvas_decide(struct canvas *canvas, const struct policy *policy,
		   enum pctl_direction direction, unsigned int protocol, bool *reached);

#endif
