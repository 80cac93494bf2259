/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists in braces that may have several lines: those of `set`, `own` and `resolver`. */
#ifndef PCTL_BLOCK_H
#define PCTL_BLOCK_H

#include "parser.h"

/*
 * Reads the list whose brace is the next token, item by item.
 * @take: reads one item and takes its tokens: 0; -EINVAL, reported; -ENOMEM
 * Returns what @take returns, or -EINVAL, reported.
 */
int parse_block(struct parser *parser, int (*take)(struct parser *parser, void *data), void *data);

/* Whether statements begin with this word. In a list it ends the list if a line begins with it,
 * since a brace is missing then. */
bool word_begins_statement(const char *word);

/* After an error in such a statement: skips to the end of its last line, or to a word that begins
 * a statement. */
void parser_leave_set(struct parser *parser);

#endif
