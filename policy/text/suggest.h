/* SPDX-License-Identifier: GPL-2.0-only */
/* Which known word was probably meant. */
#ifndef PCTL_SUGGEST_H
#define PCTL_SUGGEST_H

#include "source.h"

struct suggestion {
	char word[32]; /* what was written; empty when it is too long to be a typing error */
	const char *nearest; /* NULL: nothing is near enough */
	unsigned int distance; /* edits from the word to the nearest */
};

void suggestion_start(struct suggestion *suggestion, const struct word *word);
void suggestion_consider(struct suggestion *suggestion, const char *candidate);

/* For "%s%s%s" at the end of a message. */
#define SUGGESTION_ARGS(suggestion)                                 \
	(suggestion)->nearest ? ", did you mean '" : "",            \
		(suggestion)->nearest ? (suggestion)->nearest : "", \
		(suggestion)->nearest ? "'?" : ""

#endif
