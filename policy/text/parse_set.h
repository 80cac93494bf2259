/* SPDX-License-Identifier: GPL-2.0-only */
/* The statement `set`. */
#ifndef PCTL_PARSE_SET_H
#define PCTL_PARSE_SET_H

#include "parser.h"

/* `set NAME …`, from its name on. 0; -EINVAL, reported; -ENOMEM. */
int parse_set(struct parser *parser);

/* After an error in a `set`: goes to the end of its last line, or to where the next statement
 * plainly begins. */
void parser_leave_set(struct parser *parser);

/* Warns of sets that no rule names. 0 or -ENOMEM. */
int parser_warn_of_unused_sets(struct parser *parser);

#endif
