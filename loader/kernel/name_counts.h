/* SPDX-License-Identifier: GPL-2.0-only */
/* What an attachment has counted of DNS: what was learnt from answers, and what was not. */
#ifndef PCTL_NAME_COUNTS_H
#define PCTL_NAME_COUNTS_H

#include "generation.h"

/* By enum pctl_name_counter; all 0 where its programs read no names. */
int name_counts(const struct generation *generation, uint64_t counts[PCTL_NAME_COUNTERS]);

#endif
