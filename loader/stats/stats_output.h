/* SPDX-License-Identifier: GPL-2.0-only */
/* A sample as `stats` prints it: the table for people, JSON for machines (docs/json.md). */
#ifndef PCTL_STATS_OUTPUT_H
#define PCTL_STATS_OUTPUT_H

#include "sample.h"

/* Words for a row: the rule's text, cut where it is very long, or what stands for it. */
#define STATS_WORDS_SIZE 101
void stats_words(const struct sample_row *row, char words[STATS_WORDS_SIZE]);

/* "pass" or "drop". */
const char *stats_verdict(enum verdict verdict);

/* Is the row worth a line in this direction? Not one that does not count there, nor one that is not
 * of the policy's text and never counted. */
bool stats_shows(const struct sample_row *row, enum pctl_direction direction);

/* Prints the table on standard output, with rates or without. 0 or -ENOMEM. */
int stats_table(const struct sample *sample, bool rates);

/* An array of attachments, which must have been sampled as JSON, with rates where there are any;
 * NULL without memory. */
json_t *stats_json(const struct sample *sample);

/* Prints a sample on one line, as --watch does: {"time", "seconds", "attachments"}. 0 or -ENOMEM.
 */
int stats_json_line(const struct sample *sample);

#endif
