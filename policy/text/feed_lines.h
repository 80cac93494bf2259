/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of addresses by lines: plain ones, with comments, with columns, CSV. */
#ifndef PCTL_FEED_LINES_H
#define PCTL_FEED_LINES_H

#include "feed.h"

/*
 * Reads one address, block or range a line. `#` begins a comment, `;` does at the start of a line
 * or behind a blank. What is behind the first column (`,`, `;`, `|` or blanks end it) is not read,
 * but an address there is an error: nothing that may be meant is left out. The first line may be
 * the header of a CSV file. 0; -EINVAL, reported; -ENOMEM.
 */
int feed_read_lines(struct feed *feed);

#endif
