/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits in words: `10mbit burst 2MB each`. */
#ifndef PCTL_LIMIT_WORDS_H
#define PCTL_LIMIT_WORDS_H

#include <stdio.h>

#include "source.h"
#include "treatments.h"

/* Reads `10mbit` or `100pps` into limit->rate and limit->packets. 0; -EINVAL, reported; -ENOMEM. */
int limit_read_rate(struct source *source, const struct word *word, struct limit *limit);

/* Reads `1s`, `2MB` or `50p`, for a limit whose rate is known. Likewise. */
int limit_read_burst(struct source *source, const struct word *word, struct limit *limit);

/* Writes all of it. */
void limit_print(const struct limit *limit, FILE *out);

#endif
