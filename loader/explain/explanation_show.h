/* SPDX-License-Identifier: GPL-2.0-only */
/* An explanation, for people and as JSON (docs/json.md). */
#ifndef PCTL_EXPLANATION_SHOW_H
#define PCTL_EXPLANATION_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "explanation.h"

/* Which end of a packet is called `container`, not by its address. */
enum container_end {
	CONTAINER_ANY, /* neither: both addresses are known */
	CONTAINER_SOURCE,
	CONTAINER_DESTINATION,
};

/* What a packet is: `tcp container:40000 > 198.51.100.7:443`. malloc'd, NULL without memory. */
char *packet_fields_text(const struct packet_fields *fields, enum container_end container);

/* What becomes of the packet: "passes", "dropped", "rejected", "passes: would be dropped (audit)",
 * "passes: would be rejected (audit)". */
const char *decision_words(const struct decision *decision);

/* What decided: `rule 7 (2 of 3): deny tcp`, `web.policy:4:1: deny  tcp`, `default to deny, …`.
 * malloc'd, NULL without memory. */
char *decision_text(const struct explainer *explainer, const struct explanation *explanation,
		    const struct decision *decision);

/* All of it on standard output: several lines. */
void explanation_print(const struct explainer *explainer, const struct explanation *explanation);

/* What becomes of the packet that answers the explained one: two lines behind explanation_print().
 */
void explanation_print_answer(const struct explainer *explainer, const struct explanation *answer);

/* Verdict and what decided, in one line without its end, coloured on a terminal. */
void explanation_print_short(const struct explainer *explainer,
			     const struct explanation *explanation);

json_t *explanation_json(const struct explainer *explainer, const struct explanation *explanation);

/* Writes that the programs and the evaluator disagree, what each of them says, and the frame. */
void explanation_write_fault(FILE *out, const struct explainer *explainer,
			     const struct explanation *explanation, const uint8_t *frame,
			     size_t length);

#endif
