/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets: `set NAME dns { … }`, `container`, `compose`, `label`, `network`. */
#ifndef PCTL_PARSE_LIVE_H
#define PCTL_PARSE_LIVE_H

#include <stdio.h>

#include "parser.h"

/* Reads what stands behind the name of a set, where neither '{' nor `file` does. 0; -EINVAL,
 * reported; -ENOMEM. */
int parse_live(struct parser *parser, struct set *set);

/* Writes what stands behind the name: `dns { … }`. With @lines each word has its own line. */
void live_print(const struct set *set, bool lines, FILE *out);

/* At the end of the text: DNS names whose addresses a rule wants, and no `resolver` that could say
 * them; a `resolver` that nothing asks. 0; -EINVAL, reported; -ENOMEM. */
int parser_check_resolvers(struct parser *parser);

#endif
