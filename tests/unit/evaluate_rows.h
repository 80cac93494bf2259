/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of what a policy means for a frame, by the reference evaluator. */
#ifndef TEST_EVALUATE_ROWS_H
#define TEST_EVALUATE_ROWS_H

#include "evaluate.h"
#include "support.h"

#define KNOWN PCTL_REASON_NONE
#define RULE(number) (PCTL_SLOT_RULES + (number))
#define DEFAULT PCTL_SLOT_DEFAULT
#define KEEP(what) PCTL_SLOT_KEEP_##what

#define FROM PCTL_FROM
#define TO PCTL_TO

/* A policy, frames in the words of tests/frames/frame_text.c, and what is expected. */
struct row {
	const char *policy;
	enum pctl_direction direction;
	const char *frames; /* separated by `;`: the last one is judged, the others go before it */
	bool passes;
	unsigned int slot;
	int reason;
};

/* A policy without errors, for the caller to free. The file of every set holds 198.51.100.0/25 and
 * 2001:db8:f::/48. @lazy: they are not loaded. */
struct policy *evaluate_parse(const char *text, bool lazy);

/* Evaluates frames one after the other; the result is that of the last. */
void evaluate_frames(const struct policy *policy, enum pctl_direction direction, const char *words,
		     struct packet_fields *fields, struct evaluation *evaluation);

/* Fails the test unless each row gives what it expects. */
void check_rows(const struct row *rows, size_t count);

#endif
