/* SPDX-License-Identifier: GPL-2.0-only */
/* What an attachment has counted of DNS: what was learnt from answers, and what was not. */
#ifndef PCTL_NAME_COUNTS_H
#define PCTL_NAME_COUNTS_H

#include "generation.h"

struct name_counts {
	bool reads; /* its programs read names; else all counts are 0 */
	uint64_t counts[PCTL_NAME_COUNTERS]; /* by enum pctl_name_counter */
};

int name_counts_read(const struct generation *generation, struct name_counts *counts);

/* Why something was not learnt, one of these from PCTL_NAMES_OTHER on: as a word, and what was
 * counted. */
const char *name_counter_reason(enum pctl_name_counter counter);
const char *name_counter_words(enum pctl_name_counter counter);

#endif
