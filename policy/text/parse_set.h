/* SPDX-License-Identifier: GPL-2.0-only */
/* The statements `set`, `own` and `resolver`, whose lists may have several lines. */
#ifndef PCTL_PARSE_SET_H
#define PCTL_PARSE_SET_H

#include "parser.h"

/* `set NAME …`, from its name on. 0; -EINVAL, reported; -ENOMEM. */
int parse_set(struct parser *parser);

/* `own { … }`, from its second word on; @word is the first. Likewise. */
int parse_own(struct parser *parser, const struct word *word);

/* `resolver { … }`, likewise. */
int parse_resolver(struct parser *parser, const struct word *word);

/* Warns of sets that no rule names, and of files without an address. 0 or -ENOMEM. */
int parser_warn_of_sets(struct parser *parser);

#endif
