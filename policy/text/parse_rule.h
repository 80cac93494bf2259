/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a rule, in a policy or in a SPEC. */
#ifndef PCTL_PARSE_RULE_H
#define PCTL_PARSE_RULE_H

#include "parser.h"

/* Takes `from` or `to`, if it is the next token; else returns both. */
unsigned int parse_directions(struct parser *parser);

/* Takes a verdict, if it is the next token. */
bool parse_verdict(struct parser *parser, enum verdict *verdict);

/*
 * What stands behind the verdict: `[from|to] PROTOCOLS FIELD…`, to the end of the statement. The
 * rule has its verdict; the caller clears it. 0; -EINVAL, reported; -ENOMEM.
 */
int parse_rule(struct parser *parser, struct rule *rule);

/* Only the fields, of a rule whose directions and protocols are known. Likewise. */
int parse_fields(struct parser *parser, struct rule *rule);

/* Reports a word that should be one of @known, which ends with NULL, and is not. -EINVAL or
 * -ENOMEM. */
int parser_unknown_word(struct parser *parser, const char *const *known);

#endif
