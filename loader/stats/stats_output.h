/* SPDX-License-Identifier: GPL-2.0-only */
/* A sample as `stats` prints it: the table for people, JSON for machines (docs/json.md). */
#ifndef PCTL_STATS_OUTPUT_H
#define PCTL_STATS_OUTPUT_H

#include "sample.h"

/* The words for a row: the text of the rule, cut if it is very long, or the row's name. */
#define STATS_WORDS_SIZE 101
void stats_words(const struct sample_row *row, char words[STATS_WORDS_SIZE]);

/* Has the row a line in this direction? Not if it does not count there; nor if it has never counted
 * and is neither a rule nor the default. */
bool stats_shows(const struct sample_row *row, enum pctl_direction direction);

/* Prints the table on standard output, with rates or without. 0 or -ENOMEM. */
int stats_table(const struct sample *sample, bool rates);

/* An array of the attachments, with rates if there are any; NULL without memory. The sample must
 * have been taken with JSON. */
json_t *stats_json(const struct sample *sample);

/* Prints a sample on one line, as --watch does: {"time", "seconds", "attachments"}. 0 or -ENOMEM.
 */
int stats_json_line(const struct sample *sample);

#endif
